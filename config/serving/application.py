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
from dataclasses import dataclass, field
from functools import partial
from typing import Any

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
from config.serving.answers import Answer, headers_of, send, whole
from config.serving.bodies import Body, has_body
from config.serving.environs import environ_of
from config.serving.handing import hand_over
from config.serving.leaving import Leaving
from config.serving.lines import Full, Lines, Place
from config.serving.slots import Slots
from config.serving.streams import stream_of
from config.serving.threads import Threads
from forms_app.database import running
from forms_app.exceptions import is_disk_full
from forms_app.journal.writing import writer

log = structlog.get_logger(__name__)
Handler = Callable[[dict[str, Any], Callable[..., Any]], HttpResponseBase]

WATCH_AFTER = 0.1
"""Seconds after which a request that is still there is worth watching whether its caller is."""
IDLE = 1.0
"""Seconds without a call after which no more are looked for: between two of a busy server nothing has to wake up."""
BEFORE_REFUSAL = 0.1
"""Seconds: who comes again and again without waiting costs little."""
WAIT = 1
"""Seconds after which who was turned away may come again."""


@dataclass(eq=False, kw_only=True)
class Call(Place):
    """A request that waits in its place, or is worked for. `answered` is where granian's coroutine waits for it to end;
    None where there is none."""

    environ: dict[str, Any]
    protocol: Any
    client: str
    answered: asyncio.Future[None] | None = None
    entered_at: float = field(default_factory=time.monotonic)
    watching: asyncio.Task[None] | None = None
    work: running.Work | None = None
    slot: tuple[int, int] | None = None
    gone: bool = False

    @classmethod
    def of(cls, environ: dict[str, Any], **others: Any) -> Call:
        """Whom it counts against is read from the request."""
        return cls(bounds=callers.bounds_of(environ), environ=environ, **others)


class Application:
    """`handler` is the WSGI application, called in one of so many threads."""

    def __init__(self, handler: Handler, threads: int) -> None:
        self._handler = handler
        self._lines: Lines[Call] = Lines(threads)
        self._slots = Slots()
        self._threads = Threads(threads, self._work)
        self._helper = ThreadPoolExecutor(1, "hang-up")
        self._loop: asyncio.AbstractEventLoop
        self._timer: asyncio.TimerHandle | None = None
        self._calls: dict[Call, None] = {}
        self._looking = False
        self._leaving = Leaving()
        self._sent: deque[Call] = deque()
        self._streaming: set[asyncio.Task[None]] = set()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        at_hand.threads.set(settings.SERVER_THREADS)
        hand_over(loop, self._take)
        self._leaving.listen(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The process ends, and not by way of `atexit`."""
        writer.end()

    def _take(self, scope: Any, protocol: Any) -> bool:
        """In granian's thread: let a request without a body wait for its turn, past the event loop."""
        if scope.proto != "http" or has_body(scope.headers):
            return False
        try:
            self._admit(Call.of(environ_of(scope), protocol=protocol, client=scope.client))
        except Exception:
            log.exception("request failed outside of Django")
            send(protocol, Answer(500, [], b""))
        return True

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        self._end_sent()
        body: Body | None = None
        environ = environ_of(scope)
        answered = self._loop.create_future()
        try:
            if has_body(scope.headers):
                body = Body()
                await body.read(protocol, environ)
                if not body.complete:  # the call says that it ended early
                    environ["CONTENT_LENGTH"] = str(body.size + 1)
                environ["wsgi.input"] = body.file
            self._admit(Call.of(environ, protocol=protocol, client=scope.client, answered=answered))
            await answered
        except OSError as error:
            if not is_disk_full(error):  # that of bodies
                raise
            log.error("body not kept", error=str(error))
            send(protocol, whole(refusal(environ, 507, WAIT)))
        finally:
            if body is not None:
                body.file.close()

    def _admit(self, call: Call) -> None:
        """In any thread: have the call worked for once its caller's turn has come."""
        call.environ[ARRIVED] = time.perf_counter()
        call.environ[LEARN] = partial(self._learn, call)
        counted = callers.counted_of(call.line)
        self._calls[call] = None
        at_hand.in_flight.inc()
        try:
            if counted is not None and not self._has_slot(call, *counted):
                raise Full
            if self._lines.enter(call):
                self._threads.submit(call)
        except Full:
            self._loop.call_soon_threadsafe(self._loop.call_later, BEFORE_REFUSAL, self._turn_away, call)
        if not self._looking:
            self._looking = True
            self._loop.call_soon_threadsafe(self._look)

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

    def _turn_away(self, call: Call) -> None:
        call.environ[WHOSE] = callers.organization_of(call.bounds)
        self._end(call, whole(refusal(call.environ, 429, WAIT)))

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
            self._end(call, answer)
            call, others = (started[0], started[1:]) if started else (None, [])
            self._start(others)
            if (rest := self._lines.rested()) is not None:
                self._loop.call_soon_threadsafe(self._start_rested, rest)

    def _end(self, call: Call, answer: Answer | None) -> None:
        """In any thread: send what was answered; None where the caller hung up."""
        slot = vars(call).pop("slot", None)
        if slot is not None:
            self._slots.give(*slot)
        self._calls.pop(call, None)
        at_hand.in_flight.dec()
        if call.watching is not None:
            self._loop.call_soon_threadsafe(call.watching.cancel)
        if answer is not None:
            self._leaving.ask(call.environ, answer)
        if answer is not None and not isinstance(answer.body, bytes):
            self._loop.call_soon_threadsafe(self._stream, call, answer)
            return
        try:
            send(call.protocol, answer or Answer(400, [], b""))
        except Exception:
            log.exception("answer not sent")
        # To wake the event loop for it costs as much as a tenth of a short call: its coroutine ends with the next one.
        if call.answered is not None:
            self._sent.append(call)

    def _end_sent(self) -> None:
        """In the event loop: end the coroutines of the calls whose answers are sent."""
        while self._sent:
            finish(self._sent.popleft())

    def _stream(self, call: Call, answer: Answer) -> None:
        """In the event loop: send what is not in memory."""

        async def sent() -> None:
            try:
                assert not isinstance(answer.body, bytes)
                await answer.body.send(answer.status, answer.headers, call.protocol, call.client)
            except Exception:
                log.exception("answer not sent")
                send(call.protocol, Answer(500, [], b""))  # where nothing was
            finally:
                finish(call)

        streaming = self._loop.create_task(sent())
        self._streaming.add(streaming)  # the event loop itself holds tasks by weak references alone
        streaming.add_done_callback(self._streaming.discard)

    def _start(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self._threads.submit(call)

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

    def _look(self, idle: float = 0.0) -> None:
        """In the event loop, as long as there are calls and a second longer: watch those that take a while."""
        self._end_sent()
        long_ago = time.monotonic() - WATCH_AFTER
        for call in [*self._calls]:
            if call.watching is None and call.entered_at < long_ago:
                call.watching = self._loop.create_task(self._watch(call))
                if call not in self._calls:  # it ended meanwhile
                    call.watching.cancel()
        idle = 0.0 if self._calls else idle + WATCH_AFTER
        if idle > IDLE:
            self._looking = False
            if not self._calls:  # none came meanwhile that saw it still looking
                return
            self._looking = True
        self._loop.call_later(WATCH_AFTER, self._look, idle)

    async def _watch(self, call: Call) -> None:
        """Wait whether the caller hangs up."""
        await call.protocol.client_disconnect()
        if call not in self._calls:
            return
        call.gone = True
        if self._lines.give_up(call):
            self._end(call, None)
        elif call.work is not None:
            self._helper.submit(call.work.hang_up)  # waits for PostgreSQL to take it


def finish(call: Call) -> None:
    """In the event loop: what granian's coroutine waited for is there."""
    if call.answered is not None and not call.answered.done():
        call.answered.set_result(None)
