"""Emptying the database after a test that commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = {"django_content_type", "auth_permission"}
"""What no test changes, and Django would have to make anew."""

RECORDS = "form_entity"
"""Truncated, not only emptied: plans must not be made for what a test before had there."""


def delete_rows(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """In the place of `sql_flush`: empty the tables that hold rows, a tenth of the work of truncating them all.
    Nothing is left to be executed."""
    with transaction.atomic(), self.connection.cursor() as cursor:
        # What refers to a row was made after what it refers to.
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY (%s) ORDER BY oid DESC", [[*tables]])
        names = [name for (name,) in cursor.fetchall() if name not in KEPT]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names))
        held = {name for (name,) in cursor.fetchall()}
        for name in names:
            if name in held:
                cursor.execute(f"TRUNCATE {name}" if name == RECORDS else f"DELETE FROM {name}")
    return []
