"""Connections, servers and PostgreSQL are killed while records are written with keys, each call sent again until it is
answered: every write happens exactly once, and every answer is the first one's."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.client import HTTPException
from random import Random
from typing import Any, NamedTuple

import psycopg
import pytest

from tests.config.copies import PATIENCE, Copy, wait_until
from tests.config.made import with_demo
from tests.config.poolers import Pooler, pooled
from tests.config.test_quickstart import start
from tests.config.test_ticket_crashes import kill_database, kill_server
from tests.scale import FULL, scaled, seen

CLIENTS = scaled(6, 16)
RECORDS = scaled(150, 5_008)
"""So many are made, and each is changed once: 10,000 writes at full scale."""
KILLS = scaled(6, 80)
CROWD = 64
"""So many come at once with one key."""
FIELD = "text_1691116775689_fb4558"
WAYS = ("straight", "pgbouncer") if FULL else ("straight",)


class Answered(NamedTuple):
    path: str
    key: str
    values: dict[str, Any]
    answer: bytes


class Writer:
    """Creates records one by one and changes each, every call with its key until it is answered; some hang up before
    they are."""

    def __init__(self, facts: dict[str, Any], number: int = 0, records: int = 0) -> None:
        self.url = f"{facts['base_url']}/apaas/api/v2/form_entities"
        self.token = facts["token"]
        self.number, self.records = number, records
        self.chance = Random(number)
        self.answered: list[Answered] = []
        self.made: list[int] = []
        self.failed: Counter[str] = Counter()
        self.done = False
        self.wrong: Exception | None = None

    def sent(self, path: str, key: str, values: dict[str, Any], *, hang_up: float = 0) -> tuple[bytes, bool]:
        """The answer of a call, asked for until it is a success, and whether it says that it is an earlier one's."""
        body = {"custom_form_id": 2, "form_entity": values, "only_field_names": ["id", FIELD, "version"]}
        while True:
            request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), method="POST")
            request.add_header("ACCESS-TOKEN", self.token)
            request.add_header("Content-Type", "application/json")
            request.add_header("Idempotency-Key", key)
            hurry = self.chance.random() < hang_up
            try:
                with urllib.request.urlopen(request, timeout=0.005 if hurry else 20) as response:
                    return response.read(), "Idempotency-Replayed" in response.headers
            except urllib.error.HTTPError as error:
                assert error.code in (409, 429, 503), error.read()
                self.failed[str(error.code)] += 1
            except (OSError, HTTPException):
                self.failed["hung up" if hurry else "no answer"] += 1
            time.sleep(0 if hurry else 0.05)

    def write(self, path: str, key: str, values: dict[str, Any]) -> dict[str, Any]:
        answer, _replayed = self.sent(path, key, values, hang_up=0.05)
        self.answered.append(Answered(path, key, values, answer))
        data: dict[str, Any] = json.loads(answer)["data"]
        return data

    def run(self) -> None:
        try:
            self.write_all()
        except Exception as error:  # what nobody waits half an hour for
            self.wrong = error
            raise

    def write_all(self) -> None:
        for number in range(self.records):
            name = f"writer {self.number} record {number}"
            record = self.write("", f"create-{self.number}-{number}", {FIELD: name})
            changed = self.write(f"/{record['id']}", f"change-{self.number}-{number}", {FIELD: f"{name} changed"})
            assert (changed["id"], changed["version"]) == (record["id"], 2)
            self.made.append(record["id"])
        self.done = True

    def again(self) -> None:
        """Send everything once more: each is answered as it was, to the byte."""
        self.done = False
        for path, key, values, answer in self.answered:
            assert self.sent(path, key, values) == (answer, True), key
        self.done = True


@pytest.mark.parametrize("way", WAYS)
def test_each_write_happens_once_and_each_answer_is_the_first(copy: Copy, way: str) -> None:
    with served(copy, way) as (facts, pooler):
        writers = [Writer(facts, number, RECORDS // CLIENTS) for number in range(CLIENTS)]
        chance = Random(7)
        kills: Counter[str] = Counter()
        kinds: list[Callable[[Copy], None]] = [kill_connections, kill_worker, kill_server, kill_database]
        if pooler:
            kinds.append(pooler.kill)
        began = time.monotonic()
        with running([writer.run for writer in writers]):
            for place, moment in enumerate(sorted(chance.sample(range(CLIENTS, RECORDS * 9 // 10), KILLS))):
                wait_until(lambda m=moment: count(writers) >= m, what="writes go on", seconds=PATIENCE)  # type: ignore[misc]
                time.sleep(chance.random() / 10)
                kinds[place % len(kinds)](copy)
                kills[kinds[place % len(kinds)].__name__] += 1
            everything = sum(writer.records for writer in writers)
            wait_until(lambda: count(writers) == everything, what="all is written", seconds=PATIENCE)
        taken = round(time.monotonic() - began)
        assert sum(failed["no answer"] for failed in (writer.failed for writer in writers))
        with running([writer.again for writer in writers]):
            pass
        assert all(writer.done for writer in writers)
        check(copy, writers)
        failed = sum((writer.failed for writer in writers), Counter())
        written = sum(len(writer.answered) for writer in writers)
        seen(f"exactly once, {way}", writes=written, seconds=taken, kills=kills, sent_again_after=failed)
        crowd(copy, facts)


@contextmanager
def served(copy: Copy, way: str) -> Iterator[tuple[dict[str, Any], Pooler | None]]:
    """The demo, its database reached straight or by a pooler."""
    with_demo(copy)
    with pooled(copy, copy.data_dir.parent / "pooler") if way == "pgbouncer" else nullcontext() as pooler:
        through = pooler.environment if pooler else {}
        process, facts = start(copy, seconds=PATIENCE, **through)
        # What it says of the kills is more than a pipe holds: whoever writes to a full one waits for ever.
        reading = threading.Thread(target=process.communicate, daemon=True)
        reading.start()
        try:
            yield facts, pooler
        finally:
            process.terminate()
            reading.join(30)


@contextmanager
def running(jobs: list[Callable[[], None]]) -> Iterator[None]:
    """The jobs in threads; at the end of the block they are waited for."""
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def count(writers: list[Writer]) -> int:
    """How many records they have made and changed. Raises what went wrong with one of them."""
    for writer in writers:
        if writer.wrong is not None:
            raise writer.wrong
    return sum(len(writer.made) for writer in writers)


def kill_connections(copy: Copy) -> None:
    """Half of those that the database has."""
    with suppress(psycopg.Error), psycopg.connect(copy.cluster.url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < 0.5"
        )


def kill_worker(copy: Copy) -> None:
    """One process of the server that answers, and not the one that starts it."""
    for pid in sorted(copy.processes("granian"))[1:2]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def rows(copy: Copy, sql: str, like: str) -> list[Any]:
    wait_until(lambda: copy.cluster.answers(), what="the database is back", seconds=PATIENCE)
    with psycopg.connect(copy.cluster.url) as connection:
        return connection.execute(sql, {"field": FIELD, "like": like}).fetchall()


STORED = (
    "SELECT id, data ->> %(field)s, version FROM form_entity "
    "WHERE custom_form_id = 2 AND data ->> %(field)s LIKE %(like)s"
)
LOGGED = (
    "SELECT entity_id, action FROM form_entity_change WHERE custom_form_id = 2 "
    "AND (changes ->> %(field)s LIKE %(like)s OR changes -> %(field)s ->> 1 LIKE %(like)s)"
)


def check(copy: Copy, writers: list[Writer]) -> None:
    """What the database holds: each record once, changed once, and two entries of it in the log."""
    stored = rows(copy, STORED, "writer %")
    made = sorted(number for writer in writers for number in writer.made)
    assert sorted(row[0] for row in stored) == made
    names = [f"writer {w.number} record {number} changed" for w in writers for number in range(w.records)]
    assert sorted(row[1] for row in stored) == sorted(names)
    assert {row[2] for row in stored} == {2}
    logged = sorted(rows(copy, LOGGED, "writer %"))
    assert logged == [(number, action) for number in made for action in ("created", "updated")]


def crowd(copy: Copy, facts: dict[str, Any]) -> None:
    """Many come at once with one key: one record, and one answer."""
    gate, answers = threading.Barrier(CROWD), []

    def come() -> None:
        writer = Writer(facts)
        gate.wait(PATIENCE)
        answers.append(writer.sent("", "the-only-one", {FIELD: "crowd"}))

    with running([come] * CROWD):
        pass
    assert len({answer for answer, _replayed in answers}) == 1
    assert [replayed for _answer, replayed in answers].count(False) <= 1  # none: the first did not hear its answer
    assert len(rows(copy, STORED, "crowd")) == len(rows(copy, LOGGED, "crowd")) == 1
    seen("one key at once", clients=CROWD)
