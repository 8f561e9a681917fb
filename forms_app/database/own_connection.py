"""A connection for one long reading that several threads may carry on, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from forms_app.database import replicas

T = TypeVar("T")


class OwnConnection:
    """Opened when it is first used, and only this thread's while `here` lasts: whoever works in the thread in between
    has the thread's own. Where the thread is in a transaction already, its connection serves: what is read may be
    written in it. Where the thread reads from a replica it is one to that, with another to the primary beside it."""

    def __init__(self) -> None:
        self._wrapper: BaseDatabaseWrapper | None = None
        self._primary: BaseDatabaseWrapper | None = None
        here = connections[DEFAULT_DB_ALIAS]
        if not here.in_atomic_block:
            self._wrapper = opened(here.alias)
            self._primary = opened(DEFAULT_DB_ALIAS) if replicas.on_replica() else None

    @contextmanager
    def here(self) -> Iterator[None]:
        """Statements of this thread go by this connection."""
        if self._wrapper is None:
            yield
            return
        with replicas.by(self._wrapper, self._primary):
            yield

    def close(self) -> None:
        """Give the connection up."""
        for wrapper in (self._wrapper, self._primary):
            if wrapper is not None:
                wrapper.close()


def opened(alias: str) -> BaseDatabaseWrapper:
    """A connection to be, for several threads."""
    wrapper = connections.create_connection(alias)
    wrapper.inc_thread_sharing()
    return wrapper


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
