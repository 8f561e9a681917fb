"""What the tests of loading share: files of each format, and a load of one."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps, reads
from forms_app.field_types import Option
from forms_app.loading.file_load import FileSource, file_load
from forms_app.loading.formula_guard import unguarded
from forms_app.models import CustomForm, FileLoad, Member
from tests.factories import actor_of, schema_of

SOURCES = (
    Option("H6Qq/ojoIFNyICUXzx3UOw==", "官网"),
    Option("qxjjDA3ECTzu2olh+sPR9A==", "转介绍"),
    Option("AAAAAAAAAAAAAAAAAAAAAA==", "电话黄页", enabled=False),
)
Table = Sequence[Sequence[Any]]


def write_csv(path: Path, rows: Table) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[cell_text(cell) for cell in row] for row in rows])
    return path


def write_xlsx(path: Path, rows: Table, **options: Any) -> Path:
    """Numbers and times as such, all else as text."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm:ss.000", **options}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, bool):
                    sheet.write_boolean(number, place, cell)
                elif isinstance(cell, int | Decimal) and len(str(cell)) < 15:
                    sheet.write_number(number, place, float(cell))
                elif hasattr(cell, "year"):
                    sheet.write_datetime(number, place, cell)
                elif (text := cell_text(cell)) != "":
                    sheet.write_string(number, place, text)
    return path


def write_jsonl(path: Path, rows: Sequence[Any]) -> Path:
    path.write_bytes(b"".join(dumps(row) + b"\n" for row in rows))
    return path


def cell_text(value: Any) -> str:
    """A value as one writes it into a cell."""
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value).decode()


def load(form: CustomForm, member: Member, path: Path, **options: Any) -> FileLoad:
    """Load the file as the member; refused rows lie beside it."""
    refused = options.pop("refused_path", path.with_name(f"{path.name}.refused"))
    left_out = options.pop("left_out", ())
    source = FileSource(path, {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl"}[path.suffix], left_out=left_out)
    return file_load(schema=schema_of(form), source=source, actor=actor_of(member), refused_path=refused, **options)


def stored_rows(form: CustomForm) -> list[dict[str, Any]]:
    """What the form's records hold, by id."""
    sql = "SELECT data::text FROM form_entity WHERE custom_form_id = %s ORDER BY id"
    return [reads(row[0]) for row in fetch(sql, [form.pk])]


def refused_table(path: Path) -> list[dict[str, str]]:
    """The rows of a file of refused rows, each text as its source had it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: unguarded(row[name] or "") for name in row if name} for row in csv.DictReader(file)]


def refused_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
