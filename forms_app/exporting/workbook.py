"""A workbook of one sheet: texts as texts, numbers as numbers where no digit is lost, days and times as such.

A workbook ends with the list of its parts, so it is put together on the disk and then sent; in memory is one row of it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from forms_app.exact_json import number_text
from forms_app.exceptions import Fault, TooLarge
from forms_app.exporting.cells import Cell
from forms_app.exporting.columns import ExportColumn, first_row
from forms_app.exporting.shapes import Shape
from forms_app.field_types._spelling import plain_text
from forms_app.loading.exported import RECORD
from forms_app.loading.sheet_cells import KEPT_DIGITS

MOST_ROWS = 1_048_575
"""So many a sheet has under its first."""
LONGEST_CELL = 32_767
"""Characters that a cell may hold."""
PIECE = 1 << 16
FIRST_YEAR = 1901
"""From here on a spreadsheet counts days as the calendar does."""
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2}(?:\.\d{3})?)?", re.ASCII)


def too_long(field: str, label: str = "") -> TooLarge:
    """That the field's texts are too long for a workbook."""
    message = _("A cell of a workbook holds at most {limit} characters: ask for csv.").format(limit=LONGEST_CELL)
    return TooLarge([Fault("too_long_cell", message, field, label, allowed=LONGEST_CELL)])


class Workbook(Shape):
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, columns: Sequence[ExportColumn]) -> None:
        super().__init__(columns)
        self._folder = tempfile.TemporaryDirectory(prefix="apaas-export-")
        self._path = Path(self._folder.name) / "export.xlsx"
        options = {"constant_memory": True, "tmpdir": self._folder.name}
        self._book: Any = xlsxwriter.Workbook(str(self._path), options)
        self._sheet = self._book.add_worksheet()
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._finer = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self._dates = [False, *(column.date for column in columns)]
        self._row = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sheet._opt_close()  # where the book was not closed its rows lie in an open file
        self._folder.cleanup()

    def begin(self) -> bytes:
        for place, heading in enumerate(first_row(RECORD, self.columns)):
            self._sheet.write_string(0, place, heading)
        return b""

    def rows(self, ids: Sequence[int], cells: Sequence[Sequence[Any]]) -> bytes:
        for row in zip(ids, *cells, strict=True):
            self._row += 1
            for place, cell in enumerate(row):
                if cell is not None:
                    self._write(place, cell)
        return b""

    def end(self) -> Iterator[bytes]:
        self._book.close()
        with self._path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def _write(self, place: int, cell: Cell) -> None:
        if spelt := isinstance(cell, list | dict):
            cell = plain_text(cell)
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._row, place, cell)
        elif isinstance(cell, int | Decimal):
            text = number_text(cell) if isinstance(cell, Decimal) else str(cell)
            if len(text.lstrip("-0.").replace(".", "")) <= KEPT_DIGITS:
                self._sheet.write_number(self._row, place, float(cell))
            else:
                self._sheet.write_string(self._row, place, text)
        elif self._dates[place] and _TIME.fullmatch(cell) and int(cell[:4]) >= FIRST_YEAR:
            shape = self._day if len(cell) == 10 else self._moment if len(cell) == 19 else self._finer
            moment = date.fromisoformat(cell) if len(cell) == 10 else datetime.fromisoformat(cell)
            self._sheet.write_datetime(self._row, place, moment, shape)
        elif len(cell) > LONGEST_CELL:
            if (
                self.columns[place - 1].exact and not spelt
            ):  # grown since it was asked: loading would take a note for the text
                raise too_long(self.columns[place - 1].heading)
            note = _("#too_long_cell: {count} characters, and a cell holds {limit}. Ask for csv.")
            self._sheet.write_string(self._row, place, note.format(count=len(cell), limit=LONGEST_CELL))
        else:
            self._sheet.write_string(self._row, place, cell)
