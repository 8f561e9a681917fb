"""The hot path's way to PostgreSQL: server-side binding and prepared statements on Django's own connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import Format
from psycopg.types.string import ByteaBinaryLoader

from forms_app.database.turns import First, Last, is_to_begin

Row = TypeVar("Row")
Kind = type[psycopg.Cursor[Any]]


class Selective(psycopg.Cursor[Any]):
    """A cursor that has each statement planned for its values."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Selective:
        return super().execute(query, params, prepare=False)


class Encoded(Selective):
    """One whose texts are the bytes that PostgreSQL sent (UTF-8): to make each a str, and bytes of that again, costs
    more than to send it."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.format = Format.BINARY
        self.adapters.register_loader("text", ByteaBinaryLoader)


MOST_PREPARED = 500
"""So many statements a connection holds prepared, 37 kB each in PostgreSQL: those of the partitions, and of fields that
are searched."""


def fetch(sql: str, values: Sequence[Any], *, selective: bool = False) -> list[tuple[Any, ...]]:
    """The rows of one statement. A statement used more often is prepared by psycopg (`prepare_threshold`), and after
    some uses planned once for all values. `selective`: which plan is good depends on the values. The list of a rare
    option took 1 ms, and 900 ms from its ninth time on, by the plan for a frequent one; planning takes 0.4 ms."""
    return _rows(connections[DEFAULT_DB_ALIAS], Selective if selective else psycopg.Cursor, sql, values)


def fetch_last(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The same for the last statement of a transaction, which is committed with it; where it fails, nothing is. Inside
    of another transaction it is a statement like others."""
    database = connections[DEFAULT_DB_ALIAS]
    outermost = database.in_atomic_block and not database.savepoint_ids
    return _rows(database, Last if outermost else psycopg.Cursor, sql, values)


def _rows(database: BaseDatabaseWrapper, kind: Kind, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    cursor = _cursor(database, kind)
    cursor.execute(sql, values)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class Fetched(Generic[Row]):
    """The rows of one statement, `size` at a time, by a cursor of PostgreSQL: all of them as they were when it began,
    and never more in memory than twice these. In a transaction, which it needs; each piece is a statement of its own,
    and has the time of one. Texts are bytes. Through a pooler that keeps a server process for a transaction it works
    too."""

    def __init__(self, sql: str, values: Sequence[Any], size: int, make: Callable[[Any], Row]) -> None:
        self._database = connections[DEFAULT_DB_ALIAS]
        self._cursor = _cursor(self._database, Encoded)
        self._size, self._make = size, make
        self._name = f"rows_{id(self)}"
        self._ended = False
        self._cursor.execute(f"DECLARE {self._name} NO SCROLL CURSOR FOR {sql}", values)
        self._ask()
        self._read: list[Row] = self._rows()

    def next(self) -> list[Row]:
        """The next rows; none at the end."""
        if not self._read and not self._ended:
            self._ask()
            self._read = self._rows()
        rows, self._read = self._read, []
        if not rows:
            self._cursor.execute(f"CLOSE {self._name}", [])
        return rows

    @contextmanager
    def ahead(self) -> Iterator[Callable[[], None]]:
        """PostgreSQL makes the next rows meanwhile. What this gives is to be called now and then: it takes what has
        come, since little fits between two processes. Other statements may be sent, and are answered behind it. It has
        to end before a client is waited for: rows are to be taken within the time of a statement."""
        if self._ended:
            yield lambda: None
            return
        with self._database.connection.pipeline():
            self._ask()
            yield self._database.connection.pgconn.consume_input
            self._read = self._rows()

    def _ask(self) -> None:
        self._cursor.execute(f"FETCH {int(self._size)} FROM {self._name}", [])

    def _rows(self) -> list[Row]:
        rows = list(map(self._make, self._cursor.fetchall()))
        self._ended = len(rows) < self._size
        return rows


def _cursor(database: BaseDatabaseWrapper, kind: Kind) -> Any:
    """A cursor of Django's on the connection of now, which logs its statements where that is asked for."""
    database.ensure_connection()
    connection = database.connection
    connection.prepared_max = MOST_PREPARED
    if kind in (psycopg.Cursor, Last) and is_to_begin(connection):
        kind = First
    inner: Any = kind(connection)
    return database.make_debug_cursor(inner) if database.queries_logged else database.make_cursor(inner)
