"""Records by what files call them: their label, or a value that is unique among them."""

from __future__ import annotations

from collections.abc import Collection

from forms_app.database.cursor import fetch
from forms_app.field_types import Column
from forms_app.models import Verb
from forms_app.operators.index_kinds import ORDER
from forms_app.people.actor import Actor
from forms_app.records.labels import title
from forms_app.records.query.scopes import reach
from forms_app.schema.form_schema import FormSchema

Called = dict[str, list[tuple[int, str]]]
"""By name (id, label) of each record that is called so."""


def records_called(form_id: int, names: Collection[str], actor: Actor) -> Called:
    """The form's records of these names, as far as they exist for the actor: a statement for each field that a name
    may stand in."""
    found: Called = {}
    schema = FormSchema.find(form_id)
    if schema is None or schema.organization_id != actor.organization_id or not schema.rights(actor).may(Verb.READ):
        return found
    schema = schema.seen_by(actor)
    for column in naming(schema):
        for record_id, text, label in _rows(schema, column, names, actor):
            called = found.setdefault(text, [])
            if all(record_id != other for other, _label in called):
                called.append((record_id, title(schema.primary, label) or text))
    return found


def naming(schema: FormSchema) -> list[Column]:
    """The fields whose texts name a record: the primary one, and those that are unique."""
    return [
        column for column in schema.fields if column.type.searchable and (column is schema.primary or column.unique)
    ]


def _rows(
    schema: FormSchema, column: Column, names: Collection[str], actor: Actor
) -> list[tuple[int, str, str | None]]:
    text = column.expression.text
    label = schema.primary.expression.json if schema.primary else "NULL::jsonb"
    within, values = reach(schema, actor)
    if column.unique:
        by_index, keys = f"md5({text}) = ANY(ARRAY(SELECT md5(n) FROM unnest(%s::text[]) n))", list(names)
    else:
        start = ORDER.keys(column.expression)[0]
        by_index, keys = f"{start} = ANY(%s::text[])", [name[:200] for name in names]
    sql = (
        f"SELECT id, {text}, ({label})::text FROM form_entity WHERE custom_form_id = {int(schema.id)} "
        f"AND {by_index} AND {text} = ANY(%s::text[])"
    )
    rows = fetch(f"{sql} AND {within}" if within else sql, [keys, list(names), *values], selective=True)
    return [(row[0], row[1], row[2]) for row in rows]
