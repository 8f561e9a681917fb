"""The other side of a webhook: one message is posted to it, and what it answers is told.

Nothing is followed and no proxy is asked. Connections are kept open, one for each thread that sends.
"""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from forms_app.webhooks.addresses import Target, Unreachable, reachable, target_of

CONNECT_SECONDS = 5.0
MOST_ANSWER = 65_536
"""So much of an answer is read; then the connection is given up."""
KEPT_ANSWER = 1_000
LONGEST_WAIT = 3_600
"""Seconds for which a receiver may ask to be left alone (`Retry-After`)."""
GONE = 410
AGENT = "apaas-webhooks/1"

ERRORS = {
    "unknown_host": _("There is no address for its name."),
    "private_address": _("Its name leads into a network that may not be called."),
    "no_connection": _("No connection."),
    "bad_certificate": _("Its certificate is not valid."),
    "too_slow": _("It did not answer in time."),
    "server_fault": _("The message could not be made. The server's log says why."),
    "broken_answer": _("It broke the connection off, or answered no HTTP."),
}


class Answer(NamedTuple):
    """What came back: a status and the body's beginning, or an error, a key of ERRORS."""

    status: int | None
    text: str
    error: str
    milliseconds: float
    wait: int = 0
    """So many seconds it asks to be left alone."""

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether nothing is wanted here any more (Standard Webhooks: the endpoint is to be switched off)."""
        return self.status == GONE


class _Line:
    """A thread's connection, and since when it is busy."""

    def __init__(self) -> None:
        self.connection: HTTPConnection | None = None
        self.began: float | None = None

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Receiver:
    """The address of a webhook, resolved and checked once; made anew for each run. Raises Refused for what is no
    address, Unreachable for one that may not be called."""

    def __init__(self, url: str) -> None:
        self.target: Target = target_of(url)
        self.addresses = reachable(self.target)
        self._tls = ssl.create_default_context() if self.target.scheme == "https" else None
        self._mine = threading.local()
        self._lines: list[_Line] = []
        self._lock = threading.Lock()

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Send one message and read the answer. Raises nothing."""
        line = self._line()
        line.began = began = time.monotonic()
        try:
            status, text, wait = self._exchanged(line, body, headers)
            answer = Answer(status, text, "", _milliseconds(began), wait)
        except Exception as error:  # noqa: BLE001 - whatever the other side does to the connection
            line.close()
            answer = Answer(None, "", self._error(error, began), _milliseconds(began))
        finally:
            line.began = None
        return answer

    def cut_late(self) -> None:
        """Break off what takes longer than it may: an answer that trickles keeps every single wait short."""
        late = time.monotonic() - CONNECT_SECONDS - settings.WEBHOOK_SECONDS
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            began, connection = line.began, line.connection
            sock = getattr(connection, "sock", None)
            if began is not None and began < late and sock is not None:
                with suppress(OSError):
                    sock.shutdown(2)

    def close(self) -> None:
        """Give the connections up."""
        for line in self._lines:
            line.close()

    def _line(self) -> _Line:
        line: _Line | None = getattr(self._mine, "line", None)
        if line is None:
            line = self._mine.line = _Line()
            with self._lock:
                self._lines.append(line)
        return line

    def _exchanged(self, line: _Line, body: bytes, headers: dict[str, str]) -> tuple[int, str, int]:
        kept = line.connection is not None and line.connection.is_connected
        try:
            return self._asked(line, body, headers)
        except (HTTPException, ConnectionError):
            if not kept:
                raise
            # The other side closed a connection that was idle just when we used it.
            line.close()
            return self._asked(line, body, headers)

    def _asked(self, line: _Line, body: bytes, headers: dict[str, str]) -> tuple[int, str, int]:
        connection = line.connection
        if connection is None or not connection.is_connected:
            line.close()
            connection = line.connection = self._connected()
        sent = {"Host": self.target.authority, "User-Agent": AGENT, "Content-Type": "application/json", **headers}
        connection.request("POST", self.target.path, body, sent, preload_content=False, decode_content=False)
        response = connection.getresponse()
        ends = response.headers.get("Connection", "").lower() == "close" or response.version == 10
        try:
            read = response.read(MOST_ANSWER + 1, decode_content=False)
        except (OSError, HTTPError, HTTPException):
            read, ends = b"", True  # the status says whether it was accepted
        if len(read) > MOST_ANSWER or ends:
            line.close()
        text = read[:KEPT_ANSWER].decode("utf-8", "replace").replace("\0", "\ufffd")
        asked = response.headers.get("Retry-After", "")
        wait = min(int(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
        return response.status, text, wait

    def _connected(self) -> HTTPConnection:
        """A new connection to the first of the checked addresses that takes one."""
        error = "no_connection"
        for address in self.addresses:
            options: dict[str, Any] = {"port": self.target.port, "timeout": CONNECT_SECONDS}
            if self._tls is None:
                made = HTTPConnection(address, **options)
            else:
                made = HTTPSConnection(address, ssl_context=self._tls, server_hostname=self.target.host, **options)
            try:
                made.connect()
            except (OSError, HTTPError) as fault:
                made.close()
                error = "bad_certificate" if isinstance(fault, ssl.SSLError) else "no_connection"
                continue
            made.timeout = settings.WEBHOOK_SECONDS
            if made.sock is not None:
                made.sock.settimeout(settings.WEBHOOK_SECONDS)
            return made
        raise Unreachable(error)

    def _error(self, error: Exception, began: float) -> str:
        if isinstance(error, Unreachable):
            return error.error
        late = time.monotonic() - began >= settings.WEBHOOK_SECONDS
        return "too_slow" if late or isinstance(error, TimeoutError) else "broken_answer"


def _milliseconds(began: float) -> float:
    return round((time.monotonic() - began) * 1_000, 1)
