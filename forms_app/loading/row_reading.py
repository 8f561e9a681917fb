"""A row of a file → what a client of the API would send for it → the checked values of a record.

A cell is a text, whatever kind of cell it was: each type reads it as its own, as it reads a query string. Beside that a
cell may hold what a spreadsheet shows instead of what the API takes: an option's label, a person's number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exact_json import strict
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column, Text
from forms_app.field_types.base import excerpt
from forms_app.loading.row_files import RawRow
from forms_app.loading.sheet_cells import Broken, Rounded, UnreadableFile
from forms_app.records.cleaning import MAX_FAULTS, Values, checked_new, complete
from forms_app.schema.form_schema import FormSchema

NUMBERED = re.compile(r"FORMITM_([1-9][0-9]{0,8})", re.ASCII)
REMARK = "#"
"""Columns whose heading begins so are not read: those that a file of refused rows adds, and anybody's own."""
_LISTED = re.compile(r"[,，;；、\n]")
_PATH = re.compile(r"[/>]")
MOST_REMEMBERED = 4_096
"""Different texts of a column, before it begins anew."""
LONGEST_REMEMBERED = 200


def heading_of(schema: FormSchema, cells: Sequence[str], left_out: Sequence[str] = ()) -> list[Column | None]:
    """The column that each heading names: by a field's name, a label that only one has, or FORMITM_<n>. None for those
    that are not read. Raises UnreadableFile with all that is wrong."""
    columns: list[Column | None] = []
    wrong: list[str] = []
    for cell in cells:
        text = cell.strip()
        if not text or text.startswith(REMARK) or text in left_out:
            columns.append(None)
            continue
        column = _named(schema, text)
        if column is None:
            labelled = sum(other.label == text for other in schema.fields)
            message = (
                _("{name}: {count} fields have this label") if labelled else _("{name}: the form has no such field")
            )
            wrong.append(message.format(name=text[:100], count=labelled))
        elif not column.type.writable:
            wrong.append(_("{name}: the server gives this value; leave the column out").format(name=text[:100]))
        elif column in columns:
            wrong.append(_("{name}: this field is there twice").format(name=text[:100]))
        columns.append(column)
    if wrong:
        raise UnreadableFile(_("The first row must name fields. ") + "; ".join(wrong))
    if not any(columns):
        raise UnreadableFile(_("The first row names no field."))
    return columns


def _named(schema: FormSchema, text: str) -> Column | None:
    numbered = NUMBERED.fullmatch(text)
    return schema.named(text) or (schema.by_number.get(int(numbered[1])) if numbered else None)


class Reading:
    """Reads and checks the rows of one file by one definition; what the same texts mean again and again is found out
    once. It asks no database, so a thread may do it."""

    def __init__(self, schema: FormSchema, heading: Sequence[Column | None] | None) -> None:
        """`heading` is None for JSON lines."""
        self.schema = schema
        self._is_table = heading is not None
        self._cells = [CellReader(column, reader_of(column)) if column else None for column in heading or ()]
        self._values: dict[Column, CellReader] = {}

    def checked(self, row: RawRow) -> tuple[Values, list[Fault]]:
        """The row's values with the defaults, and what is wrong with it, as far as no database need be asked."""
        if self._is_table:
            return self._checked_cells(row)
        sent, faults = _line_values(str(row))
        return ({}, faults) if faults else checked_new(self.schema, sent, self._clean)

    def _checked_cells(self, row: RawRow) -> tuple[Values, list[Fault]]:
        """An empty cell sends nothing."""
        stored: Values = {}
        unreadable: list[Fault] = []
        faults: list[Fault] = []
        # There are millions of cells: what is not rare costs no call.
        for reader, cell in zip(self._cells, row, strict=False):
            if not cell or reader is None:
                continue
            if type(cell) is not str and (fault := reader.unreadable(cell)):
                unreadable.append(fault)
                continue
            value = reader.remembered.get(cell)
            if value is None:
                try:
                    value = reader.clean(cell)
                except Refused as refused:
                    faults += refused.faults
                    if len(faults) >= MAX_FAULTS:
                        break
                    continue
            stored[reader.name] = value
        unreadable += [extra_cell(place, row[place]) for place in range(len(self._cells), len(row)) if row[place]]
        faults = unreadable + faults
        complete(self.schema, stored, faults)
        return stored, faults

    def _clean(self, column: Column, raw: Any, current: Any = None) -> Any:
        """`column.clean` of a JSON value. Raises Refused."""
        if type(raw) is not str:
            return column.clean(raw)
        reader = self._values.get(column)
        if reader is None:
            reader = self._values[column] = CellReader(column, str)
        value = reader.remembered.get(raw)
        return reader.clean(raw) if value is None else value


def extra_cell(place: int, cell: str) -> Fault:
    return Fault("extra_cell", _("The row has more cells than the first row."), index=place, got=excerpt(cell))


class CellReader:
    """Cleans the texts of one column. `remembered`: text → what is stored for it; whoever asks looks there first."""

    __slots__ = ("_column", "_read", "_refused", "name", "remembered")

    def __init__(self, column: Column, read: Callable[[str], Any]) -> None:
        """`read` makes of a text what a client would send."""
        self.name = column.name
        self.remembered: dict[str, Any] = {}
        self._column = column
        self._read = read
        self._refused: dict[str, Sequence[Fault]] = {}

    def clean(self, text: str) -> Any:
        """What is stored for a text that is not remembered. Raises Refused."""
        known = self._refused.get(text)
        if known is not None:
            raise Refused(known)
        try:
            value = self._column.clean(self._read(text))
        except Refused as refused:
            _remember(self._refused, text, refused.faults)
            raise
        _remember(self.remembered, text, value)
        return value

    def unreadable(self, cell: str) -> Fault | None:
        """The fault of a cell that shows an error, or whose number is not to be taken for a text."""
        if type(cell) is Broken:
            message = _("The cell holds an error, or a formula that was never computed.")
            return Fault("broken_cell", message, self.name, self._column.label, got=excerpt(str(cell)))
        if type(cell) is Rounded and self._column.value_field.keeps_digits:
            message = _("A spreadsheet keeps fifteen digits of a number. Store the column as text.")
            return Fault("rounded_number", message, self.name, self._column.label, got=str(cell))
        return None


def _remember(remembered: dict[str, Any], text: str, value: Any) -> None:
    if len(text) <= LONGEST_REMEMBERED:
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        remembered[text] = value


def reader_of(column: Column) -> Callable[[str], Any]:
    """What makes of a cell what a client would send."""
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
        single = cell.strip() in labels or cell.strip() in column.options
        return column.type.assigned(column, (cell.strip(),) if single else _parts(cell, column.type.cascades))
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
        values = strict(line)
    except (ValueError, RecursionError) as error:
        return {}, [Fault("malformed_json", _("The line is no JSON: {error}").format(error=error), got=excerpt(line))]
    if isinstance(values, dict) and isinstance(values.get("form_entity"), dict) and values.keys() <= REFUSED_KEYS:
        values = values["form_entity"]
    if not isinstance(values, Mapping):
        message = _("Expected an object of field names and values.")
        return {}, [Fault("malformed_json", message, got=excerpt(line))]
    return dict(values), []


REFUSED_KEYS = {"row", "form_entity", "errors"}
"""What a line of a file of refused rows holds."""
