"""Statements that run now in a server's process: cancelled at the limit of time, or when their caller has hung up.

PostgreSQL itself keeps the limit where the connection is our own. Through a pooler in transaction mode nothing can be
set for a connection, so there this process watches the time, and asks for the cancellation; the pooler passes that on
to the server process that works for us. Which it is, `forms_app.database.pooler` sees.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.core.signals import request_started
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

LOOK_SECONDS = 0.25
TRUSTED_SECONDS = 1.0
"""So long after a statement its connection is taken to be alive (CONN_HEALTH_CHECKS)."""
ANSWERED = "answered_at"
CANCEL_SECONDS = 5
"""So long a cancellation may take to get through."""


class CallerGone(Exception):
    """Whoever asked has hung up: nobody will read the answer."""


@dataclass
class Work:
    """What a thread does for one caller. `lock` is held while its statement is cancelled: a cancellation that comes
    late would end the statement after it. `sent` and `seconds`: its statements so far, and how long they took."""

    gone: bool = False
    limited: bool = True
    statement: BaseDatabaseWrapper | None = None
    began: float = 0.0
    sent: int = 0
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hang_up(self) -> None:
        """The caller has hung up: cancel what is being read for them, and begin no further statement. What writes is
        in a transaction, and is brought to its end."""
        self.gone = True
        self.cancel()

    def cancel(self) -> None:
        """Cancel the statement that runs now outside of a transaction, if there is one."""
        with self.lock:
            if self.statement is not None and not self.statement.in_atomic_block:
                _cancel(self.statement)

    def cancel_after(self, seconds: float, now: float) -> None:
        """Cancel the statement that began so long ago."""
        with self.lock:
            if self.statement is not None and self.limited and now - self.began >= seconds:
                _cancel(self.statement)


_all: dict[threading.Thread, Work] = {}
_all_lock = threading.Lock()
_watching: threading.Thread | None = None
_here = threading.local()


def begin() -> Work:
    """The work of this thread for its next caller: new each time, so that whoever hung up before can end none of it."""
    work = _here.work = Work()
    with _all_lock:
        if threading.current_thread() not in _all:
            for thread in [thread for thread in _all if not thread.is_alive()]:
                del _all[thread]
        _all[threading.current_thread()] = work
    return work


def current() -> Work:
    """The work of this thread."""
    return getattr(_here, "work", None) or begin()


def spent() -> tuple[int, float]:
    """The statements that this thread sent since this was last asked, and the seconds that they took."""
    work = current()
    spent = work.sent, work.seconds
    work.sent, work.seconds = 0, 0.0
    return spent


@contextmanager
def unlimited() -> Iterator[None]:
    """In a transaction: its statements take as long as they take. Its caller waits for what nobody else can do."""
    work = current()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    work.limited = False
    try:
        yield
    finally:
        work.limited = True


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """In a transaction: its statements are cancelled after this time, where it is shorter than that of all others."""
    change = "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)"
    with connection.cursor() as cursor:
        cursor.execute(change, [str(max(1, int(seconds * 1000)))])
        ((before, _now),) = cursor.fetchall()
        yield
        cursor.execute(change, [before])


def _noted(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Django's wrapper of each statement."""
    work, database = current(), context["connection"]
    if work.gone and not database.in_atomic_block:
        raise CallerGone
    work.began = time.monotonic()
    work.statement = database
    try:
        result = execute(sql, params, many, context)
        vars(database)[ANSWERED] = work.began
        return result
    finally:
        work.sent += 1
        work.seconds += time.monotonic() - work.began
        with work.lock:
            work.statement = None


def _trust(**kwargs: Any) -> None:
    """As a request begins, behind Django's own receiver: a connection that answered a moment ago is not asked first
    whether it is alive, which would be a statement more for each transaction."""
    now = time.monotonic()
    for database in connections.all(initialized_only=True):
        if now - vars(database).get(ANSWERED, 0.0) < TRUSTED_SECONDS:
            database.health_check_done = True  # type: ignore[attr-defined]


def _note(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _noted not in connection.execute_wrappers:
        connection.execute_wrappers.append(_noted)


def _cancel(database: BaseDatabaseWrapper) -> None:
    if database.connection is not None:
        with suppress(psycopg.Error):
            database.connection.cancel_safe(timeout=CANCEL_SECONDS)


def connect() -> None:
    """Note from now on what runs. Called once by a server, before it opens a connection."""
    connection_created.connect(_note, dispatch_uid="forms_app.database.running")
    request_started.connect(_trust, dispatch_uid="forms_app.database.running")


def watch_from_now_on(seconds: float) -> None:
    """Cancel in this process what runs so long."""
    global _watching
    with _all_lock:
        if _watching is not None and _watching.is_alive():  # a process that was forked has none
            return
        _watching = threading.Thread(
            target=watch, args=(seconds, threading.Event()), name="statement limit", daemon=True
        )
        _watching.start()


def watch(seconds: float, stop: threading.Event) -> None:
    """Until `stop` is set, cancel each statement that runs so long."""
    while not stop.wait(LOOK_SECONDS):
        now = time.monotonic()
        with _all_lock:
            late = [work for work in _all.values() if work.statement is not None and now - work.began >= seconds]
        for work in late:
            work.cancel_after(seconds, now)
