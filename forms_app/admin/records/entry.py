"""Forms to fill in: a form's fields as controls, and what a page posts as values for the services.

A page shows `entry_groups(entry_fields(…))` by `admin/forms_app/entry/form.html`; what comes back is read by
`posted_values`, `posted_files` and `with_uploads`, and `changed_values` keeps what a person changed. Each control posts
one text under its field's name, and what it showed at first under `<name>:was`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from forms_app.admin.records.record_values import Part, parts
from forms_app.exact_json import dumps, reads
from forms_app.exceptions import DomainError, Fault
from forms_app.field_types import Column, Text
from forms_app.files.storing import file_item, file_store
from forms_app.models import CustomField
from forms_app.people.actor import Actor
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityRow
from forms_app.schema.form_schema import FormSchema

TEMPLATE = "admin/forms_app/entry/controls/{control}.html"
READ_ONLY = "read_only"
LINE, LINES = "text", "textarea"
AS_TYPED = (LINE, LINES)
"""Controls whose blanks at both ends are kept."""
WAS, FILES, DROPPED = ":was", ":files", ":dropped"
"""What is posted beside a field's value; no field's name has a colon."""


@dataclass(frozen=True)
class FieldAccess:
    """What a page lets a person do with a field. `required` adds to what the form itself requires."""

    shown: bool = True
    required: bool = False
    read_only: bool = False


@dataclass(frozen=True)
class EntryField:
    """A field as the page shows it. `value` is the text that its control posts, `was` the one that it showed at first,
    `shown` what stands there when it is read only."""

    column: Column
    value: str
    was: str
    shown: list[Part]
    required: bool
    read_only: bool
    faults: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    now: list[Part] | None = None
    """What the record holds, where somebody else changed what this page changed too."""

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def label(self) -> str:
        return self.column.label

    @property
    def control(self) -> str:
        control = READ_ONLY if self.read_only else self.column.type.control
        # A text in a browser's one-line input would lose its line breaks.
        return LINES if control == LINE and "\n" in self.value else control

    @property
    def template(self) -> str:
        return TEMPLATE.format(control=self.control)

    @property
    def items(self) -> list[Any]:
        """The value of a control that posts a list."""
        return _list(self.value)


@dataclass(frozen=True)
class EntryGroup:
    """Fields under one title."""

    label: str
    fields: list[EntryField]


def entry_fields(
    schema: FormSchema,
    *,
    data: Mapping[str, Any],
    actor: Actor,
    access: Mapping[str, FieldAccess] | None = None,
    faults: Iterable[Fault] = (),
    posted: Mapping[str, str] | None = None,
) -> list[EntryField]:
    """The fields that the page shows, in the form's order.

    `data`: stored values by field name; `{}` for a new record, which begins with the form's defaults. Fields that
    `access` does not name are as the form says. `faults` stand beside their fields. `posted`: what was refused, shown
    again in place of what is stored.
    """
    allowed = {column: (access or {}).get(column.name, FieldAccess()) for column in schema.fields}
    columns = [column for column in schema.fields if allowed[column].shown]
    record = _presented(schema, columns, data or schema.defaults, actor)
    listed = [*faults]
    fields = []
    for column in columns:
        held_back = not column.type.writable or column.name in schema.read_only
        read_only = allowed[column].read_only or held_back
        text = column.type.control_text(record[column.name]) if column.type.writable else ""
        sent = posted if posted is not None and not read_only else {}
        shown = parts(column, record)
        fields.append(
            EntryField(
                column=column,
                value=sent.get(column.name, text),
                was=sent.get(column.name + WAS, text),
                shown=shown,
                required=not read_only and (column.required or allowed[column].required),
                read_only=read_only,
                faults=[sentence(fault) for fault in listed if fault.field == column.name],
                hints=_hints(column, read_only, bool(shown)),
                data={} if read_only else _data(schema, column),
            )
        )
    return fields


def entry_groups(schema: FormSchema, fields: Sequence[EntryField]) -> list[EntryGroup]:
    """The fields under the titles of their groups: one statement."""
    rows = CustomField.objects.filter(custom_form_id=schema.id).values_list(
        "name", "custom_field_group_id", "custom_field_group__label"
    )
    group_of = {name: (group_id, label) for name, group_id, label in rows}
    grouped = groupby(fields, key=lambda entry: group_of.get(entry.name, (0, "")))
    return [EntryGroup(label, list(members)) for (_id, label), members in grouped]


def writable_names(schema: FormSchema, access: Mapping[str, FieldAccess] | None = None) -> list[str]:
    """The names of the fields that a person may fill in: all that a post may change."""
    allowed = access or {}
    return [
        column.name
        for column in schema.fields
        if column.type.writable
        and column.name not in schema.read_only
        and allowed.get(column.name, FieldAccess()).shown
        and not allowed.get(column.name, FieldAccess()).read_only
    ]


def posted_values(schema: FormSchema, post: QueryDict, *, names: Collection[str]) -> dict[str, Any]:
    """The posted texts of these fields, in the form's order, to be read by their types; other names are ignored. Of a
    file field what was there and was not dropped: what is uploaded, `posted_files` has."""
    values: dict[str, Any] = {}
    for column in schema.fields:
        if column.name in names and column.type.writable and column.name in post:
            text = as_text(column, str(post[column.name]))
            dropped = set(post.getlist(column.name + DROPPED)) if column.type.holds_files else ()
            if dropped:
                kept = [item for place, item in enumerate(_list(text)) if str(place) not in dropped]
                text = dumps(kept).decode() if kept else ""
            values[column.name] = Text(text)
    return values


def posted_files(
    schema: FormSchema, files: MultiValueDict[str, UploadedFile], *, names: Collection[str]
) -> dict[str, list[UploadedFile]]:
    """What was uploaded for these fields."""
    fields = [column.name for column in schema.fields if column.name in names and column.type.holds_files]
    by_field = {name: files.getlist(name + FILES) for name in fields}
    return {name: uploads for name, uploads in by_field.items() if uploads}


def with_uploads(
    values: Mapping[str, Any], uploads: Mapping[str, Sequence[UploadedFile]], actor: Actor
) -> tuple[dict[str, Any], list[Fault]]:
    """Keeps the uploads, and gives the posted values with them at the end of their fields' lists; a fault for each file
    that is not taken. They are kept before the values are checked, so that nobody has to upload twice."""
    merged, faults = dict(values), []
    for name, files in uploads.items():
        items = _list(merged.get(name, ""))
        for file in files:
            try:
                stored = file_store(content=file, name=file.name or "", actor=actor)
            except DomainError as refused:
                named = [
                    replace(fault, field=name, message=f"{file.name}: {fault.message}") for fault in refused.faults
                ]
                faults += named
            else:
                items.append(file_item(stored))
        merged[name] = Text(dumps(items).decode() if items else "")
    return merged, faults


def changed_values(schema: FormSchema, values: Mapping[str, Any], post: QueryDict) -> dict[str, Any]:
    """Those of the posted values that differ from what the page showed at first. What nobody touched is not written
    again: a disabled option and a person who left stay, and so does what another page changed meanwhile."""
    return {
        name: text
        for name, text in values.items()
        if name + WAS not in post or as_text(schema.by_field[name], str(post[name + WAS])) != text
    }


def status_of(faults: Sequence[Fault]) -> int:
    """The HTTP status of a page that shows these faults of what was posted."""
    if any(fault.code == "disk_full" for fault in faults):
        return 507
    return 422 if faults else 200


def other_faults(fields: Iterable[EntryField], faults: Iterable[Fault]) -> list[str]:
    """The faults that stand beside none of these fields."""
    names = {entry.name for entry in fields}
    return [
        f"{fault.label}: {sentence(fault)}" if fault.label else sentence(fault)
        for fault in faults
        if fault.field not in names
    ]


def sentence(fault: Fault) -> str:
    """The fault as a person reads it, with the number of the item that it is about."""
    if fault.index is None:
        return fault.message
    return _("No. {number}: {message}").format(number=fault.index + 1, message=fault.message)


def _presented(
    schema: FormSchema, columns: Iterable[Column], data: Mapping[str, Any], actor: Actor
) -> Mapping[str, Any]:
    """These columns of a record that holds `data`, as clients read them."""
    stored = {name: value for name, value in data.items() if value is not None and name in schema.by_field}
    row = EntityRow(0, actor.uid, "", "", dumps(stored).decode())
    keys = [key for column in columns for key, _show in column.type.keys(column)]
    (record,) = present(Projection.of(schema, keys), [row], actor)
    return record


def _hints(column: Column, read_only: bool, filled: bool) -> list[str]:
    if not read_only:
        return column.type.hints(column)
    if filled:
        return []
    if column.type.numbered:
        return [_("Given when the record is saved.")]
    return [_("Computed when the record is saved.")] if column.type.computed else []


def _data(schema: FormSchema, column: Column) -> dict[str, Any]:
    data = column.type.control_data(column)
    if "lookup" in data:
        data["url"] = reverse("admin:forms_app_customform_lookup", args=[schema.id, data["lookup"]])
        data["field"] = column.name
    return data


def as_text(column: Column, raw: str) -> str:
    """A posted text without what browsers add: they write every line break as CR LF."""
    text = raw.replace("\r\n", "\n")
    return text if column.type.control in AS_TYPED else text.strip()


def _list(text: str) -> list[Any]:
    """The list that a JSON text spells, or none."""
    try:
        value = reads(text) if text else []
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []
