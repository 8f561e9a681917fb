"""What the tests of exporting share: a form's records as a file, and that file loaded back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from forms_app.exporting.export import FORMATS, Export
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.models import CustomForm, FileLoad, Member
from forms_app.records.query import EntityQuery, Sort, Terms
from tests.factories import actor_of, schema_of
from tests.forms_app.loading.files import load

BY_ID = Terms(sorts=(Sort(SYSTEM_COLUMNS["id"]),))
KINDS = list(FORMATS)


def exported(form: CustomForm, member: Member, file_format: str = "csv", terms: Terms = BY_ID, **options: Any) -> bytes:
    """The file, all of it."""
    names = options.pop("names", None)
    query = EntityQuery(schema_of(form), actor_of(member), terms)
    pieces = Export(query, names, file_format, **options).pieces()
    try:
        return b"".join(pieces)
    finally:
        pieces.close()


def loaded_back(form: CustomForm, member: Member, folder: Path, file_format: str, **options: Any) -> FileLoad:
    """The form's records once more, by way of a file."""
    path = folder / f"export.{file_format}"
    path.write_bytes(exported(form, member, file_format, **options))
    return load(form, member, path)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True)))
