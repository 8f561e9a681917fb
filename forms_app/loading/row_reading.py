"""A row of a file → what a client of the API would send for it → the checked values of a record.

A cell is a text, whatever kind of cell it was: each type reads it as its own, as it reads a query string. Beside that a
cell may hold what a spreadsheet shows instead of what the API takes: an option's label, a person's number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forms_app.exact_json import strict
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.field_types._spelling import NOBODY, Names
from forms_app.field_types.base import excerpt
from forms_app.loading.exported import RECORD
from forms_app.loading.row_files import RawRow
from forms_app.loading.sheet_cells import Broken, Rounded, UnreadableFile
from forms_app.records.cleaning import MAX_FAULTS, Clean, Values, complete, emptied, parsed
from forms_app.schema.form_schema import FormSchema

NUMBERED = re.compile(r"FORMITM_([1-9][0-9]{0,8})", re.ASCII)
REMARK = "#"
"""Columns whose heading begins so are not read: those that a file of refused rows adds, and anybody's own."""
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
        column = field_named(schema, text)
        if column is None:
            labelled = sum(other.label == text for other in schema.fields)
            message = (
                _("{name}: {count} fields have this label") if labelled else _("{name}: the form has no such field")
            )
            wrong.append(message.format(name=text[:100], count=labelled))
        elif not column.type.writable:
            wrong.append(_("{name}: the server gives this value; leave the column out").format(name=text[:100]))
        elif column.name in schema.read_only:
            wrong.append(_("{name}: no role allows writing this field; leave the column out").format(name=text[:100]))
        elif column in columns:
            wrong.append(_("{name}: this field is there twice").format(name=text[:100]))
        columns.append(column)
    if wrong:
        raise UnreadableFile(_("The first row must name fields. ") + "; ".join(wrong))
    if not any(columns):
        raise UnreadableFile(_("The first row names no field."))
    return columns


def field_named(schema: FormSchema, text: str) -> Column | None:
    """The field that a heading means."""
    numbered = NUMBERED.fullmatch(text)
    return schema.named(text) or (schema.by_number.get(int(numbered[1])) if numbered else None)


def names_of(schema: FormSchema, left_out: Sequence[str] = ()) -> Callable[[str], bool]:
    """Whether a heading says something of the form."""
    return lambda text: text.startswith(REMARK) or text in left_out or field_named(schema, text) is not None


class Sent(NamedTuple):
    """What a row says: values by field, None where it can't be read at all; and what is wrong with them."""

    values: Values | None
    faults: Sequence[Fault]


class Reading:
    """Reads and checks the rows of one file by one definition; what the same texts mean again and again is found out
    once. It asks no database, so a thread may do it."""

    def __init__(
        self,
        schema: FormSchema,
        heading: Sequence[Column | None] | None,
        names: Names = NOBODY,
        is_exported: bool = False,
    ) -> None:
        """`heading` is None for JSON lines; `names` say who and what cells name. `is_exported`: the first column of the
        table holds the ids of records that were exported."""
        self.schema = schema
        self._is_table = heading is not None
        self._is_exported = is_exported
        self._names = names
        self._cells = [CellReader(column, reader_of(column, names)) if column else None for column in heading or ()]
        columns = [each for each in enumerate(schema.fields if heading is None else heading) if each[1]]
        self._choosing = [(place, column) for place, column in columns if column and column.type.has_options]
        related = ((place, column, column.type.related_form_id(column.setting)) for place, column in columns if column)
        self._related = [(place, column, form_id) for place, column, form_id in related if form_id is not None]
        self._values: dict[tuple[Column, bool], CellReader] = {}

    def sought(self, rows: Iterable[RawRow]) -> dict[int, set[str]]:
        """The names of records in the rows, by form: their readers ask `names` for them."""
        found: dict[int, set[str]] = {}
        for row in rows if self._related else ():
            cells = row if self._is_table else _line_values(str(row))[0]
            for place, column, form_id in self._related:
                cell = cells[place] if isinstance(cells, list) and place < len(cells) else None
                cell = cells.get(column.name, cells.get(column.label)) if isinstance(cells, dict) else cell
                if isinstance(cell, str) and (name := column.type.names_sought(column, cell)):
                    found.setdefault(form_id, set()).add(name)
        return found

    def new_labels(self, rows: Iterable[RawRow]) -> dict[str, list[str]]:
        """By field the labels in the rows that none of its options has."""
        found: dict[str, dict[str, None]] = {}
        for row in rows:
            cells = row if self._is_table else _line_values(str(row))[0]
            for place, column in self._choosing:
                cell = cells[place] if isinstance(cells, list) and place < len(cells) else None
                cell = cells.get(column.name) if isinstance(cells, dict) else cell
                # An error or a rounded number, which are texts too, names no option: its row is refused.
                for label in column.type.new_labels(column, cell) if type(cell) is str and cell else ():
                    found.setdefault(column.name, {})[label] = None
        return {name: list(labels) for name, labels in found.items()}

    def sent(self, row: RawRow) -> Sent:
        """What the row says of fields and what is wrong with it, as far as no database need be asked."""
        if self._is_table:
            return self._sent_cells(row, {})
        return self._sent_line(row, None)

    def new(self, sent: Sent) -> tuple[Values, list[Fault]]:
        """The values of a new record, with the defaults, and all that is wrong with them."""
        if sent.values is None:
            return {}, list(sent.faults)
        values, faults = dict(sent.values), list(sent.faults)
        complete(self.schema, values, faults)
        return values, faults

    def changes(self, row: RawRow, sent: Sent, stored: Mapping[str, Any]) -> tuple[Values, list[Fault]]:
        """The values that the row changes in a record that holds `stored`, and all that is wrong with them. What the
        record holds may stay."""
        if sent.faults:
            sent = self._sent_cells(row, stored) if self._is_table else self._sent_line(row, stored)
        values = dict(sent.values or {})
        return values, [*sent.faults, *emptied(self.schema, values, stored)]

    def _sent_line(self, row: RawRow, stored: Mapping[str, Any] | None) -> Sent:
        values, faults = _line_values(str(row))
        if faults:
            return Sent(None, faults)
        clean: Clean = self._clean
        if RECORD in values:
            named = {key: field_named(self.schema, key) for key in values if not key.startswith(REMARK)}
            values = {column.name if column else key: values[key] for key, column in named.items()}
            clean = self._clean_exported
        return Sent(*parsed(self.schema, values, stored, clean))

    def _sent_cells(self, row: RawRow, held: Mapping[str, Any]) -> Sent:
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
                    value = reader.clean(cell, held.get(reader.name))
                except Refused as refused:
                    faults += refused.faults
                    if len(faults) >= MAX_FAULTS:
                        break
                    continue
            stored[reader.name] = value
        unreadable += [extra_cell(place, row[place]) for place in range(len(self._cells), len(row)) if row[place]]
        if self._is_exported and row[0]:
            stored = {**{reader.name: None for reader in self._cells if reader}, **stored}
        return Sent(stored, unreadable + faults)

    def _clean(self, column: Column, raw: Any, current: Any = None, read: Callable[[str], Any] = str) -> Any:
        """`column.clean` of a JSON value. Raises Refused."""
        if type(raw) is not str:
            return column.clean(raw, current)
        reader = self._values.get((column, read is str))
        if reader is None:
            reader = self._values[column, read is str] = CellReader(column, read)
        value = reader.remembered.get(raw)
        return reader.clean(raw, current) if value is None else value

    def _clean_exported(self, column: Column, raw: Any, current: Any = None) -> Any:
        """The same of a value that was exported: its texts are those of cells."""
        return self._clean(column, raw, current, reader_of(column, self._names))


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

    def clean(self, text: str, held: Any = None) -> Any:
        """What is stored for a text that is not remembered; `held` is what the record holds, which may stay. Raises
        Refused."""
        if held is not None:
            return self._column.clean(self._read(text), held)
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


def reader_of(column: Column, names: Names = NOBODY) -> Callable[[str], Any]:
    """What makes of a cell what a client would send: its type says how people write it (`from_text`). Raises Refused
    with every fault of the cell, each named after the column."""

    def read(cell: str) -> Any:
        try:
            return column.type.from_text(column, cell, names)
        except Refused as refused:
            raise Refused(fault.named(column.name, column.label) for fault in refused.faults) from None

    return read


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
