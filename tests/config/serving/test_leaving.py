"""A server that ends lets its callers go to another one: no request that is on its way finds its connection closed."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.serving import leaving
from forms_app.models import Member
from tests.apaas.live import Live, answer, head, received, serving
from tests.config.copies import wait_until
from tests.factories import make_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATH = "/apaas/api/v2/custom_apps"


def is_there(live: Live) -> bool:
    return Path(f"/proc/{live.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def asked(token: str) -> bytes:
    """A request that leaves its connection open."""
    return head("GET", PATH, token).replace(b"Connection: close\r\n", b"")


def one_answer(connected: socket.socket) -> bytes:
    """What comes on a connection that stays open, to the end of its body."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += connected.recv(65536)
    start, _blank, body = found.partition(b"\r\n\r\n")
    (length,) = [
        int(line.partition(b":")[2]) for line in start.splitlines() if line.lower().startswith(b"content-length")
    ]
    while len(body) < length:
        body += connected.recv(65536)
    return start.lower()


@contextmanager
def kept(live: Live, token: str) -> Iterator[socket.socket]:
    """A connection that an answer left open."""
    with live.connect() as connected:
        connected.sendall(asked(token))
        assert b"connection: close" not in one_answer(connected)
        yield connected


def test_who_keeps_a_connection_is_answered_once_more_and_asked_to_leave(alice: Member) -> None:
    token = make_token(alice)[1]
    with serving() as live, kept(live, token) as first, kept(live, token) as second:
        os.kill(live.pid, signal.SIGTERM)
        for connected, seconds in ((first, 0.3), (second, leaving.SECONDS / 2)):
            time.sleep(seconds)
            connected.sendall(asked(token))
            found = received(connected)
            assert answer(found)[0] == 200
            assert b"connection: close" in found.partition(b"\r\n\r\n")[0].lower()
        assert answer(live.raw(asked(token)))[0] == 200  # who comes anew too
        wait_until(lambda: not is_there(live), what="it ended", seconds=leaving.SECONDS + 8)


def test_a_server_that_nobody_keeps_a_connection_to_ends_at_once(alice: Member) -> None:
    token = make_token(alice)[1]
    with serving() as live:
        assert answer(live.raw(head("GET", PATH, token)))[0] == 200
        os.kill(live.pid, signal.SIGTERM)
        began = time.monotonic()
        wait_until(lambda: not is_there(live), what="it ended", seconds=20)
        alone = time.monotonic() - began
    with serving() as live, kept(live, token):
        os.kill(live.pid, signal.SIGTERM)
        began = time.monotonic()
        wait_until(lambda: not is_there(live), what="it ended", seconds=20)
        assert time.monotonic() - began > leaving.SECONDS - 0.1 > alone
