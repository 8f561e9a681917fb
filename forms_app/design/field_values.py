"""What records hold of a field that is to be removed, or to be of another type."""

from __future__ import annotations

from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.database.queue import defer, is_waiting
from forms_app.exceptions import Fault
from forms_app.models import CustomField
from forms_app.records.changes.entries import system_deed
from forms_app.records.stripping import strip
from forms_app.schema.columns import expression
from forms_app.schema.form_schema import FormSchema

STRIP = "records.strip_values"
AT_ONCE = 5_000
"""Records that whoever saves a design waits for; those of a removed field beyond it are a job's."""


def holds_values(form_id: int, name: str, beyond: int = 0) -> bool:
    """Whether more than `beyond` records have a value of that name."""
    # As the field's index has it: Django would ask for the key (`data ? name`), which no index serves.
    sql = (
        f"SELECT 1 FROM form_entity WHERE custom_form_id = {int(form_id)} "
        f"AND {expression(name).json} IS NOT NULL OFFSET {int(beyond)} LIMIT 1"
    )
    return bool(fetch(sql, []))


def removal_faults(field: CustomField) -> list[Fault]:
    """What somebody wrote into a field is not thrown away with it; what the server made is."""
    if field.type.writable and holds_values(field.custom_form_id, field.name):
        return [Fault("in_use", _("Records hold values of this field; disable it instead."), field="id")]
    return []


def retyping_faults(field: CustomField, field_type: str) -> list[Fault]:
    """The same for a field that changes its type, whose values must have gone before the next is written."""
    if field.type.writable and holds_values(field.custom_form_id, field.name):
        message = _("Records hold values of this field; its type can't change.")
    elif not field.type.writable and holds_values(field.custom_form_id, field.name, AT_ONCE):
        message = _(
            "More than {most} records hold what the server made for this field. Remove it, and add one of the new type."
        ).format(most=AT_ONCE)
    else:
        return []
    return [Fault("in_use", message, field="field_type", got=field_type)]


def name_left(form_id: int, name: str) -> bool:
    """Whether records may still hold values of a removed field of that name."""
    return is_waiting(STRIP, form_id=form_id, name=name)


def values_strip(field: CustomField) -> None:
    """Take what the server made for the field out of the form's records: of the first AT_ONCE in the caller's
    transaction, of the others by a job that is enqueued with it."""
    if field.type.writable:
        return
    schema, deed = FormSchema.find(field.custom_form_id), system_deed()
    assert schema is not None
    strip(schema, field.name, after=0, most=AT_ONCE, deed=deed)
    if holds_values(field.custom_form_id, field.name):
        defer(STRIP, form_id=field.custom_form_id, name=field.name, deed=list(deed))
