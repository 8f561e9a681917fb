"""One record: its fields group by group, as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forms_app.admin.records.record_values import Part, moment, parts, person
from forms_app.models import CustomForm
from forms_app.people.actor import Actor
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityQuery
from forms_app.schema.form_schema import FormSchema


@dataclass(frozen=True)
class Shown:
    """A field of one record."""

    label: str
    name: str
    parts: list[Part]


def record_context(form: CustomForm, schema: FormSchema, record_id: int, actor: Actor) -> dict[str, Any] | None:
    """What a record's page shows; None if there is no such record."""
    if record_id >= 2**63:
        return None
    row = EntityQuery(schema, actor).get(record_id)
    if row is None:
        return None
    (record,) = present(Projection.of(schema), [row], actor)
    groups = []
    for group in form.field_groups.prefetch_related("custom_fields"):
        columns = [schema.by_field[field.name] for field in group.custom_fields.all() if field.name in schema.by_field]
        if columns:
            shown = [Shown(column.label, column.name, parts(column, record)) for column in columns]
            groups.append({"label": group.label, "fields": shown})
    primary = schema.primary
    label = " ".join(part.text for part in parts(primary, record)) if primary else ""
    return {
        "record_id": record_id,
        "record_label": label or f"#{record_id}",
        "groups": groups,
        "owner": person(record["user"]),
        "created_at": moment(record["created_at"]),
        "updated_at": moment(record["updated_at"]),
    }
