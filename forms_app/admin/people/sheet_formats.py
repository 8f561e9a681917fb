"""Sheets of people as files: CSV and XLSX, read by the reader of record files, written so that no cell is run."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tablib
import xlsxwriter
from django.utils.translation import gettext as _
from import_export.formats.base_formats import Format

from forms_app.loading.formula_guard import guarded, unguarded
from forms_app.loading.row_files import open_rows
from forms_app.loading.sheet_cells import UnreadableFile

MOST_ROWS = 20_000
ENCODINGS = ("utf-8-sig", "gb18030")
"""What spreadsheets write CSV in; the first that fits."""


class SheetFormat(Format):
    """A heading and rows of texts."""

    name: str
    content_type: str

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return self.name

    def get_extension(self) -> str:
        return self.name

    def get_content_type(self) -> str:
        return self.content_type

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        """The file's rows. Raises UnreadableFile."""
        with tempfile.NamedTemporaryFile(suffix=f".{self.name}") as file:
            file.write(in_stream)
            file.flush()
            for encoding in ENCODINGS:
                try:
                    return dataset_of(list(self.rows(Path(file.name), encoding)))
                except UnicodeError:
                    continue
        raise UnreadableFile(_("The file is neither in UTF-8 nor in GB 18030."))

    def rows(self, path: Path, encoding: str) -> Iterator[list[str]]:
        with open_rows(path, self.name, encoding=encoding) as file:
            for number, row in file.rows:
                if number > MOST_ROWS + 1:
                    raise UnreadableFile(_("A sheet of people has at most {limit} rows.").format(limit=MOST_ROWS))
                yield [unguarded(str(cell)).strip() for cell in row]


class Csv(SheetFormat):
    """With a byte-order mark, without which spreadsheets take it for another encoding."""

    name = "csv"
    content_type = "text/csv; charset=utf-8"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        return b"\xef\xbb\xbf" + bytes(dataset.export("csv"), "utf-8")


class Xlsx(SheetFormat):
    """One sheet of texts."""

    name = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([dataset.headers or [], *dataset]):
                for place, cell in enumerate(row):
                    sheet.write_string(number, place, str(cell))
        return file.getvalue()


def dataset_of(rows: list[list[str]]) -> tablib.Dataset:
    """The rows under their heading, a shorter one filled up. Raises UnreadableFile for one that is longer."""
    if not rows:
        return tablib.Dataset()
    headings, *others = rows
    while headings and not headings[-1]:
        headings.pop()
    dataset = tablib.Dataset(headers=headings)
    for number, row in enumerate(others, 2):
        if any(row[len(headings) :]):
            raise UnreadableFile(_("Row {number} has a cell without a heading.").format(number=number))
        dataset.append((row + [""] * len(headings))[: len(headings)])
    return dataset


def guarded_dataset(headings: list[str], rows: Iterator[list[str]]) -> tablib.Dataset:
    """The rows as people may open them in a spreadsheet."""
    dataset = tablib.Dataset(headers=headings)
    for row in rows:
        dataset.append([guarded(cell) for cell in row])
    return dataset
