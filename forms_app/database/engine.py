"""What the PostgreSQL that serves can do."""

from __future__ import annotations

from django.db import connection


def returns_old() -> bool:
    """Whether an UPDATE can return what was there before (PostgreSQL 18, RETURNING old)."""
    return connection.pg_version >= 180_000  # type: ignore[attr-defined,no-any-return]
