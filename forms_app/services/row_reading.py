"""A row of a file → what a client of the API would send for it.

A cell is a text, whatever kind of cell it was: each type reads it as its own, as it reads a query string. Beside that a
cell may hold what a spreadsheet shows instead of what the API takes: an option's label, a person's number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column, Text
from forms_app.field_types.base import excerpt
from forms_app.schema import FormSchema
from forms_app.services.row_files import RawRow
from forms_app.services.sheet_cells import Broken, UnreadableFile

NUMBERED = re.compile(r"FORMITM_([1-9][0-9]{0,8})", re.ASCII)
REMARK = "#"
"""Columns whose heading begins so are not read: those that a file of refused rows adds, and anybody's own."""
_LISTED = re.compile(r"[,，;；、\n]")
_PATH = re.compile(r"[/>]")
MOST_REMEMBERED = 4_096
"""Different texts of a column; a column that has more of them than repetitions gains nothing."""
LONGEST_REMEMBERED = 200


def heading_of(schema: FormSchema, cells: Sequence[str], left_out: Sequence[str] = ()) -> list[Column | None]:
    """The column that each heading names: by a field's name, a label that only one has, or FORMITM_<n>. None for those
    that are not read. Raises UnreadableFile with all that is wrong."""
    found: list[Column | None] = []
    wrong: list[str] = []
    for cell in cells:
        text = cell.strip()
        if not text or text.startswith(REMARK) or text in left_out:
            found.append(None)
            continue
        column = _named(schema, text)
        if column is None:
            labelled = sum(other.label == text for other in schema.fields)
            told = _("{name}: {count} fields have this label") if labelled else _("{name}: the form has no such field")
            wrong.append(told.format(name=text[:100], count=labelled))
        elif not column.type.writable:
            wrong.append(_("{name}: the server gives this value; leave the column out").format(name=text[:100]))
        elif column in found:
            wrong.append(_("{name}: this field is there twice").format(name=text[:100]))
        found.append(column)
    if wrong:
        raise UnreadableFile(_("The first row must name fields. ") + "; ".join(wrong))
    if not any(found):
        raise UnreadableFile(_("The first row names no field."))
    return found


def _named(schema: FormSchema, text: str) -> Column | None:
    numbered = NUMBERED.fullmatch(text)
    return schema.named(text) or (schema.by_number.get(int(numbered[1])) if numbered else None)


@dataclass
class Reading:
    """Reads the rows of one file; the values of texts that come again and again are parsed once.

    `heading` is None for JSON lines.
    """

    heading: Sequence[Column | None] | None
    _columns: dict[Column, Remembering] = field(default_factory=dict)

    def values(self, row: RawRow) -> tuple[dict[str, Any], list[Fault]]:
        """What would be sent for the row, and what is wrong with the row itself. An empty cell sends nothing."""
        if self.heading is None:
            return _line_values(str(row))
        values: dict[str, Any] = {}
        faults = []
        for place, cell in enumerate(row):
            if not cell:
                continue
            column = self.heading[place] if place < len(self.heading) else None
            if column is None:
                if place >= len(self.heading):
                    message = _("The row has more cells than the first row.")
                    faults.append(Fault("extra_cell", message, index=place, got=excerpt(cell)))
            elif isinstance(cell, Broken):
                message = _("The cell holds an error, or a formula that was never computed.")
                faults.append(Fault("broken_cell", message, column.name, column.label, got=excerpt(str(cell))))
            else:
                values[column.name] = cell
        return values, faults

    def clean(self, column: Column, raw: Any, current: Any = None) -> Any:
        """`column.clean`, of a cell or a JSON value. Raises Refused."""
        found = self._columns.get(column)
        if found is None:
            found = self._columns[column] = Remembering(column, self.heading is not None)
        return found.clean(raw)


class Remembering:
    """Cleans the texts of one column; what comes again is parsed once."""

    def __init__(self, column: Column, cells: bool) -> None:
        """With `cells` the texts are those of cells, else JSON values."""
        self.column = column
        self.read = reader_of(column) if cells else None
        self.held: dict[str, Any] | None = {}
        self.again = 0

    def clean(self, raw: Any) -> Any:
        """What is stored for `raw`. Raises Refused."""
        if self.held is None or not isinstance(raw, str) or len(raw) > LONGEST_REMEMBERED:
            return self.column.clean(raw if self.read is None else self.read(raw))
        if raw in self.held:
            self.again += 1
            found = self.held[raw]
        else:
            try:
                found = self.column.clean(raw if self.read is None else self.read(raw))
            except Refused as refused:
                found = refused
            self.held[raw] = found
            if len(self.held) >= MOST_REMEMBERED:
                self.held = {} if self.again > MOST_REMEMBERED else None
                self.again = 0
        if isinstance(found, Refused):
            raise Refused(found.faults)
        return found


def reader_of(column: Column) -> Callable[[str], Any]:
    """What reads the column's cells."""
    if column.type.has_options or column.value_field.spelt_as_json:
        return lambda cell: cell_value(column, cell)
    return Text


def cell_value(column: Column, cell: str) -> Any:
    """A cell's text as a client would send it: JSON and tokens as they are; where that is none, an option's label (a
    list with commas or 、, a path with / or >), people's and records' numbers, [start, end]."""
    text = Text(cell)
    listed = column.value_field.spelt_as_json
    if listed and cell.lstrip().startswith(("[", "{")):
        return text
    if column.type.has_options:
        labels = {option.label for option in column.options.values()}
        if not listed:
            return text if cell in column.options else column.type.assigned(column, cell.strip())
        whole = cell.strip() in labels or cell.strip() in column.options
        return column.type.assigned(column, (cell.strip(),) if whole else _parts(cell, column.type.cascades))
    if not listed:
        return text
    parts = _parts(cell, path=False)
    if column.type.refers and not all(part.isascii() and part.isdigit() for part in parts):
        return text
    values = tuple(Decimal(part) if column.type.refers else part for part in parts)
    return column.type.assigned(column, values if len(values) > 1 or not column.type.refers else values[0])


def _parts(cell: str, path: bool) -> tuple[str, ...]:
    return tuple(part.strip() for part in (_PATH if path else _LISTED).split(cell))


def _line_values(line: str) -> tuple[dict[str, Any], list[Fault]]:
    """The object of a line of JSON, as `form_entity` of the API; or a line of a file of refused rows."""
    try:
        found = _decoder.decode(line)
    except (ValueError, ArithmeticError, RecursionError) as error:
        return {}, [Fault("malformed_json", _("The line is no JSON: {error}").format(error=error), got=excerpt(line))]
    if isinstance(found, dict) and isinstance(found.get("form_entity"), dict) and found.keys() <= REFUSED_KEYS:
        found = found["form_entity"]
    if not isinstance(found, Mapping):
        message = _("Expected an object of field names and values.")
        return {}, [Fault("malformed_json", message, got=excerpt(line))]
    return dict(found), []


REFUSED_KEYS = {"row", "form_entity", "errors"}
"""What a line of a file of refused rows holds."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_("A name stands twice in one object."))
    return found


def _constant(text: str) -> NoReturn:
    raise ValueError(_("{name} is no JSON number.").format(name=text))


_decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_object)
