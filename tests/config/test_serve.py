"""`manage.py serve` and `manage.py work`: what production runs."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.apaas.live import database_url
from tests.config.copies import PROJECT, Copy, wait_until

pytestmark = pytest.mark.slow
NOBODYS = "postgresql://nobody@db.invalid/nothing"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("command", ["serve", "work"])
@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "DATABASE_URL"),
        ({"DATABASE_URL": NOBODYS}, "SECRET_KEY"),
        ({"DATABASE_URL": NOBODYS, "SECRET_KEY": "key", "MAX_FILTERS": "0"}, "config.E001"),
        ({"DATABASE_URL": NOBODYS, "SECRET_KEY": "key", "MAX_FILTERS": "many"}, '"MAX_FILTERS"'),
        ({"DATABASE_URL": "db.example.org", "SECRET_KEY": "key"}, "DATABASE_URL"),
    ],
    ids=["nothing", "no key", "too small", "no number", "no address"],
)
def test_without_its_settings_a_program_ends_with_a_sentence(
    command: str, variables: dict[str, str], told: str, tmp_path: Path
) -> None:
    done = Copy(tmp_path / "data").manage(command, **variables)
    assert done.returncode == os.EX_CONFIG
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists(), "nothing was started or made"


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = Copy(tmp_path / "data").manage(
            "serve", "--port", str(taken.getsockname()[1]), DATABASE_URL=NOBODYS, SECRET_KEY="key"
        )
    assert done.returncode == 1
    assert "--port" in done.stderr and "Traceback" not in done.stderr


class Served:
    """A server in a process of its own, and what its callers met."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port, self.process, self._log = port, process, log
        self.met: Counter[str] = Counter()

    def ask(self) -> str:
        """What one call over a connection of its own meets: a status, or an error's name."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", "/livez")
            return str(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()

    def said(self) -> str:
        return self._log.read_text()


@pytest.fixture
def served(transactional_db: None, tmp_path: Path) -> Iterator[Served]:
    port, log = free_port(), tmp_path / "log"
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment = {**inherited, "DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
            cwd=PROJECT,
            env=environment,
            stdout=errors,
            stderr=errors,
        )
    found = Served(port, process, log)
    try:
        wait_until(lambda: found.ask() == "200", what="it serves")
        yield found
    finally:
        process.terminate()
        process.wait(30)


def test_a_reload_refuses_nobody(served: Served) -> None:
    """docs/decisions/067-running-it.md: the new process listens before the old one stops."""
    done = threading.Event()

    def call() -> None:
        while not done.is_set():
            served.met[served.ask()] += 1

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    served.process.send_signal(signal.SIGHUP)
    try:
        wait_until(lambda: "Stopped old worker-1" in served.said(), what="another process serves", seconds=60)
    finally:
        done.set()
        for caller in callers:
            caller.join()
    assert set(served.met) == {"200"}, served.met


def test_told_to_stop_it_ends(served: Served) -> None:
    served.process.terminate()
    assert served.process.wait(30) == 0
    assert served.ask() == "ConnectionRefusedError"
