"""The hot path's way to PostgreSQL: server-side binding and prepared statements on Django's own connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def fetch(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement. A statement used more often is prepared by psycopg (`prepare_threshold`)."""
    connection.ensure_connection()
    inner: Any = psycopg.Cursor(connection.connection)  # Django's stubs want its own wrapper, Django itself any cursor
    cursor = connection.make_debug_cursor(inner) if connection.queries_logged else connection.make_cursor(inner)
    with cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
