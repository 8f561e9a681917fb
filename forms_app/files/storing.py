"""Uploaded files: keeping them, and knowing which records hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.base import File
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.utils.translation import gettext as _

from forms_app.database.retry import retried
from forms_app.exceptions import DiskFull, Fault, NotFound, Refused, TooLarge, is_disk_full
from forms_app.field_types._file_addresses import is_signed, shown_address
from forms_app.files.content_types import allowed, content_type_of
from forms_app.models import FileUse, StoredFile
from forms_app.models.stored_file import storage_path
from forms_app.people.actor import Actor
from forms_app.schema.form_schema import FormSchema

R = TypeVar("R")


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, and the parameter that brought it."""

    content: File[bytes]
    name: str
    field: str = "file"
    index: int | None = None


def file_store(*, content: File[bytes], name: str, actor: Actor) -> StoredFile:
    """Keep an upload. Its name is only shown, never a path; its type is what its bytes say. Raises TooLarge over
    MAX_FILE_BYTES, Refused for a type that FILE_TYPES does not take, DiskFull."""
    return with_files(uploads=[Upload(content, name)], actor=actor, write=lambda stored: stored[0])


def with_files(*, uploads: Sequence[Upload], actor: Actor, write: Callable[[Sequence[StoredFile]], R]) -> R:
    """Keep the uploads and do `write`, which gets their rows, in one transaction: when it fails, no row and no byte of
    them is left. Raises what `write` raises, TooLarge, Refused, DiskFull."""
    if not uploads:
        return write(())
    new = [StoredFile(**facts) for facts in checked_uploads(uploads, actor)]
    written = False

    @retried
    def together() -> R:
        nonlocal written
        written = False
        with transaction.atomic():
            for stored in new:
                stored.pk = None
                stored.save(force_insert=True)
            result = write(new)
            # From here on only the commit can fail; where its answer was lost the rows may be there.
            written = True
            return result

    try:
        for stored, upload in zip(new, uploads, strict=True):
            keep_bytes(stored, upload)
        return together()
    except BaseException as error:
        if not (written and isinstance(error, OperationalError | InterfaceError | InternalError)):
            for stored in new:
                forget_bytes(stored)
        raise


def checked_uploads(uploads: Sequence[Upload], actor: Actor) -> list[dict[str, Any]]:
    """What is kept of each upload beside its bytes. Raises TooLarge or Refused, with a fault for each that is not
    taken."""
    checked, faults = [], []
    for upload in uploads:
        size = upload.content.size or 0
        name = shown_name(upload.name)
        if size > settings.MAX_FILE_BYTES:
            message = _("A file may have at most {limit} bytes.").format(limit=settings.MAX_FILE_BYTES)
            faults.append(
                Fault(
                    "file_too_large",
                    message,
                    upload.field,
                    index=upload.index,
                    allowed=settings.MAX_FILE_BYTES,
                    got=size,
                )
            )
            continue
        kind = content_type_of(upload.content, name)
        if not allowed(kind, settings.FILE_TYPES):
            message = _("Files of the type {type} are not taken: {name}").format(type=kind, name=name)
            faults.append(
                Fault(
                    "content_type_refused",
                    message,
                    upload.field,
                    index=upload.index,
                    allowed=settings.FILE_TYPES,
                    got=kind,
                )
            )
        facts = {"organization_id": actor.organization_id, "member_id": actor.member_id}
        checked.append({**facts, "name": name, "content_type": kind, "size": size})
    if faults:
        raise (TooLarge if any(fault.code == "file_too_large" for fault in faults) else Refused)(faults)
    return checked


def keep_bytes(stored: StoredFile, upload: Upload) -> None:
    """Put an upload's bytes where they belong. Raises DiskFull, OSError; then none of them is left."""
    try:
        stored.content.save(stored.token, upload.content, save=False)
    except OSError as error:
        # A storage that broke off leaves what it wrote so far, under a name that it didn't come to tell.
        stored.content.name = storage_path(stored, stored.token)
        forget_bytes(stored)
        if not is_disk_full(error):
            raise
        raise DiskFull([Fault("disk_full", no_room(), upload.field, index=upload.index)]) from error


def no_room() -> str:
    return _("The server has no room left for files. Nothing was kept.")


def forget_bytes(stored: StoredFile) -> None:
    """Delete what was kept of a file that has no row, as far as the storage lets us."""
    if stored.content.name:
        with suppress(OSError):
            stored.content.storage.delete(stored.content.name)


def shown_name(name: str) -> str:
    """The last part of a name, without control characters: what a browser may save the file as."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable()).strip(". ")[:255] or "file"


def file_item(stored: StoredFile) -> dict[str, Any]:
    """The file as an item of a file field that is sent and answered."""
    return {
        "id": stored.pk,
        "name": stored.name,
        "file_file_name": stored.name,
        "file_content_type": stored.content_type,
        "file_file_size": stored.size,
        "file_url": shown_address(stored.token),
    }


def signed_file(*, token: str, until: int, signature: str) -> StoredFile:
    """The file that a signed address names: who could read it there has given the address on. Raises NotFound."""
    stored = StoredFile.objects.filter(token=token).first() if is_signed(token, until, signature) else None
    if stored is None:
        message = _("The file's address has expired, or was never given out. Read its record again.")
        raise NotFound([Fault("wrong_signature", message, field="signature")])
    return stored


def own_files(schema: FormSchema, values: Mapping[str, Any]) -> list[str]:
    """The tokens of the files of this server that these stored values hold."""
    tokens = []
    for name, value in values.items():
        column = schema.by_field[name]
        if column.type.holds_files and value is not None:
            tokens += [ref.id for ref in column.type.must_exist(column, value) if ref.id]
    return tokens


def note_uses(form_id: int, entity_id: int, tokens: Iterable[str]) -> None:
    """Remember that the record holds these files. In the transaction of its write."""
    note_all_uses(form_id, [(entity_id, token) for token in tokens])


def note_all_uses(form_id: int, uses: Sequence[tuple[int, str]]) -> None:
    """Remember (record, token of a file that it holds) of many records, as `note_uses`."""
    kept = StoredFile.objects.filter(token__in={token for _entity_id, token in uses})
    ids = dict(kept.values_list("token", "pk"))
    FileUse.objects.bulk_create(
        [
            FileUse(custom_form_id=form_id, entity_id=entity_id, stored_file_id=ids[token])
            for entity_id, token in uses
            if token in ids
        ],
        ignore_conflicts=True,
    )
