"""The RSGI application around Django: granian's event loop reads requests, threads work for them and answer.

RSGI is granian's own interface; it tells, as ASGI does, of bodies piece by piece and of callers who hang up.
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.http.response import HttpResponseBase

from apaas.counting import ARRIVED
from apaas.exceptions import Throttled
from apaas.journal import WHOSE
from apaas.middleware import refusal
from apaas.throttling import LEARN, REST, Share
from config.metrics import process as at_hand
from config.serving import callers
from config.serving.bodies import Body, has_body
from config.serving.environs import environ_of
from config.serving.lines import Full, Lines, Place
from config.serving.slots import Slots
from config.serving.streams import Stream, stream_of
from forms_app.database import running
from forms_app.exceptions import is_disk_full
from forms_app.journal.writing import writer

log = structlog.get_logger(__name__)
Handler = Callable[[dict[str, Any], Callable[..., Any]], HttpResponseBase]

WATCH_AFTER = 0.1
"""Seconds after which a request that is still there is worth watching whether its caller is."""
BEFORE_REFUSAL = 0.1
"""Seconds: who comes again and again without waiting costs little."""
WAIT = 1
"""Seconds after which who was turned away may come again."""


class Answer(NamedTuple):
    """What Django answered: the whole body, or where it streams from."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Stream


@dataclass(eq=False, kw_only=True)
class Call(Place):
    """A request that waits in its place, or is worked for. `answered` is where the event loop waits for it: for its
    Answer, or None where it has one, or nobody waits for one."""

    environ: dict[str, Any]
    protocol: Any
    answered: asyncio.Future[Answer | None]
    work: running.Work | None = None
    slot: tuple[int, int] | None = None
    gone: bool = False


class Application:
    """`handler` is the WSGI application, called in one of so many threads."""

    def __init__(self, handler: Handler, threads: int) -> None:
        self._handler = handler
        self._lines: Lines[Call] = Lines(threads)
        self._slots = Slots()
        self._threads = ThreadPoolExecutor(threads, "request")
        self._helper = ThreadPoolExecutor(1, "hang-up")
        self._loop: asyncio.AbstractEventLoop
        self._timer: asyncio.TimerHandle | None = None
        self._sent: deque[Call] = deque()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        at_hand.threads.set(settings.SERVER_THREADS)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The process ends, and not by way of `atexit`."""
        writer.end()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        self._end_sent()
        environ = environ_of(scope)
        body: Body | None = None
        try:
            if has_body(environ):
                body = Body()
                await body.read(protocol, environ)
                if not body.complete:  # the call says that it ended early
                    environ["CONTENT_LENGTH"] = str(body.size + 1)
                environ["wsgi.input"] = body.file
            answer = await self._answered(environ, protocol)
        except OSError as error:
            if not is_disk_full(error):  # that of bodies
                raise
            log.error("body not kept", error=str(error))
            answer = whole(refusal(environ, 507, WAIT))
        finally:
            if body is not None:
                body.file.close()
        if answer is None:
            protocol.response_empty(400, [])  # to nobody, or after the answer
        elif isinstance(answer.body, bytes):
            protocol.response_bytes(answer.status, answer.headers, answer.body)
        else:
            await answer.body.send(answer.status, answer.headers, protocol, scope.client)

    async def _answered(self, environ: dict[str, Any], protocol: Any) -> Answer | None:
        """What Django answers once the caller's turn has come; None where it is sent, or the caller hung up before."""
        answered = self._loop.create_future()
        environ[ARRIVED] = time.perf_counter()
        call = Call(bounds=callers.bounds_of(environ), environ=environ, protocol=protocol, answered=answered)
        environ[LEARN] = partial(self._learn, call)
        counted = callers.counted_of(call.line)
        if counted is not None and not self._has_slot(call, *counted):
            return await self._turned_away(call)
        try:
            return await self._in_line(call)
        finally:
            self._give_slot(call)

    def _learn(self, call: Call, organization_id: int, share: Share) -> None:
        """In a thread, before the call is worked for: whose it is. Raises Throttled where that is one too many."""
        callers.learn(call.line, organization_id, share)
        if share.counted_as is not None and not self._has_slot(call, share.counted_as, share.requests):
            raise Throttled(wait=WAIT)

    def _has_slot(self, call: Call, token: int, most: int) -> bool:
        if call.slot is None:
            slot = self._slots.take(token, most)
            call.slot = None if slot is None else (token, slot)
        return call.slot is not None

    def _give_slot(self, call: Call) -> None:
        slot = vars(call).pop("slot", None)  # at once: whoever hangs up does it in the event loop
        if slot is not None:
            self._slots.give(*slot)

    async def _turned_away(self, call: Call) -> Answer:
        await asyncio.sleep(BEFORE_REFUSAL)
        call.environ[WHOSE] = callers.organization_of(call.bounds)
        return whole(refusal(call.environ, 429, WAIT))

    async def _in_line(self, call: Call) -> Answer | None:
        try:
            starts = self._lines.enter(call)
        except Full:
            return await self._turned_away(call)
        at_hand.in_flight.inc()
        if starts:
            self._threads.submit(self._work, call)
        watch = self._loop.call_later(WATCH_AFTER, self._watch, call)
        try:
            return await call.answered
        finally:
            watch.cancel()

    def _work(self, call: Call | None) -> None:
        """In a thread: have Django answer, this call and whichever is next."""
        while call is not None:
            call.work = running.begin()
            answer: Answer | None = None
            try:
                if not call.gone:
                    answer = self._call(call.environ)
            except Exception:
                log.exception("request failed outside of Django")
                answer = Answer(500, [], b"")
            # First out of the line: whoever has the answer may send the next request at once, and be let in.
            started = self._lines.leave(call, call.environ.get(REST, 0.0))
            at_hand.in_flight.dec()
            self._give_slot(call)
            self._send(call, answer)
            call, others = (started[0], started[1:]) if started else (None, [])
            self._start(others)
            if (rest := self._lines.rested()) is not None:
                self._loop.call_soon_threadsafe(self._start_rested, rest)

    def _send(self, call: Call, answer: Answer | None) -> None:
        """In a thread: send what is in memory at once. To wake the event loop for it costs as much as a tenth of a
        short call; it ends the call when it is awake for another one, or looks whether this one's caller is there."""
        if answer is not None and isinstance(answer.body, bytes):
            try:
                call.protocol.response_bytes(answer.status, answer.headers, answer.body)
            except Exception:
                log.exception("answer not sent")
                answer = Answer(500, [], b"")
            else:
                self._sent.append(call)
                return
        self._loop.call_soon_threadsafe(finish, call, answer)

    def _end_sent(self) -> None:
        """In the event loop: end the calls whose answers are sent."""
        while self._sent:
            finish(self._sent.popleft(), None)

    def _start(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self._threads.submit(self._work, call)

    def _start_rested(self, rest: float) -> None:
        """In the event loop: start what waits for its line to have rested."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(rest, self._go_on)

    def _go_on(self) -> None:
        self._timer = None
        self._start(self._lines.next())
        if (rest := self._lines.rested()) is not None:
            self._start_rested(rest)

    def _call(self, environ: dict[str, Any]) -> Answer:
        response = self._handler(environ, lambda *_started: None)
        if response.streaming:
            return Answer(response.status_code, headers_of(response), stream_of(response))
        answer = whole(response)
        response.close()
        return answer

    def _watch(self, call: Call) -> None:
        """Look whether the caller is still there, as long as the answer takes."""
        self._end_sent()
        if call.answered.done():
            return

        async def gone() -> None:
            await call.protocol.client_disconnect()
            if not call.answered.done():
                self._hang_up(call)

        watching = self._loop.create_task(gone())
        call.answered.add_done_callback(lambda _answered: watching.cancel())

    def _hang_up(self, call: Call) -> None:
        call.gone = True
        if self._lines.give_up(call):
            at_hand.in_flight.dec()
            finish(call, None)
        elif call.work is not None:
            self._helper.submit(call.work.hang_up)  # waits for PostgreSQL to take it


def finish(call: Call, answer: Answer | None) -> None:
    """In the event loop: what was waited for is there."""
    if not call.answered.done():
        call.answered.set_result(answer)


def whole(response: HttpResponseBase) -> Answer:
    """A response that is in memory."""
    pieces: Iterable[bytes] = response
    return Answer(response.status_code, headers_of(response), b"".join(pieces))


def headers_of(response: HttpResponseBase) -> list[tuple[str, str]]:
    cookies = [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
    return [*((name, str(value)) for name, value in response.items()), *cookies]
