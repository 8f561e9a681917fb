"""What the cells of an exported column hold: of a batch of records at a time, as the file's format writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from forms_app.exact_json import reads
from forms_app.exporting.batches import Batch
from forms_app.field_types import Column, Labels, Ref
from forms_app.field_types._spelling import Names, Spelled, plain_text
from forms_app.field_types._times import local_cell
from forms_app.records.presentation import RecordKey
from forms_app.schema.form_schema import FormSchema

Cell = Any
"""What a cell holds: a value of JSON, numbers as int or Decimal; lists and objects are written as JSON."""
Sought = Callable[[Batch], Iterable[Ref]]
"""Whose names are needed to write the column of a batch."""
Write = Callable[[Batch], list[Any]]
"""The column's cells of a batch that has its labels, as the format writes them."""
MOST_REMEMBERED = 10_000
"""Of a column."""


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
    spelled: Callable[[Sequence[Cell]], list[Any]]
    """Cells as the format writes them."""
    stored: Callable[[Batch, str], list[Any]]
    """The same of all that the records of a batch hold in a field, which are most of the cells."""


def field_cells(column: Column, writing: Writing) -> tuple[Sought, Write]:
    """Those of a field that loading takes."""
    kind, field_type, names = type(column.type), column.type, writing.names
    if writing.as_json and not writing.shown:
        if kind.as_sent is Spelled.as_sent:
            return _stored(column.name, writing)
        return _remembered(column, writing, lambda value, labels: field_type.as_sent(column, value))
    plain = kind.as_sent is Spelled.as_sent and kind.as_text is Spelled.as_text
    if plain and (not writing.shown or kind.as_shown is Spelled.as_shown):
        return _stored(column.name, writing)
    if not writing.shown:
        return _remembered(column, writing, lambda value, labels: field_type.as_text(column, value))
    if is_time(column):
        return _each(column, writing, lambda value, labels: field_type.as_shown(column, value, labels, names))
    return _remembered(column, writing, lambda value, labels: field_type.as_shown(column, value, labels, names))


def is_time(column: Column) -> bool:
    return column.type.control in ("date", "datetime")


def _nobody(batch: Batch) -> Iterable[Ref]:
    return ()


def _stored(name: str, writing: Writing) -> tuple[Sought, Write]:
    stored = writing.stored
    return _nobody, lambda batch: stored(batch, name)


def _each(column: Column, writing: Writing, write: Callable[[Any, Labels], Cell]) -> tuple[Sought, Write]:
    """Written one by one."""
    name, spelled = column.name, writing.spelled

    def cells(batch: Batch) -> list[Any]:
        labels = batch.labels
        return spelled([None if value is None else write(value, labels) for value in batch.values(name)])

    return (partial(_references, column) if column.type.refers else _nobody), cells


def _references(column: Column, batch: Batch) -> Iterator[Ref]:
    for text in set(batch.texts(column.name)):
        if text:
            yield from column.type.references(column, reads(text))


def _remembered(column: Column, writing: Writing, write: Callable[[Any, Labels], Cell]) -> tuple[Sought, Write]:
    """What means the same again and again is found out once."""
    remembered = Remembered(column, writing, write)
    return remembered.sought, remembered.cells


class Remembered:
    """A column's cells by the JSON of what they are made of, names and all: they are those of when it first came."""

    def __init__(self, column: Column, writing: Writing, write: Callable[[Any, Labels], Cell]) -> None:
        self._column = column
        self._refers = column.type.refers and writing.shown
        self._spelled = writing.spelled
        self._write = write
        self._known: dict[bytes, Any] = {}

    def sought(self, batch: Batch) -> Iterator[Ref]:
        """What the new values of these records refer to; to be asked before these are written."""
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        if self._refers:
            for text in self._new(batch):
                if text:
                    yield from self._column.type.references(self._column, reads(text))

    def cells(self, batch: Batch) -> list[Any]:
        if new := self._new(batch):
            labels, write = batch.labels, self._write
            cells = [write(reads(text), labels) if text else None for text in new]
            self._known.update(zip(new, self._spelled(cells), strict=True))
        return list(map(self._known.__getitem__, batch.texts(self._column.name)))

    def _new(self, batch: Batch) -> set[bytes]:
        return set(batch.texts(self._column.name)) - self._known.keys()


def _scalar(value: Any) -> Cell:
    return value if value is None or type(value) in (str, int, Decimal, bool) else plain_text(value)


def _as_it_is(value: Any) -> Cell:
    return value


def remark_cells(schema: FormSchema, key: RecordKey, writing: Writing) -> tuple[Sought, Write]:
    """What the server gives, as clients read it; by name where that is asked for."""
    column, show, system, spelled = key.column, key.show, key.system, writing.spelled
    bare = writing.as_json and not writing.shown
    finish: Callable[[Any], Cell] = _as_it_is if bare else _scalar
    if column is not None:
        if show is not None:
            return _each(column, writing, lambda value, labels: finish(show(value, labels)))
        if bare or not writing.as_json:
            return _stored(column.name, writing)
        return _each(column, writing, lambda value, labels: finish(value))
    if system is None:
        raise ValueError(key.name)
    if key.name == "user" and writing.shown:
        return _owners, lambda batch: _by_owner(batch, spelled, lambda uid: batch.labels.member(uid)["name"] or uid)
    if key.name == "user":
        return _nobody, lambda batch: _by_owner(batch, spelled, _as_it_is)
    if writing.shown and key.name in ("created_at", "updated_at"):
        created = key.name == "created_at"
        return _nobody, lambda batch: spelled(
            [local_cell((row.created_at if created else row.updated_at).decode()) for row in batch.rows]
        )
    primary = schema.primary if key.name == "primary_field_value" else None

    def of_system(batch: Batch) -> list[Any]:
        records = zip(batch.entities, batch.page, strict=True)
        return spelled([finish(system(schema, row, stored, batch.labels)) for row, stored in records])

    return (partial(_references, primary) if primary is not None and primary.type.refers else _nobody), of_system


def _owners(batch: Batch) -> Iterator[Ref]:
    for uid in {row.owner_uid for row in batch.rows}:
        yield Ref("member", uid)


def _by_owner(batch: Batch, spelled: Callable[[Sequence[Cell]], list[Any]], write: Callable[[int], Cell]) -> list[Any]:
    uids = list({row.owner_uid for row in batch.rows})
    written = dict(zip(uids, spelled(list(map(write, uids))), strict=True))
    return [written[row.owner_uid] for row in batch.rows]
