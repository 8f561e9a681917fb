"""The columns of an exported file: what each is headed, and what its cells hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forms_app.exporting.cells import Sought, Write, Writing, field_cells, is_time, remark_cells
from forms_app.field_types import Column
from forms_app.field_types._spelling import Spelled
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.loading.exported import RECORD
from forms_app.loading.row_reading import NUMBERED, REMARK
from forms_app.records.presentation import Projection, RecordKey
from forms_app.schema.form_schema import FormSchema

AROUND = ("user", "created_at", "updated_at")
"""What a full export tells beside the fields."""


@dataclass(frozen=True)
class ExportColumn:
    """A column of the file. `date`: its texts are days or times, which a workbook may hold as such; `exact`: a cell is
    the stored value itself, and not told in words."""

    heading: str
    sought: Sought
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
            date = is_time(column) and writing.shown
            columns.append(ExportColumn(heading, *field_cells(column, writing), date, _is_plain(column)))
            continue
        remark = REMARK + _remark_of(schema, key, writing)
        if remark == RECORD or any(remark == other.heading for other in columns):
            remark = f"{remark} {key.name}"
        columns.append(ExportColumn(remark, *remark_cells(schema, key, writing)))
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


def first_row(marker: str, columns: Iterable[ExportColumn]) -> list[str]:
    """The headings, the record's first."""
    return [marker, *(column.heading for column in columns)]
