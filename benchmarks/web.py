"""The HTTP servers that are compared: the product as quickstart serves it, and the ordinary application alike."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from benchmarks import forms
from benchmarks.processes import cpu_seconds, descendants, pss_mb
from benchmarks.requests import Answer, Request, ask
from config.addresses import Address
from config.processes import Child, start_all, stop_all
from config.programs import server

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
PRODUCT = "config.rsgi:application"
ORDINARY = "benchmarks.ordinary.wsgi:application"
HEADERS: Mapping[str, Mapping[str, str]] = {
    PRODUCT: {"Host": "127.0.0.1", "ACCESS-TOKEN": forms.TOKEN},
    ORDINARY: {"Host": "127.0.0.1", "Authorization": f"Token {forms.TOKEN}"},
}


def command(port: int, application: str) -> list[str]:
    """The product's, as it is served everywhere; for the ordinary application granian's WSGI with two threads, which
    costs it least."""
    if application == PRODUCT:
        return server("127.0.0.1", port, WORKERS)
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)),
        *("--backlog", "1024", "--backpressure", "512", "--blocking-threads", "2"),
        *("--http1-header-read-timeout", "15000"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10"),
        application,
    ]


def environment(database_url: str, data_dir: Path) -> dict[str, str]:
    """What a server or command of either application needs to know."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(data_dir),
        # Of servers that nobody else reaches; the kept data hold digests made with it.
        "SECRET_KEY": "benchmark" * 6,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "127.0.0.1",
        # Forms have the indexes that their data were made with; none grow while others are measured.
        "INDEX_THRESHOLD": "0",
    }


class WebServer:
    """One of the compared, serving one database on a free port, from `with` to its end."""

    def __init__(self, application: str, database_url: str, data_dir: Path) -> None:
        self.application = application
        self.headers = HEADERS[application]
        self.port = free_port()
        self._child = Child(
            f"The server of {application}",
            command(self.port, application),
            environment(database_url, data_dir),
            ROOT,
        )

    def __enter__(self) -> WebServer:
        address = Address("127.0.0.1", self.port)
        before = descendants(os.getpid())
        start_all([self._child], works=address.answers, stopping=threading.Event())
        # The first that is new is the server's own process; its workers stand below it.
        self._pid = next(pid for pid in descendants(os.getpid()) if pid not in before)
        return self

    def __exit__(self, *exception: object) -> None:
        stop_all([self._child])

    def ask(self, request: Request) -> Answer:
        return ask(self.port, request, self.headers)

    def cpu(self) -> float:
        """The CPU seconds of its processes so far."""
        return cpu_seconds(self._pids())

    def memory(self) -> float:
        """The memory of its processes in MB (PSS)."""
        return pss_mb(self._pids())

    def _pids(self) -> list[int]:
        return descendants(self._pid)


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
