"""What a client sent for a record → what is stored, or every fault of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.field_types.base import excerpt
from forms_app.people.actor import Actor
from forms_app.records.references import reference_faults
from forms_app.schema.form_schema import FormSchema

MAX_FAULTS = 1_000
"""A body of a million wrong names is not worth a million faults."""
Values = dict[str, Any]
"""Cleaned values by field name; None clears."""
Clean = Callable[[Column, Any, Any], Any]
"""A column's `clean`: (column, raw value, stored value of the record) → cleaned value."""


def cleaned_changes(
    schema: FormSchema, raw: Mapping[str, Any], actor: Actor, stored: Mapping[str, Any] | None = None
) -> Values:
    """The checked values of an update: of the names that were sent only. `stored` is what the record holds: a
    disabled option and a person who left may stay. Raises Refused."""
    schema = schema.seen_by(actor)
    cleaned, faults = checked_changes(schema, raw, stored)
    faults += _unknown_references(schema, cleaned, actor, stored)
    if faults:
        raise Refused(faults)
    return cleaned


def checked_changes(
    schema: FormSchema, raw: Mapping[str, Any], stored: Mapping[str, Any] | None, clean: Clean = Column.clean
) -> tuple[Values, list[Fault]]:
    """The values of an update, and all faults but those that the database must be asked for: whether what they refer
    to exists."""
    cleaned, faults = parsed(schema, raw, stored, clean)
    return cleaned, faults + emptied(schema, cleaned, stored)


def emptied(schema: FormSchema, cleaned: Values, stored: Mapping[str, Any] | None) -> list[Fault]:
    """A fault for each required field that the values of an update would leave empty."""
    sent = [column for column in schema.required if column.name in cleaned]
    return [required_fault(column) for column in sent if lacks(column, cleaned, stored)]


def cleaned_new(schema: FormSchema, raw: Mapping[str, Any], actor: Actor) -> Values:
    """The checked values of a new record: defaults where nothing was sent, no empty ones. Raises Refused."""
    schema = schema.seen_by(actor)
    cleaned, faults = checked_new(schema, raw)
    faults += _unknown_references(schema, cleaned, actor, None)
    if faults:
        raise Refused(faults)
    return without_empty(cleaned)


def checked_new(schema: FormSchema, raw: Mapping[str, Any], clean: Clean = Column.clean) -> tuple[Values, list[Fault]]:
    """The values of a new record with its defaults, and all faults but those that the database must be asked for:
    whether what they refer to exists."""
    cleaned, faults = parsed(schema, raw, None, clean)
    complete(schema, cleaned, faults)
    return cleaned, faults


def complete(schema: FormSchema, cleaned: Values, faults: list[Fault]) -> None:
    """Add the defaults to the values of a new record, and what is required and not there to its faults."""
    for name, default in schema.whole.defaults.items():
        cleaned.setdefault(name, default)
    lacking = [column for column in schema.required if lacks(column, cleaned)]
    if lacking:
        wrong = {fault.field for fault in faults}
        faults += [required_fault(column) for column in lacking if column.name not in wrong]


def without_empty(cleaned: Values) -> Values:
    """Without the empty values: an empty field has no key."""
    return {name: value for name, value in cleaned.items() if value is not None}


def parsed(
    schema: FormSchema, raw: Mapping[str, Any], stored: Mapping[str, Any] | None, clean: Clean = Column.clean
) -> tuple[Values, list[Fault]]:
    """The values that were sent, and what is wrong with each of them."""
    cleaned: Values = {}
    faults: list[Fault] = []
    fields = schema.by_field
    for name, value in raw.items():
        if len(faults) >= MAX_FAULTS:
            break
        column = fields.get(name)
        if column is None:
            faults.append(schema.field_fault(excerpt(name)))
            continue
        if name in schema.read_only:
            faults.append(_read_only(column))
            continue
        try:
            cleaned[name] = clean(column, value, stored.get(name) if stored else None)
        except Refused as refused:
            faults += refused.faults
    return cleaned, faults


def _unknown_references(
    schema: FormSchema, cleaned: Values, actor: Actor, stored: Mapping[str, Any] | None
) -> list[Fault]:
    fields = schema.by_field
    return reference_faults(
        [(fields[name], value) for name, value in cleaned.items() if value is not None and name in fields],
        actor,
        stored,
    )


def _read_only(column: Column) -> Fault:
    message = _("No role allows writing this field.")
    return Fault("read_only_field", message, field=column.name, label=column.label)


def lacks(column: Column, values: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> bool:
    """Whether the values lack one that the column requires, also where they hold blanks alone. Blanks that the record
    holds already may stay."""
    value = values.get(column.name)
    kept = value is not None and stored is not None and stored.get(column.name) == value
    return not kept and column.value_field.shows_nothing(value)


def required_fault(column: Column) -> Fault:
    return Fault("required", str(column.value_field.error_messages["required"]), field=column.name, label=column.label)
