"""The columns of an exported file: what each is headed, and what its cells hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms_app.field_types import Column, Labels
from forms_app.field_types._spelling import Names, Spelled, plain_text
from forms_app.field_types._times import local_cell
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.loading.exported import RECORD
from forms_app.loading.row_reading import NUMBERED, REMARK
from forms_app.records.presentation import Projection, RecordKey
from forms_app.records.query import EntityRow
from forms_app.schema.form_schema import FormSchema

Cell = Any
"""What a cell holds: a value of JSON, numbers as int or Decimal; lists and objects are written as JSON."""
Write = Callable[[Sequence[EntityRow], Sequence[Mapping[str, Any]], Labels], list[Cell]]
"""The column's cells of some rows, of what each holds, and of the names that this refers to."""
AROUND = ("user", "created_at", "updated_at")
"""What a full export tells beside the fields."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Writing:
    """How the cells are to be written."""

    labelled: bool
    """Headed by the fields' labels, not names."""
    shown: bool
    """Choices, people and records by name."""
    as_json: bool
    """For lines of JSON: what is no text stays what it is."""
    names: Names


@dataclass(frozen=True)
class ExportColumn:
    """A column of the file. `date`: its texts are days or times, which a workbook may hold as such; `exact`: a cell is
    the stored value itself, and not told in words."""

    heading: str
    write: Write
    date: bool = False
    exact: bool = False


def wanted_keys(schema: FormSchema, names: tuple[str, ...] | None) -> Projection:
    """The keys that an export tells: those that were named, or every field and whose and when it is."""
    return Projection.of(schema, (*schema.by_field, *AROUND) if names is None else names)


def columns_of(projection: Projection, writing: Writing) -> list[ExportColumn]:
    """A column for each key. What loading can't take is headed as a remark, which it does not read."""
    schema = projection.schema
    columns = []
    for key in projection.keys:
        column = key.column
        if column is not None and column.name == key.name and column.type.writable:
            heading = heading_of(schema, column) if writing.labelled else column.name
            write = _field(column, writing)
            columns.append(ExportColumn(heading, write, _is_time(column) and writing.shown, _is_plain(column)))
            continue
        remark = REMARK + _remark_of(schema, key, writing)
        if remark == RECORD or any(remark == other.heading for other in columns):
            remark = f"{remark} {key.name}"
        columns.append(ExportColumn(remark, _remark(schema, key, writing)))
    return columns


def heading_of(schema: FormSchema, column: Column) -> str:
    """The field's label, where loading finds the field by it; else its name."""
    label = column.label
    found = label == label.strip() != "" and not label.startswith(REMARK) and not NUMBERED.fullmatch(label)
    return label if found and schema.named(label) is column else column.name


def _remark_of(schema: FormSchema, key: RecordKey, writing: Writing) -> str:
    if not writing.labelled:
        return key.name
    if key.column is not None and key.column.name == key.name:
        return key.column.label
    return str(SYSTEM_COLUMNS[key.name].label) if key.column is None and key.name in SYSTEM_COLUMNS else key.name


def long_texts(projection: Projection) -> list[str]:
    """The names of the fields among the keys that hold texts of many lines."""
    columns = [key.column for key in projection.keys if key.column is not None and key.column.name == key.name]
    return [column.name for column in columns if column.type.control == "textarea" and _is_plain(column)]


def _is_plain(column: Column) -> bool:
    kind = type(column.type)
    return kind.as_sent is Spelled.as_sent and kind.as_text is Spelled.as_text and kind.as_shown is Spelled.as_shown


def _is_time(column: Column) -> bool:
    return column.type.control in ("date", "datetime")


def _field(column: Column, writing: Writing) -> Write:
    name, field_type = column.name, column.type
    kind = type(field_type)
    if writing.as_json and not writing.shown:
        if kind.as_sent is Spelled.as_sent:
            return lambda rows, page, labels: [stored.get(name) for stored in page]
        return _unless_empty(name, lambda value: field_type.as_sent(column, value))
    plain = kind.as_sent is Spelled.as_sent and kind.as_text is Spelled.as_text
    if plain and (not writing.shown or kind.as_shown is Spelled.as_shown):
        return lambda rows, page, labels: [stored.get(name) for stored in page]
    if not writing.shown:
        return _unless_empty(name, lambda value: field_type.as_text(column, value))
    if field_type.related_form_id(column.setting) is None and not _is_time(column):
        return _remembering(column, writing.names)
    names = writing.names

    def shown(rows: Sequence[EntityRow], page: Sequence[Mapping[str, Any]], labels: Labels) -> list[Cell]:
        show = field_type.as_shown
        return [None if (value := stored.get(name)) is None else show(column, value, labels, names) for stored in page]

    return shown


def _remembering(column: Column, names: Names) -> Write:
    """As shown; what means the same again and again is found out once. Records and times seldom come again."""
    known: dict[str, str] = {}
    name, show = column.name, column.type.as_shown

    def write(rows: Sequence[EntityRow], page: Sequence[Mapping[str, Any]], labels: Labels) -> list[Cell]:
        cells: list[Cell] = []
        for stored in page:
            text = value = stored.get(name)
            if value is not None:
                key = value if type(value) is str else repr(value)
                text = known.get(key)
                if text is None:
                    if len(known) >= MOST_REMEMBERED:
                        known.clear()
                    text = known[key] = show(column, value, labels, names)
            cells.append(text)
        return cells

    return write


def _unless_empty(name: str, write: Callable[[Any], Cell]) -> Write:
    return lambda rows, page, labels: [None if (value := stored.get(name)) is None else write(value) for stored in page]


def _scalar(value: Any) -> Cell:
    return value if value is None or type(value) in (str, int, Decimal, bool) else plain_text(value)


def _as_it_is(value: Any) -> Cell:
    return value


def _remark(schema: FormSchema, key: RecordKey, writing: Writing) -> Write:
    """What the server gives, as clients read it; by name where that is asked for."""
    column, show, system = key.column, key.show, key.system
    finish: Callable[[Any], Cell] = _as_it_is if writing.as_json and not writing.shown else _scalar
    if column is not None:

        def of_field(rows: Sequence[EntityRow], page: Sequence[Mapping[str, Any]], labels: Labels) -> list[Cell]:
            values = [stored.get(column.name) for stored in page]
            if show is not None:
                values = [value if value is None else show(value, labels) for value in values]
            return [value if value is None else finish(value) for value in values]

        return of_field
    if system is None:
        raise ValueError(key.name)
    if key.name == "user":
        if writing.shown:
            return lambda rows, page, labels: [labels.member(row.owner_uid)["name"] or row.owner_uid for row in rows]
        return lambda rows, page, labels: [row.owner_uid for row in rows]
    if writing.shown and key.name in ("created_at", "updated_at"):
        place = 2 if key.name == "created_at" else 3
        return lambda rows, page, labels: [local_cell(str(row[place])) for row in rows]
    return lambda rows, page, labels: [
        finish(system(schema, row, stored, labels)) for row, stored in zip(rows, page, strict=True)
    ]


def first_row(marker: str, columns: Iterable[ExportColumn]) -> list[str]:
    """The headings, the record's first."""
    return [marker, *(column.heading for column in columns)]
