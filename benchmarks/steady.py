"""A steady client: so many lists a second whatever happens, on a few connections, and how long each took."""

from __future__ import annotations

import http.client
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from benchmarks.requests import Headers, Request

TOKEN = "apaas_attacked"
RECORDS = 2_000
"""The token and the records of the organization that is attacked."""
CONNECTIONS = 4
PER_SECOND = 10
"""Of each connection."""
RENEWED_AFTER = 20
"""Requests of a connection, then there is a new one: it may meet another of the server's processes."""
PATIENCE = 30.0
"""Seconds; then an answer counts as a failure."""


@dataclass
class Seen:
    """Milliseconds of the requests, and what was wrong with those that failed."""

    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def percentile(self, of_hundred: float) -> float:
        ordered = sorted(self.times) or [math.nan]
        return ordered[max(0, math.ceil(len(ordered) * of_hundred / 100) - 1)]


@dataclass(frozen=True)
class Client:
    """Asks the same of a server on this machine again and again. `expected`: what every answer has to hold."""

    port: int
    request: Request
    headers: Headers
    expected: bytes

    def ask(self, seconds: float) -> Seen:
        """Ask for so long. A request that could not be sent when it was due, because the one before was not answered
        yet, has waited since then."""
        seen = Seen()
        began = time.monotonic()
        threads = [
            threading.Thread(target=self._go, args=(seen, began + place / CONNECTIONS / PER_SECOND, began + seconds))
            for place in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return seen

    def _go(self, seen: Seen, first: float, end: float) -> None:
        connection = self._connection()
        for number in range(1, math.ceil((end - first) * PER_SECOND) + 1):
            due = first + (number - 1) / PER_SECOND
            late = due < time.monotonic()
            time.sleep(max(0.0, due - time.monotonic()))
            began = due if late else time.monotonic()  # waking up late is this machine's, not the server's
            try:
                failure = self._failure(connection)
            except (OSError, http.client.HTTPException) as error:
                failure = f"{type(error).__name__}: {error}"
            seen.times.append((time.monotonic() - began) * 1000)
            if failure:
                seen.failures.append(failure)
            if failure or number % RENEWED_AFTER == 0:
                connection.close()
                connection = self._connection()
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def _failure(self, connection: http.client.HTTPConnection) -> str:
        """What is wrong with the next answer; empty if nothing is."""
        connection.request(self.request.method, self.request.path, headers=dict(self.headers))
        response = connection.getresponse()
        body = response.read()
        if response.status != HTTPStatus.OK:
            return f"status {response.status}"
        return "" if self.expected in body else "another answer"


def together(several: Sequence[Seen]) -> Seen:
    """All of them as one."""
    return Seen([time for one in several for time in one.times], [text for one in several for text in one.failures])
