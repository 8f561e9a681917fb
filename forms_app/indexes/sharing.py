"""Which records share a value of a field that was made unique when they did already."""

from __future__ import annotations

from forms_app.indexes.building import UNIQUE, duplicates
from forms_app.models import FieldIndex
from forms_app.schema.form_schema import FormSchema

State = FieldIndex.State


def shared_values(schema: FormSchema) -> dict[str, list[list[int]]]:
    """For each unique field whose index does not stand yet, by its name: the ids of records that share a value, at most
    ten of at most ten values. Writes refuse a further one; these stay until somebody changes them. One statement for
    each such field, none where all indexes stand."""
    rows = {row.field_id: row for row in FieldIndex.objects.filter(custom_form_id=schema.id, kind=UNIQUE)}
    shared: dict[str, list[list[int]]] = {}
    for column in schema.fields:
        row = rows.get(column.field_id or 0)
        if row is None or row.state == State.VALID:
            continue
        groups = row.detail.get("duplicates", []) if row.state == State.FAILED else duplicates(schema.id, column)
        if groups:
            shared[column.name] = groups
    return shared
