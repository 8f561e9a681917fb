"""A real server on a free port, over the test database, and raw HTTP to speak to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

PROJECT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """The test database's address, as DATABASE_URL takes it."""
    cluster = getattr(connection, "cluster", None)
    name = connection.settings_dict["NAME"]
    if cluster is None:
        with connection.cursor() as cursor:
            info = cursor.connection.info
        host = quote(info.host, safe="")  # it may be the folder of a socket
        return f"postgresql://{quote(info.user)}:{quote(info.password)}@{host}:{info.port}/{name}"
    return str(cluster.url).rpartition("/")[0] + f"/{name}" + cluster.url[len(cluster.url.partition("?")[0]) :]


class Live:
    """A running server: `raw` sends any bytes. `pid` is that of its main process."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, *pieces: bytes, pause: float = 0) -> bytes:
        """Everything that the server answers to these bytes on one connection until it closes it."""
        with self.connect() as connected:
            for piece in pieces:
                try:
                    connected.sendall(piece)
                except (BrokenPipeError, ConnectionResetError):
                    break
                time.sleep(pause)
            return received(connected)


def received(connected: socket.socket) -> bytes:
    """What comes until the other end closes."""
    found = b""
    while True:
        try:
            piece = connected.recv(65536)
        except (ConnectionResetError, TimeoutError):
            return found
        if not piece:
            return found
        found += piece


def head(method: str, path: str, token: str | None, *more: str, version: str = "1.1") -> bytes:
    """The head of a request that asks to close the connection after it."""
    lines = [f"{method} {path} HTTP/{version}", "Host: localhost", "Connection: close", *more]
    if token:
        lines.append(f"ACCESS-TOKEN: {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunked(body: bytes, size: int = 7) -> bytes:
    """A body in chunks."""
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def answer(raw: bytes) -> tuple[int, Any]:
    """(status, body) of one answer; the body must be JSON."""
    start, _separator, body = raw.partition(b"\r\n\r\n")
    lines = start.split(b"\r\n")
    if any(line.lower() == b"transfer-encoding: chunked" for line in lines):
        body = joined(body)
    return int(lines[0].split()[1]), json.loads(body, parse_float=Decimal)


def joined(body: bytes) -> bytes:
    """A body that came in chunks."""
    found, at = [], 0
    while at < len(body):
        end = body.index(b"\r\n", at)
        length = int(body[at:end], 16)
        if not length:
            break
        found.append(body[end + 2 : end + 2 + length])
        at = end + 2 + length + 2
    return b"".join(found)


@contextmanager
def serving(workers: int = 1, log: Path | None = None, options: Sequence[str] = (), **settings_: str) -> Iterator[Live]:
    """granian as `quickstart` starts it, until the block ends; its warnings and errors go to `log`. `options` are
    further ones of its own, `settings_` further variables of its environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws", "--log-level", "error"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--backpressure", "8192"]
    command += ["--workers-kill-timeout", "10", *options]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VERSION_CHECK_SECONDS": "0.5",
        "LOG_LEVEL": "WARNING" if log else "CRITICAL",
        **settings_,
    }
    command.append("config.rsgi:application")
    with log.open("wb") if log else nullcontext() as errors:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=errors, start_new_session=True)
    live = Live(port, process.pid)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                if answer(live.raw(head("GET", "/apaas/api/v2/custom_apps", None)))[0] == 401:
                    break
            except (OSError, ValueError, IndexError):
                pass
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)
        yield live
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its workers too, which would outlive it
            process.wait()
