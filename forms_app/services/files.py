"""Uploaded files: keeping them, knowing which records hold them, and who may fetch one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext as _

from forms_app.actor import Actor
from forms_app.exceptions import Fault, NotFound, TooLarge
from forms_app.models import FileUse, StoredFile
from forms_app.query.cursor import fetch
from forms_app.schema import FormSchema

URL = "/apaas/api/v2/files/{token}"


def file_store(*, content: File[bytes], name: str, content_type: str, actor: Actor) -> StoredFile:
    """Keep an upload. Its name is only shown, never a path. Raises TooLarge over MAX_FILE_BYTES."""
    size = content.size or 0
    if size > settings.MAX_FILE_BYTES:
        message = _("A file may have at most {limit} bytes.").format(limit=settings.MAX_FILE_BYTES)
        raise TooLarge([Fault("file_too_large", message, field="file", allowed=settings.MAX_FILE_BYTES, got=size)])
    stored = StoredFile(
        organization_id=actor.organization_id,
        member_id=actor.member_id,
        name=shown_name(name),
        content_type=content_type[:255] or "application/octet-stream",
        size=size,
    )
    stored.content.save(stored.token, content, save=False)
    stored.save()
    return stored


def shown_name(name: str) -> str:
    """The last part of a name, without control characters: what a browser may save the file as."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable()).strip(". ")[:255] or "file"


def file_item(stored: StoredFile) -> dict[str, Any]:
    """The file as a file field holds it."""
    return {
        "id": stored.pk,
        "name": stored.name,
        "file_file_name": stored.name,
        "file_content_type": stored.content_type,
        "file_file_size": stored.size,
        "file_url": URL.format(token=stored.token),
    }


def file_for(*, token: str, actor: Actor) -> StoredFile:
    """The file, if the actor uploaded it or may read a record that holds it now. Raises NotFound."""
    stored = StoredFile.objects.filter(token=token, organization_id=actor.organization_id).first()
    if stored is None or not (stored.member_id == actor.member_id or _held_in_sight(stored, actor)):
        raise NotFound([Fault("unknown_file", _("There is no such file."), field="file")])
    return stored


def _held_in_sight(stored: StoredFile, actor: Actor) -> bool:
    uses = FileUse.objects.filter(stored_file=stored).values_list("custom_form_id", "entity_id")
    for form_id, entity_id in uses:
        schema = FormSchema.find(form_id)
        if schema is None or not schema.enabled or not actor.sees(schema.id, schema.organization_id):
            continue
        sql = (
            f"SELECT 1 FROM form_entity WHERE custom_form_id = {int(form_id)} AND id = %s "
            "AND strpos(data::text, %s) > 0"
        )
        if fetch(sql, [entity_id, URL.format(token=stored.token)]):
            return True
    return False


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
    FileUse.objects.bulk_create(
        [
            FileUse(custom_form_id=form_id, entity_id=entity_id, stored_file_id=pk)
            for pk in StoredFile.objects.filter(token__in=set(tokens)).values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )
