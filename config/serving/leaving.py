"""How a process of the server ends: its callers are asked before to come by another one.

Told to end, granian closes the connections that are idle just then, also where a request is on its way: its client is
told nothing, and may not send a write again. So a process whose callers keep their connections goes on for some
seconds, and closes each with the answer to its next request (RFC 9112, section 9.6).
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from config.serving.answers import Answer

SECONDS = 3.0
"""From when such a process is told to end until it does. granian would kill it after ten."""
CLOSE = "close"


class Leaving:
    """Whether the process is to end."""

    def __init__(self) -> None:
        self._leaves = False
        self._kept_at = -SECONDS
        """When an answer left a connection open."""

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take SIGTERM in granian's place, which ends upon SIGINT as well. A second one ends the process at once."""

        def leave() -> None:
            waits = not self._leaves and time.monotonic() < self._kept_at + SECONDS
            self._leaves = True
            loop.call_later(SECONDS if waits else 0.0, signal.raise_signal, signal.SIGINT)

        with suppress(NotImplementedError, RuntimeError, ValueError):  # this is not the main thread
            loop.add_signal_handler(signal.SIGTERM, leave)

    def ask(self, environ: Mapping[str, Any], answer: Answer) -> None:
        """Have the answer close its connection, if the process is to end. In HTTP/2 none says so."""
        if environ["SERVER_PROTOCOL"] != "HTTP/1.1" or environ.get("HTTP_CONNECTION") == CLOSE:
            return
        if self._leaves:
            answer.headers.append(("Connection", CLOSE))
        else:
            self._kept_at = time.monotonic()
