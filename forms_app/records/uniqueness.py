"""Unique values, race-free: by a partial unique index once it is built, until then by an advisory lock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps
from forms_app.exceptions import Conflict, Fault
from forms_app.field_types import Column
from forms_app.field_types.base import excerpt
from forms_app.schema.form_schema import FormSchema


def index_name(field_id: int) -> str:
    return f"entity_unique_{field_id}"


def unique_expression(column: Column) -> str:
    """The SQL that the unique index of this column is made on."""
    assert column.type.unique_expression is not None
    return column.type.unique_expression.format(json=column.expression.json, text=column.expression.text)


def unique_operand(column: Column, value: str = "v.value") -> str:
    """The same SQL of a value that is not stored yet: the jsonb expression `value`."""
    operand = unique_expression(column).replace(column.expression.json, value)
    return operand.replace(column.expression.text, f"({value} #>> '{{}}')")


def pending(schema: FormSchema, names: Iterable[str]) -> list[Column]:
    """The unique columns among `names` whose index is not valid yet."""
    wanted = set(names)
    return [c for c in schema.unique if c.name in wanted and c.field_id not in schema.ready_unique]


def lock_pending(schema: FormSchema, columns: Iterable[Column], stored: Mapping[str, Any], record_id: int = 0) -> None:
    """Wait for whoever writes the same fields, then check them. In a transaction; the lock holds to its end.
    Raises Conflict."""
    columns = [column for column in columns if stored.get(column.name) is not None]
    lock_columns(columns)
    faults = taken_faults(schema, columns, stored, record_id)
    if faults:
        raise Conflict(faults)


def lock_columns(columns: Iterable[Column]) -> None:
    """Wait for whoever writes these fields, in the order of their ids; held to the end of the transaction."""
    for field_id in sorted(column.field_id or 0 for column in columns):
        fetch("SELECT pg_advisory_xact_lock(hashtextextended('unique', %s::bigint))", [field_id])


def taken_faults(
    schema: FormSchema, columns: Iterable[Column], stored: Mapping[str, Any], record_id: int = 0
) -> list[Fault]:
    """A fault for each column whose value another record of the form has."""
    faults = []
    for column in columns:
        value = stored.get(column.name)
        if value is None:
            continue
        sql = (
            f"SELECT e.id FROM form_entity e, (SELECT %s::jsonb AS value) v WHERE e.custom_form_id = {int(schema.id)} "
            f"AND {unique_expression(column)} = {unique_operand(column)} AND e.id <> %s LIMIT 1"
        )
        if fetch(sql, [dumps(value).decode(), record_id]):
            faults.append(not_unique(column, value))
    return faults


def not_unique(column: Column, value: Any) -> Fault:
    """The fault for a value that another record has."""
    message = _("Another record has this value; it must be unique.")
    return Fault("not_unique", message, field=column.name, label=column.label, got=excerpt(value))


_OF_A_SHARD = re.compile(r'"(\w+)_\d+"')


def violated_index(error: IntegrityError) -> str:
    """The name of the index that refused, or "". Citus says it in the message alone, with the number of the shard
    behind it: `entity_unique_7_102750`."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    said = _OF_A_SHARD.search(str(error))
    return name or (said[1] if said else "")


def conflict(error: IntegrityError, schema: FormSchema, stored: Mapping[str, Any], record_id: int = 0) -> Conflict:
    """The refusal for a violated unique index: every value that is taken, by the name of its field. Anything else is
    raised again."""
    name = violated_index(error)
    violated = [column for column in schema.unique if index_name(column.field_id or 0) == name]
    if not violated:
        raise error
    faults = taken_faults(schema, schema.unique, stored, record_id)
    # The other record may be gone again by now; the index has refused all the same.
    return Conflict(faults or [not_unique(violated[0], stored.get(violated[0].name))])
