"""The worker of background jobs while its database is away."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError

from config.management.commands import procrastinate as command
from tests.config.copies import PROJECT, Copy, wait_until
from tests.config.made import with_demo


@pytest.mark.slow
def test_it_outlives_a_database_that_is_away_and_ends_when_told(copy: Copy, folder: Path) -> None:
    with_demo(copy)
    cluster = copy.cluster
    cluster.join()
    url, log = cluster.url, folder / "log"

    def heartbeats() -> set[int]:
        with psycopg.connect(url) as connection:
            return {pk for (pk,) in connection.execute("SELECT id FROM procrastinate_workers")}

    def says(text: str) -> bool:
        return text in log.read_text()

    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "procrastinate", "worker"],
            cwd=PROJECT,
            env=copy.environment(DATABASE_URL=url, LOG_LEVEL="WARNING"),
            stderr=output,
        )
    try:
        wait_until(heartbeats, what="it works")
        before = heartbeats()
        cluster.leave()
        wait_until(lambda: says("database away, waiting"), what="it waits", seconds=90)
        assert worker.poll() is None
        cluster.join()
        wait_until(lambda: heartbeats() - before, what="it works again", seconds=60)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
        cluster.leave()


class Ended(Exception):
    """Ends the test's worker, which nothing else ends."""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long it waited each time; nobody waits."""
    found: list[float] = []
    monkeypatch.setattr(command.time, "sleep", found.append)
    return found


def test_it_looks_for_the_database_until_it_is_there(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    def connect() -> None:
        if len(pauses) < 700:  # more than ten minutes
            raise OperationalError("away")

    monkeypatch.setattr(command.connection, "ensure_connection", connect)
    monkeypatch.setattr(command.connection, "close", lambda: None)
    monkeypatch.setattr(command, "refuse_pooler", lambda what: None)
    command.wait_for_database()
    assert pauses == [command.LOOK_SECONDS] * 700


@pytest.mark.parametrize("ending", [SystemExit(0), SystemExit(1), None])
def test_whatever_ends_it_unasked_it_begins_again_later_and_later(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float], ending: SystemExit | None
) -> None:
    def handle(*_args: Any, **_options: Any) -> None:
        if len(pauses) == 8:
            raise Ended
        if ending:
            raise ending

    monkeypatch.setattr(command, "wait_for_database", lambda: None)
    monkeypatch.setattr(command.ProcrastinateCommand, "handle", handle)
    with pytest.raises(Ended):
        call_command("procrastinate", "worker")
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize("arguments", [["worker", "--one-shot"], ["healthchecks"]])
def test_what_is_to_end_by_itself_ends(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    called = []
    monkeypatch.setattr(command, "refuse_pooler", lambda what: None)
    monkeypatch.setattr(command.ProcrastinateCommand, "handle", lambda *_args, **options: called.append(options))
    call_command("procrastinate", *arguments)
    assert len(called) == 1


def test_a_signal_ends_it_with_what_it_has_begun(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    done = []

    async def run(**options: Any) -> None:
        assert options["install_signal_handlers"] is False
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            done.append("the last job")
            raise

    def handle(self: Any, *_args: Any, **options: Any) -> None:
        asyncio.run(options["func"](app=None))

    monkeypatch.setattr(command, "wait_for_database", lambda: None)
    monkeypatch.setattr(command.ProcrastinateCommand, "handle", handle)
    command.Command().handle(command="worker", func=run)
    assert (done, pauses) == (["the last job"], [])
