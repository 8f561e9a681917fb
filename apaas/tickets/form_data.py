"""`formdata` and `files_item`: the fields that a ticket client names, as FORMITM_<n> or by name, and what it sends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from apaas.exceptions import MalformedBody
from apaas.requests.json_texts import parse_json, refuse_unstorable
from apaas.requests.readers import fault
from apaas.tickets.parameters import listed
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column, Text
from forms_app.field_types.base import excerpt
from forms_app.files.storing import Upload
from forms_app.records.cleaning import MAX_FAULTS
from forms_app.schema.form_schema import FormSchema

NUMBERED = re.compile(r"FORMITM_([1-9][0-9]{0,8})", re.ASCII)
KEYS = ("id", "value", "type")


@dataclass
class FormData:
    """What was sent for the form. `ids` has the name by which the client called each field."""

    schema: FormSchema
    values: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    """General attachments first, as many as `general` says; then those of fields, by the field's name."""
    general: int = 0
    faults: list[Fault] = field(default_factory=list)

    def spelt(self, wrong: Fault) -> str:
        """The field of a fault as the client calls it."""
        column = self.schema.by_field.get(wrong.field)
        if column is None or not (wrong.label or wrong.field in self.ids):
            return wrong.field
        return self.ids.get(column.name) or f"FORMITM_{column.number}"

    def read_values(self, params: Mapping[str, Any]) -> None:
        """Read `formdata`; what is wrong is noted in `faults`, by index."""
        try:
            items = listed(params, "formdata")
        except Refused as refused:
            self.faults += refused.faults
            return
        for place, item in enumerate(items):
            if len(self.faults) >= MAX_FAULTS:
                return
            wrong = self.item_faults(item)
            if wrong:
                self.faults += [replace(item_fault, field="formdata", index=place) for item_fault in wrong]
                continue
            column = self.column(item["id"])
            assert column is not None
            value = Text(item["value"]) if isinstance(item["value"], str) else item["value"]
            self.ids[column.name] = item["id"]
            try:
                self.values[column.name] = column.type.from_ticket(column, value)
            except Refused as refused:
                self.faults += refused.faults

    def item_faults(self, item: Any) -> list[Fault]:
        """What is wrong with an item of `formdata`, its value aside."""
        if not isinstance(item, Mapping):
            return [fault("", "wrong_object", _('Expected an object such as {"id": "FORMITM_1", "value": "…"}.'), item)]
        faults = [
            fault("", "unknown_key", _("There is no key {key} here.").format(key=excerpt(key, 64)), allowed=list(KEYS))
            for key in item
            if key not in KEYS
        ][:10]
        faults += [
            fault("", "required", _("The key {key} is missing.").format(key=key)) for key in KEYS[:2] if key not in item
        ]
        if "id" in item:
            faults += self.id_faults(item["id"])
        if isinstance(item.get("value"), str):
            faults += text_faults(item["value"])
        return faults

    def id_faults(self, name: Any) -> list[Fault]:
        column = self.column(name)
        if column is None:
            allowed = [f"FORMITM_{column.number}" for column in self.schema.fields[:100]]
            message = _("The form has no field {id}.").format(id=excerpt(name, 64))
            return [fault("", "unknown_field", message, name, allowed)]
        if column.name in self.ids:
            return [fault("", "repeated", _("The field {id} is there twice.").format(id=name), name)]
        return []

    def column(self, name: Any) -> Column | None:
        """The enabled field of that number or name."""
        if not isinstance(name, str):
            return None
        numbered = NUMBERED.fullmatch(name)
        return self.schema.by_number.get(int(numbered[1])) if numbered else self.schema.by_field.get(name)

    def read_files(
        self, params: Mapping[str, Any], parts: Mapping[str, Sequence[UploadedFile]], attachments: bool
    ) -> set[str]:
        """Read `files`, `files_item` and the parts that it names; gives the names of the parts that have a meaning."""
        try:
            names = listed(params, "files_item")
        except Refused as refused:
            self.faults += refused.faults
            names = []
        meant = {"files"}
        general = parts.get("files", [])
        if general and not attachments:
            message = _("Tickets of this flow take no attachments.")
            self.faults.append(fault("files", "no_attachments", message, len(general)))
        self.uploads += uploads("files", general)
        self.general = len(general)
        for place, name in enumerate(names[:MAX_FAULTS]):
            wrong = self.file_fault(name, parts)
            if wrong:
                self.faults.append(replace(wrong, field="files_item", index=place))
                continue
            column = self.column(name)
            assert column is not None
            meant.add(name)
            self.ids[column.name] = name
            self.uploads += uploads(column.name, parts[name])
        if len(self.uploads) > settings.MAX_TICKET_FILES:
            message = _("At most {limit} files are allowed.").format(limit=settings.MAX_TICKET_FILES)
            self.faults.append(fault("files", "too_many_files", message, len(self.uploads)))
        if "files" in params:
            message = _("Files are sent as parts of a multipart body, each with a file name.")
            self.faults.append(fault("files", "wrong_file", message, params["files"]))
        return meant | {name for name in names if isinstance(name, str)}

    def file_fault(self, name: Any, parts: Mapping[str, Sequence[UploadedFile]]) -> Fault | None:
        """What is wrong with an item of `files_item`."""
        wrong = self.id_faults(name)
        if wrong:
            return wrong[0]
        column = self.column(name)
        if column is None or not column.type.holds_files:
            allowed = [f"FORMITM_{column.number}" for column in self.schema.fields if column.type.holds_files]
            return fault("", "no_file_field", _("The field {id} holds no files.").format(id=name), name, allowed)
        if not parts.get(name):
            return fault("", "required", _("A file in a part named {id} is needed.").format(id=name), name)
        return None

    def note_values(self) -> None:
        """Note what is wrong with the values too, where the call is refused anyway: a refusal tells everything."""
        for name, raw in self.values.items():
            try:
                self.schema.by_field[name].clean(raw)
            except Refused as refused:
                self.faults += refused.faults


def uploads(name: str, files: Sequence[UploadedFile]) -> list[Upload]:
    """The files of one part's name."""
    return [Upload(file, file.name or "", name, place) for place, file in enumerate(files)]


def text_faults(text: str) -> list[Fault]:
    """A text may spell a list or an object, which its field's type reads: then nothing in it may be unstorable."""
    if "\\u" not in text or text.lstrip()[:1] not in ("[", "{"):
        return []
    try:
        refuse_unstorable({"formdata": parse_json(text)})
    except MalformedBody:
        return []
    except Refused as refused:
        return list(refused.faults[:1])
    return []
