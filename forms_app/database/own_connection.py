"""A connection for one long reading that several threads may carry on, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")


class OwnConnection:
    """Opened when it is first used, and only this thread's while `here` lasts: whoever works in the thread in between
    has the thread's own. Where the thread is in a transaction already, its connection serves: what is read may be
    written in it."""

    def __init__(self) -> None:
        self._wrapper: BaseDatabaseWrapper | None = None
        if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
            self._wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
            self._wrapper.inc_thread_sharing()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Statements of this thread go by this connection."""
        if self._wrapper is None:
            yield
            return
        before = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = self._wrapper
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = before

    def close(self) -> None:
        """Give the connection up."""
        if self._wrapper is not None:
            self._wrapper.close()


class ByOwnConnection(Generic[T]):
    """What `inner` yields, made by a connection of its own. To be closed, whether or not it came to its end."""

    def __init__(self, inner: Iterator[T]) -> None:
        self._inner = inner
        self._connection = OwnConnection()

    def __iter__(self) -> ByOwnConnection[T]:
        return self

    def __next__(self) -> T:
        with self._connection.here():
            return next(self._inner)

    def close(self) -> None:
        """End the reading."""
        try:
            with self._connection.here():
                if hasattr(self._inner, "close"):
                    self._inner.close()
        finally:
            self._connection.close()
