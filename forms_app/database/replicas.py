"""A thread's statements by a connection to a replica, for a while. What sends them asks for Django's default connection
as ever, so nobody who reads knows of it; whoever must write meanwhile, or read what is newest, says `by_primary`."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


class _Here(threading.local):
    primary: BaseDatabaseWrapper | None = None


_here = _Here()
_in_use: Counter[BaseDatabaseWrapper] = Counter()
_lock = threading.Lock()


def on_replica() -> bool:
    """Whether this thread's statements go to a replica now."""
    return _here.primary is not None


@contextmanager
def by(wrapper: BaseDatabaseWrapper, primary: BaseDatabaseWrapper | None = None) -> Iterator[None]:
    """Statements of this thread go by `wrapper`. Where that is a replica's, `primary` is what writes meanwhile."""
    before = connections[DEFAULT_DB_ALIAS], _here.primary
    connections[DEFAULT_DB_ALIAS], _here.primary = wrapper, primary
    if primary is not None:
        with _lock:
            _in_use[wrapper] += 1
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS], _here.primary = before
        if primary is not None:
            with _lock:
                _in_use[wrapper] -= 1
                if not _in_use[wrapper]:
                    del _in_use[wrapper]


@contextmanager
def by_primary() -> Iterator[None]:
    """Statements of this thread go to the primary, as they do anyway where it reads from no replica."""
    if _here.primary is None:
        yield
        return
    with by(_here.primary):
        yield


def at_standby() -> bool:
    """Whether the server of this thread's connection is a standby, as it said itself; asks nothing."""
    opened = connections[DEFAULT_DB_ALIAS].connection
    return bool(opened and not opened.closed and opened.info.parameter_status("in_hot_standby") == "on")


def in_use(alias: str) -> list[BaseDatabaseWrapper]:
    """The connections to that replica by which some thread reads now."""
    with _lock:
        return [wrapper for wrapper in _in_use if wrapper.alias == alias]
