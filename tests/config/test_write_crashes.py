"""Servers and PostgreSQL are killed with -9 while records are written with keys, each sent again until it is answered:
every write happens exactly once, and every answer is the first one's."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

import psycopg

from tests.config.copies import Copy, wait_until
from tests.config.made import with_demo
from tests.config.test_quickstart import start
from tests.config.test_ticket_crashes import kill_database, kill_server

CLIENTS = 6
FIELD = "text_1691116775689_fb4558"


class Writer:
    """Creates records one by one and changes each, every call with its key until it is answered; some are sent again
    though they were."""

    def __init__(self, facts: dict[str, Any], number: int) -> None:
        self.url = f"{facts['base_url']}/apaas/api/v2/form_entities"
        self.token = facts["token"]
        self.number = number
        self.made: list[int] = []
        self.names: list[str] = []
        self.failed = 0
        self.differing: list[tuple[bytes, bytes]] = []
        self.stopping = threading.Event()

    def sent(self, path: str, key: str, values: dict[str, Any]) -> bytes:
        """The answer of a call, asked for until it is a success."""
        body = {"custom_form_id": 2, "form_entity": values, "only_field_names": ["id", FIELD, "version"]}
        while True:
            request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), method="POST")
            request.add_header("ACCESS-TOKEN", self.token)
            request.add_header("Content-Type", "application/json")
            request.add_header("Idempotency-Key", key)
            try:
                with urllib.request.urlopen(request, timeout=20) as response:
                    answer: bytes = response.read()
                    return answer
            except urllib.error.HTTPError as error:
                assert error.code in (409, 429, 503), error.read()
            except (OSError, HTTPException):
                pass
            self.failed += 1
            time.sleep(0.05)

    def run(self) -> None:
        while not self.stopping.is_set():
            number = len(self.made)
            name = f"writer {self.number} record {number}"
            first = self.sent("", f"create-{self.number}-{number}", {FIELD: name})
            record = json.loads(first)["data"]
            changed = self.sent(f"/{record['id']}", f"change-{self.number}-{number}", {FIELD: f"{name} changed"})
            assert json.loads(changed)["data"]["version"] == 2, changed
            if number % 3 == 0:
                again = self.sent("", f"create-{self.number}-{number}", {FIELD: name})
                self.differing += [(first, again)] if again != first else []
            self.made.append(record["id"])
            self.names.append(f"{name} changed")


def test_each_write_happens_once_and_each_answer_is_the_first(copy: Copy) -> None:
    process, facts = start(with_demo(copy))
    writers = [Writer(facts, number) for number in range(CLIENTS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()

    def count() -> int:
        return sum(len(writer.made) for writer in writers)

    try:
        for _kill in range(2):
            for kill in (kill_server, kill_database):
                begun = count()
                wait_until(lambda before=begun: count() > before + 30, what="writes go on", seconds=60)  # type: ignore[misc]
                kill(copy)
        begun = count()
        wait_until(lambda: count() > begun + 30, what="writes go on after it all", seconds=60)
    finally:
        for writer in writers:
            writer.stopping.set()
        for thread in threads:
            thread.join(60)
    assert sum(writer.failed for writer in writers)
    assert [writer.differing for writer in writers if writer.differing] == []
    check(copy, writers)
    process.terminate()
    process.communicate(timeout=30)


def check(copy: Copy, writers: list[Writer]) -> None:
    """What the database holds: each record once, changed once."""
    wait_until(lambda: copy.cluster.answers(), what="the database is back")
    with psycopg.connect(copy.cluster.url) as connection:
        rows = connection.execute(
            "SELECT id, data ->> %s, version FROM form_entity WHERE custom_form_id = 2 AND data ->> %s LIKE %s",
            [FIELD, FIELD, "writer %"],
        ).fetchall()
    assert sorted(row[0] for row in rows) == sorted(number for writer in writers for number in writer.made)
    assert sorted(row[1] for row in rows) == sorted(name for writer in writers for name in writer.names)
    assert {row[2] for row in rows} == {2}
