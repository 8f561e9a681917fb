"""The hot path's way to PostgreSQL: server-side binding and prepared statements on Django's own connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from forms_app.database.turns import First, Last, is_to_begin

Kind = type[psycopg.Cursor[Any]]


class Selective(psycopg.Cursor[Any]):
    """A cursor that has each statement planned for its values."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Selective:
        return super().execute(query, params, prepare=False)


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


def fetched(sql: str, values: Sequence[Any], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of one statement, `size` at a time, by a cursor of PostgreSQL: all of them as they were when it began,
    and never more in memory than these. In a transaction, which it needs; each piece is a statement of its own, and has
    the time of one. Through a pooler that keeps a server process for a transaction it works too."""
    cursor = _cursor(connections[DEFAULT_DB_ALIAS], Selective)
    name = f"rows_{id(cursor)}"
    cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", values)
    while True:
        cursor.execute(f"FETCH {int(size)} FROM {name}", [])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        if rows:
            yield rows
        if len(rows) < size:
            cursor.execute(f"CLOSE {name}", [])
            return


def _cursor(database: BaseDatabaseWrapper, kind: Kind) -> Any:
    """A cursor of Django's on the connection of now, which logs its statements where that is asked for."""
    database.ensure_connection()
    connection = database.connection
    connection.prepared_max = MOST_PREPARED
    if kind is not Selective and is_to_begin(connection):
        kind = First
    inner: Any = kind(connection)
    return database.make_debug_cursor(inner) if database.queries_logged else database.make_cursor(inner)
