"""Files whose rows are to become records: CSV, XLSX and JSON lines, read row by row, never as a whole."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from forms_app.loading.sheet_cells import LONGEST_ROW, UnreadableFile
from forms_app.loading.xlsx import Sheet

FORMATS = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""Format by the file name's end."""
RawRow = list[str] | str
"""The texts of a row's cells, or a line of JSON."""


@dataclass(frozen=True)
class RowFile:
    """A file open for reading. `rows` gives (number, row): the number that a spreadsheet or an editor shows; empty rows
    are left out. `position` of `size` is read so far."""

    rows: Iterator[tuple[int, RawRow]]
    size: int
    position: Callable[[], int]
    notes: Callable[[], list[str]] = list
    """What is to be said of the file once its rows are read."""


def format_of(path: Path) -> str:
    """The format that the file's name tells. Raises UnreadableFile."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        names = ", ".join(FORMATS)
        raise UnreadableFile(
            _("{path}: the name does not end in one of {names}").format(path=path, names=names)
        ) from None


def digest_of(path: Path, encoding: str = "", sheet: str = "") -> str:
    """The SHA-256 of the file's bytes and the sheet's name, which tells them from any other. With an encoding its
    text is checked on the way. Raises UnreadableFile, OSError."""
    digest = hashlib.sha256(sheet.encode())
    decode = codecs.getincrementaldecoder(encoding)().decode if encoding else None
    with path.open("rb") as file:
        try:
            while piece := file.read(1 << 20):
                digest.update(piece)
                if decode:
                    decode(piece)
            if decode:
                decode(b"", final=True)
        except UnicodeError as error:
            raise UnreadableFile(_("{path} is not in {encoding}").format(path=path, encoding=encoding)) from error
    return digest.hexdigest()


@contextmanager
def open_rows(
    path: Path, file_format: str, *, sheet: str = "", encoding: str = "utf-8-sig", separator: str = ","
) -> Iterator[RowFile]:
    """Open a file of one of FORMATS. Reading raises UnreadableFile where it is none. Raises OSError."""
    if file_format == "xlsx":
        book = Sheet(path, sheet)
        try:
            filled = ((number, cells) for number, cells in book.rows() if any(cells))
            yield RowFile(filled, book.size, lambda: book.position, book.notes)
        finally:
            book.close()
        return
    with path.open("rb") as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        rows = _csv_rows(text, separator) if file_format == "csv" else _lines(text)
        yield RowFile(rows, path.stat().st_size, file.tell)


class _Lines:
    """The lines of a text, of which a row may take several. `row` is the number of the row that they belong to."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._taken = 0
        self.row = 1

    def begin(self, row: int) -> None:
        """The lines from here on are those of this row."""
        self.row = row
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        """Raises UnreadableFile when a row is longer than any record, before more of it is read."""
        while line := self._text.readline(LONGEST_ROW + 1 - self._taken):
            self._taken += len(line)
            if self._taken > LONGEST_ROW:
                message = _("Row {number} has more than {limit} characters.")
                raise UnreadableFile(message.format(number=self.row, limit=LONGEST_ROW))
            yield line


def _csv_rows(text: io.TextIOWrapper, separator: str) -> Iterator[tuple[int, RawRow]]:
    csv.field_size_limit(LONGEST_ROW)
    # Rows are counted as spreadsheets count them: a cell of several lines is part of one row.
    lines = _Lines(text)
    reader = enumerate(csv.reader(lines, strict=True, delimiter=separator), 1)
    number = 0
    while True:
        lines.begin(number + 1)
        try:
            number, cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = _("Row {number} can't be read as CSV: {error}")
            raise UnreadableFile(message.format(number=number + 1, error=error)) from error
        if any(cells):
            yield number, cells


def _lines(text: io.TextIOWrapper) -> Iterator[tuple[int, RawRow]]:
    lines = _Lines(text)
    for number, line in enumerate(lines, 1):
        lines.begin(number + 1)
        if stripped := line.strip():
            yield number, stripped
