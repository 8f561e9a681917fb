"""The file of the rows that a load refused: each with its number and the reasons, to be mended and loaded again."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from forms_app.exact_json import dumps
from forms_app.exceptions import Fault
from forms_app.loading.formula_guard import guarded, unguarded
from forms_app.loading.row_files import RawRow
from forms_app.loading.sheet_cells import Broken

HEADINGS = ("#row", "#codes", "#reasons")
"""The columns that such a file has beside those of its source."""


class RefusedRow(NamedTuple):
    """A row as it stood in its file, and why it is not loaded."""

    number: int
    row: RawRow
    faults: Sequence[Fault]


class RefusedRows:
    """Written beside the database: what a batch refuses is on the disk before the batch is committed, and the batch
    keeps the file's length, so that nothing of a batch that was not committed stays. Nobody else may read it, and a
    spreadsheet runs nothing of it."""

    def __init__(self, path: Path, heading: Sequence[str] | None) -> None:
        """`heading` is None for JSON lines."""
        self.path = path
        self.heading = heading

    def write(self, position: int, refused: Sequence[RefusedRow]) -> int:
        """Cut the file to `position`, add the rows; its length then. No file is made for none."""
        if not refused and not (self.path.exists() and self.path.stat().st_size > position):
            return position
        with self.path.open("r+b") if self.path.exists() else open(self.path, "x+b", opener=_private) as file:
            file.truncate(position)
            file.seek(position)
            if refused:
                file.write(self._text(refused, first=position == 0).encode(errors="replace"))
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def _text(self, refused: Sequence[RefusedRow], first: bool) -> str:
        if self.heading is None:
            return "".join(_line(row) for row in refused)
        out = io.StringIO(newline="")
        table = csv.writer(out)
        if first:
            out.write("\ufeff")  # or Excel reads it in the encoding of its country
            table.writerow(map(guarded, [*self.heading, *HEADINGS]))
        width = len(self.heading)
        for row in refused:
            cells = list(row.row)
            cells += [""] * (width - len(cells))
            codes = " ".join(dict.fromkeys(fault.code for fault in row.faults))
            # Cells beyond the heading stand behind the reasons: nothing is lost, and the columns stay where they are.
            reasons = "; ".join(map(_reason, row.faults))
            table.writerow(map(guarded, [*cells[:width], str(row.number), codes, reasons, *cells[width:]]))
        return out.getvalue()


def is_of_refused_rows(heading: Sequence[str]) -> bool:
    """Whether a file with this first row was written here, so that its cells are guarded."""
    return set(HEADINGS) <= set(heading)


def as_they_were(row: RawRow) -> RawRow:
    """The cells of a row of such a file as its source had them."""
    return row if isinstance(row, str) else [cell if type(cell) is Broken else unguarded(cell) for cell in row]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _reason(fault: Fault) -> str:
    place = "" if fault.index is None else f"[{fault.index}]"
    field = f"{fault.label or fault.field}{place}: " if fault.field else ""
    return f"{field}{fault.message}"


def _line(row: RefusedRow) -> str:
    """A line of JSON; the row itself is spliced in as it came, or as a text where it is no JSON."""
    errors: list[dict[str, Any]] = [
        {
            key: value
            for key, value in (("field", f.field), ("label", f.label), ("code", f.code), ("message", f.message))
            if value
        }
        | ({} if f.index is None else {"index": f.index})
        for f in row.faults
    ]
    malformed = any(fault.code == "malformed_json" for fault in row.faults)
    row_text = dumps(str(row.row).encode(errors="replace").decode()).decode() if malformed else str(row.row)
    return f'{{"row": {row.number}, "form_entity": {row_text}, "errors": {dumps(errors).decode()}}}\n'
