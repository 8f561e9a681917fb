"""Requests taken in granian's own thread, past the event loop.

For each request granian calls `loop.call_soon_threadsafe`, with the coroutine that would answer it and with what it
knows of the request. That wakes the event loop's thread, which is a tenth of a small request's time
(docs/decisions/032-reading-requests.md). What needs no event loop is taken there and then. Where granian calls it
otherwise, or the loop's methods can't be replaced, all requests go by way of the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from typing import Any

Take = Callable[[Any, Any], bool]
"""Called with scope and protocol of RSGI, in granian's thread; whether the request is taken. It raises nothing."""


def hand_over(loop: asyncio.AbstractEventLoop, take: Take) -> None:
    """Ask `take` for each request before the event loop is woken for it."""
    wake = loop.call_soon_threadsafe

    def call_soon_threadsafe(
        callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle | None:
        if len(args) == 2 and asyncio.iscoroutine(args[0]):
            answering, request = args
            if hasattr(request, "proto") and take(request.scope, request.proto):
                answering.close()
                return None
        return wake(callback, *args, context=context)

    with suppress(AttributeError):  # uvloop's
        loop.call_soon_threadsafe = call_soon_threadsafe  # type: ignore[method-assign, assignment]
