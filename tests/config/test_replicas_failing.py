"""The proof: many clients write and read while a standby is killed and the primary is lost and another promoted. Nobody
reads less than what they were told is written, nobody is answered 500, and nothing that was confirmed is gone."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.apaas.live import Live, serving
from tests.config.copies import wait_until
from tests.config.replicated import FIELD, FORM, Caller, Node, Told, caught_up, replicated
from tests.scale import scaled, seen

pytestmark = pytest.mark.slow
CLIENTS = scaled(6, 16)
SECONDS = scaled(14, 60)
RATE_SECONDS = scaled(1, 10)
LISTS = f"?{FORM}&search_column_name={FIELD}&query=client&per_page=50"


class Client(Caller):
    """Counts up in a record of its own, by whichever server, and reads it back."""

    def __init__(self, token: str, servers: list[Live], number: int) -> None:
        super().__init__(token)
        self.servers, self.number = servers, number
        self.chance = random.Random(number)
        self.record = 0
        self.sent = 0
        self.last: tuple[int, str] = (0, "")
        """What was told to be written, and the header that came with it."""
        self.answers: Counter[int] = Counter()
        self.reads = 0
        self.wrong: list[str] = []
        self.others: list[Client] = []

    def asked(self, method: str, path: str, body: Any = None, **headers: str) -> Told | None:
        """An answer of 200; None for one of 503, or where the connection broke."""
        try:
            answer = self.call(self.chance.choice(self.servers), method, path, body, **headers)
        except (OSError, HTTPException):
            self.answers[0] += 1
            return None
        self.answers[answer.status] += 1
        if answer.status not in (200, 503):
            self.wrong.append(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return answer if answer.status == 200 else None

    def begin(self) -> None:
        made = self.asked("POST", "", {"custom_form_id": 2, "form_entity": {FIELD: self.text(0)}})
        assert made is not None
        self.record, self.last = made.data["id"], (0, made.headers["X-Read-After"])

    @property
    def told(self) -> int:
        return self.last[0]

    def text(self, number: int) -> str:
        return f"client {self.number}: {number}"

    def write(self) -> None:
        self.sent += 1
        values = {"custom_form_id": 2, "form_entity": {FIELD: self.text(self.sent)}}
        answer = self.asked("PUT", f"/{self.record}", values)
        if answer is None:
            time.sleep(0.05)
            return
        self.last = self.sent, answer.headers["X-Read-After"]

    def read(self) -> None:
        """Read the record in one of three ways: it says at least what was told to be written."""
        way = self.chance.randrange(3)
        path = (
            f"/{self.record}?{FORM}",
            f"?{FORM}&filters[0][name]=id&filters[0][op]=in&filters[0][value][]={self.record}",
            f"?{FORM}&search_column_name={FIELD}&query=client%20{self.number}:",
        )[way]
        answer = self.asked("GET", path)
        if answer is None:
            time.sleep(0.05)
            return
        records = answer.data["models"] if way else [answer.data]
        found = [int(record[FIELD].rpartition(" ")[2]) for record in records if record["id"] == self.record]
        self.reads += 1
        if len(found) != 1 or not self.told <= found[0] <= self.sent:
            self.wrong.append(f"{self.number} read {found}, was told {self.told} and sent {self.sent}")

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.write()
            for _time in range(3):
                self.read()
            self.read_told(self.chance.choice(self.others))

    def read_told(self, other: Client) -> None:
        """Read what another member says that they wrote."""
        least, header = other.last
        answer = self.asked("GET", f"/{other.record}?{FORM}", X_Read_After=header)
        if answer is not None and int(answer.data[FIELD].rpartition(" ")[2]) < least:
            self.wrong.append(f"{self.number} was told of {least} by {other.number}, and read {answer.data[FIELD]}")


def clients_of(alice: Caller, servers: list[Live]) -> list[Client]:
    """Each another member of the organization."""
    users = [{"third_userid": f"client-{number}", "name": f"Client {number}"} for number in range(CLIENTS)]
    made = outside(alice, servers[0], "PUT", "/users/mass_upsert", {"users": users})
    clients = []
    for number, row in enumerate(made["results"]):
        token = outside(alice, servers[0], "POST", "/tokens", {"uid": row["uid"], "name": "a client"})["token"]
        clients.append(Client(token, servers, number))
    for client in clients:
        client.others = [other for other in clients if other is not client]
        client.begin()
    return clients


def outside(caller: Caller, live: Live, method: str, path: str, body: Any) -> Any:
    """A call on what is not records."""
    return caller.call(live, method, f"/..{path}", body).data


def lists_a_second(servers: list[Live], clients: list[Client]) -> float:
    """Filtered pages with their totals, by four of the clients at once."""
    done: Counter[int] = Counter()
    ends = time.monotonic() + RATE_SECONDS

    def ask(client: Client) -> None:
        while time.monotonic() < ends:
            done[client.call(client.chance.choice(servers), "GET", LISTS).status] += 1

    threads = [threading.Thread(target=ask, args=[client]) for client in clients[:4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(done) == {200}
    return round(done[200] / RATE_SECONDS, 1)


def test_nobody_reads_less_than_they_were_told_is_written(tmp_path: Path) -> None:
    with replicated() as (nodes, environment, tokens), ExitStack() as serve:
        alice = Caller(tokens[0])
        log = tmp_path / "server.log"
        servers = [serve.enter_context(serving(1, log, **environment)), serve.enter_context(serving(1, **environment))]
        clients = clients_of(alice, servers)
        nodes.primary.confirm()
        first, second = nodes.standbys
        with ExitStack() as alone:
            one_node = {**environment, "REPLICA_URLS": ""}
            plain = [alone.enter_context(serving(1, **one_node)) for _server in servers]
            rates = {"one_node": lists_a_second(plain, clients), "with_replicas": lists_a_second(servers, clients)}
        stop = threading.Event()
        threads = [threading.Thread(target=client.run, args=[stop]) for client in clients]
        for thread in threads:
            thread.start()
        try:
            time.sleep(SECONDS * 0.2)
            first.kill()
            time.sleep(SECONDS * 0.15)
            first.start()
            caught_up(nodes.primary, first)
            time.sleep(SECONDS * 0.2)
            down = promoted_after_loss(nodes.primary, first, second)
            time.sleep(SECONDS * 0.45)
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)
        answers = sum((client.answers for client in clients), Counter())
        assert [wrong for client in clients for wrong in client.wrong] == []
        assert set(answers) <= {0, 200, 503}
        for client in clients:
            client.read()
            assert client.wrong == []
        writes, reads = sum(client.told for client in clients), sum(client.reads for client in clients)
        assert min(client.told for client in clients) > 3
        seen(
            "replicas",
            clients=CLIENTS,
            seconds=SECONDS,
            writes=writes,
            reads=reads,
            answers=dict(answers),
            seconds_without_primary=down,
            lists_a_second=rates,
        )
        assert "request failed" not in log.read_text()


def promoted_after_loss(primary: Node, first: Node, second: Node) -> float:
    """The primary dies, and who has more of its log takes its place; how long there was none."""
    began = time.monotonic()
    primary.kill()
    received = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::bigint"
    ahead, other = sorted((first, second), key=lambda node: node.ask(received), reverse=True)
    ahead.promote()
    down = round(time.monotonic() - began, 1)
    other.follow(ahead)
    wait_until(lambda: ahead.ask("SELECT count(*) FROM pg_stat_replication") == 1, what="the other follows")
    return down
