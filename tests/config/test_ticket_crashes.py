"""Servers and PostgreSQL are killed with -9 while tickets are pushed: no acknowledged push is lost, none half done."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import psycopg

from forms_app.flows.language import replayed
from tests.config.copies import Copy, wait_until
from tests.config.made import with_demo
from tests.config.test_quickstart import start

CLIENTS = 6


class Pusher:
    """Opens tickets and pushes them to their end, over and over; remembers what was acknowledged."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.flow = next(flow for flow in facts["flows"] if not flow["validating"])
        self.opened: list[str] = []
        self.pushed: list[str] = []
        self.failed = 0
        self.stopping = threading.Event()

    def call(self, path: str, **body: Any) -> dict[str, Any]:
        content = json.dumps({"security": self.facts["token"], **body}).encode()
        url = f"{self.facts['base_url']}/rest/flowmanage/api/{path}/{self.flow['api_path']}"
        with urllib.request.urlopen(urllib.request.Request(url, content), timeout=20) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.one_ticket()
            except (OSError, HTTPException):  # the server or the database is away, maybe in the middle of its answer
                self.failed += 1
                time.sleep(0.05)

    def one_ticket(self) -> None:
        answer = self.call("omdata/edit", action="create", formdata=self.flow["create_formdata"])
        if answer["message"] != "開單成功。":
            return
        self.opened.append(answer["result"])
        while not self.stopping.is_set():
            (stage,) = self.call("omdata-data-id/get", data_no=answer["result"])["result"] or (None,)
            if stage is None:
                return
            formdata = self.flow["push_formdata"][stage["stop_chart_text"]]
            done = self.call("omdata/edit", action="update", data_id=stage["data_id"], formdata=formdata)
            if done["message"] == "推單成功。":
                self.pushed.append(stage["data_id"])


def test_no_acknowledged_push_is_lost_and_none_is_half_done(copy: Copy) -> None:
    process, facts = start(with_demo(copy))
    pushers = [Pusher(facts) for _client in range(CLIENTS)]
    threads = [threading.Thread(target=pusher.run) for pusher in pushers]
    for thread in threads:
        thread.start()

    def count() -> int:
        return sum(len(pusher.pushed) for pusher in pushers)

    try:
        for _kill in range(2):
            for kill in (kill_server, kill_database):
                begun = count()
                wait_until(lambda before=begun: count() > before + 20, what="pushes go on", seconds=60)  # type: ignore[misc]
                kill(copy)
        begun = count()
        wait_until(lambda: count() > begun + 20, what="pushes go on after it all", seconds=60)
    finally:
        for pusher in pushers:
            pusher.stopping.set()
        for thread in threads:
            thread.join(30)
    assert sum(pusher.failed for pusher in pushers)
    check(copy, pushers)
    process.terminate()
    process.communicate(timeout=30)


def kill_server(copy: Copy) -> None:
    for pid in copy.processes("granian"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_database(copy: Copy) -> None:
    os.kill(copy.postmaster(), signal.SIGKILL)


def check(copy: Copy, pushers: list[Pusher]) -> None:
    """What the database holds: every acknowledged ticket and push, each once; and histories that tell where tickets
    stand."""
    wait_until(lambda: copy.cluster.answers(), what="the database is back")
    with psycopg.connect(copy.cluster.url) as connection:
        tickets = dict(connection.execute("SELECT id, data_no FROM ticket").fetchall())
        numbers = sorted(tickets.values())
        assert numbers == list(range(1, len(numbers) + 1))
        assert {int(number) for pusher in pushers for number in pusher.opened} <= set(numbers)
        records = connection.execute(
            "SELECT count(*) FROM ticket JOIN form_entity USING (custom_form_id) WHERE form_entity.id = entity_id"
        ).fetchone()
        assert records == (len(tickets),)
        steps = connection.execute("SELECT ticket_id, action, closed, opened FROM ticket_step ORDER BY id").fetchall()
        open_now = connection.execute("SELECT ticket_id, id FROM ticket_token WHERE state <> 'done'").fetchall()
        running = connection.execute("SELECT id FROM ticket WHERE state = 'running'").fetchall()
    closed = [token for _ticket, action, closed, _opened in steps if action == "push" for token in closed]
    assert len(closed) == len(set(closed))
    assert {int(data_id) for pusher in pushers for data_id in pusher.pushed} <= set(closed)
    for ticket in tickets:
        own = [(row[2], [token[0] for token in row[3]]) for row in steps if row[0] == ticket]
        assert replayed(own) == {token for of, token in open_now if of == ticket}
    assert {row[0] for row in running} == {of for of, _token in open_now}
