"""CSV as spreadsheets open it: UTF-8 with its mark, and no text in it that they would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from forms_app.exact_json import number_text
from forms_app.exporting.columns import Cell, first_row
from forms_app.exporting.shapes import Shape
from forms_app.field_types._spelling import plain_text
from forms_app.loading.exported import GUARDED
from forms_app.loading.formula_guard import guarded

MARK = "\ufeff"
"""Without it Excel reads the file in the encoding of its country."""

MAY_RUN = "'=+-@\t\r"
"""With none of these a text that is guarded begins."""


class CsvText(Shape):
    content_type = "text/csv; charset=utf-8"

    def begin(self) -> bytes:
        return (MARK + _text([[guarded(heading) for heading in first_row(GUARDED, self.columns)]])).encode()

    def rows(self, cells: Sequence[Sequence[Cell]]) -> bytes:
        return _text(zip(*map(_texts, cells), strict=True)).encode()


def _texts(cells: Sequence[Cell]) -> list[str]:
    """There are millions of cells: what is commonest costs no call."""
    return [
        "" if cell is None else cell if type(cell) is str and cell and cell[0] not in MAY_RUN else cell_text(cell)
        for cell in cells
    ]


def cell_text(cell: Cell) -> str:
    """A cell as text. Numbers are not guarded: a spreadsheet runs none, and programs read them."""
    kind = type(cell)
    if kind is str:
        return guarded(cell)
    if kind is Decimal:
        return number_text(cell)
    return str(cell) if kind is int else plain_text(cell)


def _text(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()
