"""What a page posts for a ticket: values of the fields that its stage shows, files of file fields, attachments. Nothing
of a refused post is kept, neither a row nor a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from forms_app.admin.records.entry import (
    EntryField,
    FieldAccess,
    changed_values,
    entry_fields,
    posted_files,
    posted_values,
    writable_names,
)
from forms_app.exact_json import dumps, reads
from forms_app.exceptions import DomainError, Fault, Refused
from forms_app.field_types import Text
from forms_app.files.storing import Upload, checked_uploads, file_item, with_files
from forms_app.flows.language import Stage
from forms_app.models import StoredFile
from forms_app.people.actor import Actor
from forms_app.records.cleaning import cleaned_changes, cleaned_new
from forms_app.schema.form_schema import FormSchema

T = TypeVar("T")
ATTACHMENTS = "ticket:files"
"""The input of attachments; no field's name has a colon."""


def access_of(schema: FormSchema, stage: Stage) -> dict[str, FieldAccess]:
    """How the stage shows each field of the form."""
    access = {}
    for column in schema.fields:
        shown = stage.field(column.name)
        access[column.name] = (
            FieldAccess(shown=False)
            if shown is None
            else FieldAccess(required=shown.required and shown.writable, read_only=not shown.writable)
        )
    return access


@dataclass(frozen=True)
class TicketEntry:
    """A stage's form as one account fills it in. `data` is what the record holds, None for a ticket to be opened."""

    schema: FormSchema
    stage: Stage
    actor: Actor
    data: Mapping[str, Any] | None
    attachments: bool

    @property
    def access(self) -> dict[str, FieldAccess]:
        return access_of(self.schema, self.stage)

    def fields(self, faults: Sequence[Fault] = (), posted: Mapping[str, str] | None = None) -> list[EntryField]:
        """The fields that the page shows, with `faults` beside them."""
        return entry_fields(
            self.schema,
            data=self.data or {},
            actor=self.actor,
            access=self.access,
            faults=faults,
            posted=posted,
        )

    def read(self, request: HttpRequest) -> Posted:
        """What was posted of it."""
        names = writable_names(self.schema, self.access)
        values = posted_values(self.schema, request.POST, names=names)
        general = request.FILES.getlist(ATTACHMENTS) if self.attachments else []
        uploads = [Upload(file, file.name or "", ATTACHMENTS, place) for place, file in enumerate(general)]
        for name, files in posted_files(self.schema, request.FILES, names=names).items():
            uploads += [Upload(file, file.name or "", name, place) for place, file in enumerate(files)]
        return Posted(self, values, changed_values(self.schema, values, request.POST), uploads, len(general))


@dataclass(frozen=True)
class Posted:
    """A post: all texts of its fields, those of them that a person changed, and files, attachments first."""

    entry: TicketEntry
    texts: Mapping[str, Any]
    changed: Mapping[str, Any]
    uploads: Sequence[Upload]
    general: int

    def without_values(self) -> Posted:
        """Only the attachments."""
        return replace(self, texts={}, changed={}, uploads=self.uploads[: self.general])

    def write(self, act: Callable[[dict[str, Any], Sequence[StoredFile]], T]) -> T:
        """`act` with the changed values and the attachments, both in one transaction with the files. Raises what `act`
        raises; Refused with the faults of files and values where files are not taken."""
        faults = self._file_faults()
        if faults:
            raise Refused([*faults, *self._value_faults()])
        return with_files(
            uploads=self.uploads,
            actor=self.entry.actor,
            write=lambda stored: act(self._values(stored), stored[: self.general]),
        )

    def _values(self, stored: Sequence[StoredFile]) -> dict[str, Any]:
        """The changed values, new files at the end of their fields' lists."""
        items: dict[str, list[Any]] = {}
        for upload, row in list(zip(self.uploads, stored, strict=True))[self.general :]:
            items.setdefault(upload.field, []).append(file_item(row))
        return {**self.changed, **{name: _joined(self.texts.get(name, ""), new) for name, new in items.items()}}

    def _file_faults(self) -> list[Fault]:
        faults: list[Fault] = []
        if len(self.uploads) > settings.MAX_TICKET_FILES:
            message = _("At most {limit} files are allowed.").format(limit=settings.MAX_TICKET_FILES)
            faults.append(Fault("too_many_files", message, ATTACHMENTS))
        try:
            checked_uploads(self.uploads, self.entry.actor)
        except DomainError as refused:
            faults += [self._named(fault) for fault in refused.faults]
        return faults

    def _named(self, fault: Fault) -> Fault:
        """A fault of a file with the file's name."""
        upload = next(file for file in self.uploads if (file.field, file.index) == (fault.field, fault.index))
        column = self.entry.schema.by_field.get(fault.field)
        return replace(
            fault, message=f"{upload.name}: {fault.message}", index=None, label=column.label if column else ""
        )

    def _value_faults(self) -> list[Fault]:
        """What is wrong with the values, named with the files'."""
        schema, actor, data = self.entry.schema, self.entry.actor, self.entry.data
        try:
            cleaned_new(schema, self.changed, actor) if data is None else cleaned_changes(
                schema, self.changed, actor, data
            )
        except Refused as refused:
            return [*refused.faults]
        return []


def _joined(text: Any, items: Sequence[Any]) -> Any:
    """The list that a posted text spells with these items behind; a text that spells none is left to be refused."""
    try:
        listed = reads(text) if text else []
    except (ValueError, RecursionError):
        listed = None
    return Text(dumps([*listed, *items]).decode()) if isinstance(listed, list) else text
