"""What the PostgreSQL that serves can do."""

from __future__ import annotations

from django.db import connection


class Known:
    """What a process found out about the engine: the same for as long as it runs."""

    citus: bool | None = None


def is_citus() -> bool:
    """Whether the tables may lie on several nodes (database/distribution.py). Asked once in a process; one that was
    started before the tables were distributed says what was true then, and serves on, only slower."""
    if Known.citus is None:
        connection.ensure_connection()
        row = connection.connection.execute(
            "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
        ).fetchone()
        Known.citus = bool(row[0])
    return Known.citus
