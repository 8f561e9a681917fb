"""Moving sequences behind ids that were given by hand."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model


def move_sequences(*models: type[Model]) -> None:
    """Let the sequences of these models' ids, and that of records, go on behind the highest id. Never back: an id that
    was given once may still stand in a log or another system."""
    for table in (*(model._meta.db_table for model in models), "form_entity"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            sequence = cursor.fetchone()[0]
            cursor.execute(
                f"SELECT setval(%s, greatest((SELECT max(id) FROM {table}), nextval(%s)))", [sequence, sequence]
            )
