"""What a client sent for a record → what is stored, or every fault of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.field_types.base import excerpt
from forms_app.people.actor import Actor
from forms_app.records.references import reference_faults
from forms_app.schema.form_schema import FormSchema

MAX_FAULTS = 1_000
"""A body of a million wrong names is not worth a million faults."""
Values = dict[str, Any]
"""Stored values by field name; None clears."""
Clean = Callable[[Column, Any, Any], Any]
"""A column's `clean`: (column, what was sent, what the record holds) → what is stored."""


def cleaned(
    schema: FormSchema, values: Mapping[str, Any], actor: Actor, current: Mapping[str, Any] | None = None
) -> Values:
    """The checked values of an update: of the names that were sent only. `current` is what the record holds: a
    disabled option and a person who left may stay. Raises Refused."""
    stored, faults = _parsed(schema, values, current)
    faults += [_required(column) for column in schema.required if column.name in stored and stored[column.name] is None]
    faults += _unknown_references(schema, stored, actor, current)
    if faults:
        raise Refused(faults)
    return stored


def cleaned_new(schema: FormSchema, values: Mapping[str, Any], actor: Actor) -> Values:
    """The checked values of a new record: defaults where nothing was sent, no empty ones. Raises Refused."""
    stored, faults = checked_new(schema, values)
    faults += _unknown_references(schema, stored, actor, None)
    if faults:
        raise Refused(faults)
    return present(stored)


def checked_new(
    schema: FormSchema, values: Mapping[str, Any], clean: Clean = Column.clean
) -> tuple[Values, list[Fault]]:
    """The values of a new record with its defaults, and all faults but those that the database must be asked for:
    whether what they refer to exists."""
    stored, faults = _parsed(schema, values, None, clean)
    complete(schema, stored, faults)
    return stored, faults


def complete(schema: FormSchema, stored: Values, faults: list[Fault]) -> None:
    """Add the defaults to the values of a new record, and what is required and not there to its faults."""
    for name, default in schema.defaults.items():
        stored.setdefault(name, default)
    lacking = [column for column in schema.required if stored.get(column.name) is None]
    if lacking:
        wrong = {fault.field for fault in faults}
        faults += [_required(column) for column in lacking if column.name not in wrong]


def present(stored: Values) -> Values:
    """Without the empty values: an empty field has no key."""
    return {name: value for name, value in stored.items() if value is not None}


def _parsed(
    schema: FormSchema, values: Mapping[str, Any], current: Mapping[str, Any] | None, clean: Clean = Column.clean
) -> tuple[Values, list[Fault]]:
    stored: Values = {}
    faults: list[Fault] = []
    fields = schema.by_field
    for name, raw in values.items():
        if len(faults) >= MAX_FAULTS:
            break
        column = fields.get(name)
        if column is None:
            faults.append(schema.field_fault(excerpt(name)))
            continue
        try:
            stored[name] = clean(column, raw, current.get(name) if current else None)
        except Refused as refused:
            faults += refused.faults
    return stored, faults


def _unknown_references(
    schema: FormSchema, stored: Values, actor: Actor, current: Mapping[str, Any] | None
) -> list[Fault]:
    fields = schema.by_field
    return reference_faults(
        [(fields[name], value) for name, value in stored.items() if value is not None], actor, current
    )


def _required(column: Column) -> Fault:
    return Fault("required", str(column.value_field.error_messages["required"]), field=column.name, label=column.label)
