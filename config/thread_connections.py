"""A server's thread that ends closes its connections to the database.

Django closes those of the thread that finishes a request, and only then. A server starts threads as they are needed
and ends idle ones; what such a thread had opened would stay open until the garbage collector comes by, and PostgreSQL
allows some hundred.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class Closing:
    """Closes a connection when nobody holds this any more."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __del__(self) -> None:
        with suppress(psycopg.Error):
            self._connection.close()


class _Opened(threading.local):
    """What each of this thread's database wrappers opened last; given up with the thread."""

    def __init__(self) -> None:
        self.by_wrapper: WeakKeyDictionary[BaseDatabaseWrapper, Closing] = WeakKeyDictionary()


_opened = _Opened()


def _note(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    _opened.by_wrapper[connection] = Closing(connection.connection)


def connect() -> None:
    """Listen to connections being opened; called once, when the project is ready."""
    connection_created.connect(_note, dispatch_uid="config.thread_connections")
