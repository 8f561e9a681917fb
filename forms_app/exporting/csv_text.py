"""CSV as spreadsheets open it: UTF-8 with its mark, and no text in it that they would run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from forms_app.exact_json import compact, number_text
from forms_app.exporting.batches import Batch
from forms_app.exporting.cells import Cell
from forms_app.exporting.columns import first_row
from forms_app.exporting.shapes import Shape
from forms_app.field_types._spelling import plain_text
from forms_app.loading.exported import GUARDED
from forms_app.loading.formula_guard import guarded

MARK = "\ufeff".encode()
"""Without it Excel reads the file in the encoding of its country."""
END = b"\r\n"
_SPECIAL = re.compile("[\",\r]|\n[-'=+@\t\r]")
"""What of texts, each behind a line's end, has to be guarded or quoted, beside a line's end of its own."""
_QUOTED = re.compile('[",\r\n]')
NUMERIC = b"0123456789.-\n"
MAY_RUN = tuple(b'\n"' + start for start in (b"'", b"=", b"+", b"-", b"@"))
"""How lines of JSON begin whose texts may have to be guarded. A tab and a carriage return are escaped in JSON."""


class CsvText(Shape):
    content_type = "text/csv; charset=utf-8"

    def begin(self) -> bytes:
        return MARK + b",".join(self.spelled(first_row(GUARDED, self.columns))) + END

    @staticmethod
    def spelled(cells: Sequence[Cell]) -> list[bytes]:
        """There are millions of cells: that nothing is special about them is found out of many at a time."""
        texts = ["" if cell is None else cell if type(cell) is str else _bare_text(cell) for cell in cells]
        lines = "\n".join(["", *texts])
        if _SPECIAL.search(lines) or lines.count("\n") != len(texts):
            texts = [guarded(text) if type(cell) is str else text for text, cell in zip(texts, cells, strict=True)]
            return list(map(_quoted, texts))
        return lines.encode().split(b"\n")[1:]

    @staticmethod
    def stored(batch: Batch, name: str) -> list[bytes]:
        lines, count = batch.joined(name), len(batch.rows)
        cells = numbers(lines) or plain_texts(lines, count) or containers(batch.texts(name))
        return cells or CsvText.spelled(batch.values(name))

    def rows(self, ids: Sequence[int], cells: Sequence[Sequence[Any]]) -> bytes:
        rows = zip([b"%d" % number for number in ids], *cells, strict=True)
        return END.join([*map(b",".join, rows), b""])


def numbers(lines: bytes) -> list[bytes] | None:
    """The cells of lines of JSON where all of them are numbers, or empty: they are the same."""
    return None if lines.translate(None, NUMERIC) else lines.split(b"\n")


def plain_texts(lines: bytes, count: int) -> list[bytes] | None:
    """The same where all of them are texts, or empty, in which nothing but quotes and lines' ends is escaped, and
    nothing to be guarded."""
    lines = b"\n%b\n" % lines
    quotes = lines.count(b'\\"')
    escaped = quotes + lines.count(b"\\n")
    if lines.count(b"\\") != escaped or any(start in lines for start in MAY_RUN):
        return None
    if b"\n\n" in lines:
        lines = lines.replace(b"\n\n", b'\n""\n').replace(b"\n\n", b'\n""\n')
    cells = lines[2:-2].split(b'"\n"')
    # As many texts as lines, and no more quotes than theirs: so each line is a text and nothing beside it.
    bounds = lines.count(b'"') - quotes
    if not (lines.startswith(b'\n"') and lines.endswith(b'"\n') and bounds == 2 * count == 2 * len(cells)):
        return None
    if escaped:
        return [
            b'"%b"' % cell.replace(b"\\n", b"\n").replace(b'\\"', b'""') if b"\\" in cell or b"," in cell else cell
            for cell in cells
        ]
    return [b'"%b"' % cell if b"," in cell else cell for cell in cells] if b"," in lines else cells


def containers(texts: Sequence[bytes]) -> list[bytes] | None:
    """The same where all of them are lists and objects, or empty."""
    if any(text[:1] not in (b"[", b"{", b"") for text in texts):
        return None
    cells = [text and compact(text) for text in texts]
    return [b'"%b"' % cell.replace(b'"', b'""') if b'"' in cell or b"," in cell else cell for cell in cells]


def _bare_text(cell: Cell) -> str:
    """A cell that is no text as one. Numbers are not guarded: a spreadsheet runs none, and programs read them."""
    kind = type(cell)
    return number_text(cell) if kind is Decimal else str(cell) if kind is int else plain_text(cell)


def _quoted(text: str) -> bytes:
    if _QUOTED.search(text):
        text = '"{}"'.format(text.replace('"', '""'))
    return text.encode()
