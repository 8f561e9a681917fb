"""Computing formulas over stored values: of one record, or of a page at once with what it relates to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.exact_json import reads
from forms_app.field_types import Column
from forms_app.field_types._times import moment
from forms_app.formula import ErrorValue, Formula, Read, Record
from forms_app.records.query.entity_query import EntityRow
from forms_app.schema.form_schema import FormSchema

Stored = Mapping[str, Any]
"""Stored values of a record by field name, numbers as int or Decimal."""
Related = Mapping[str, Stored]
"""Stored values of the record that each relation field leads to, by the relation field's name."""


def reading(schema: FormSchema, values: Stored, related: Related) -> Read:
    """Reads references from these stored values, and through relations from `related`, as formulas see them."""

    def read(path: tuple[str, ...]) -> Any:
        column = schema.by_field[path[0]]
        if len(path) == 1:
            return column.type.formula_value(column, values.get(column.name))
        target = schema.related(column)
        record = related.get(column.name)
        if target is None or record is None or path[1] not in target.by_field:
            return None
        inner = target.by_field[path[1]]
        return inner.type.formula_value(inner, record.get(inner.name))

    return read


def compute(
    schema: FormSchema,
    formulas: Mapping[str, Formula],
    stored: Stored,
    related: Related,
    now: datetime | None = None,
    record: Record | None = None,
    errors: dict[str, ErrorValue] | None = None,
) -> dict[str, Any]:
    """What is stored for each of `formulas` (in their order: later ones may read earlier ones); None for empty and
    for a formula that ends in an error, such as a division by zero. `errors` takes up the errors, if it is given."""
    instant = now or timezone.localtime()
    values = dict(stored)
    results: dict[str, Any] = {}
    read = reading(schema, values, related)
    for name, formula in formulas.items():
        column = schema.by_field[name]
        value = formula.evaluate(read, now=instant, record=record)
        if isinstance(value, ErrorValue) and errors is not None:
            errors[name] = value
        result = None if value is None or isinstance(value, ErrorValue) else column.type.stored_result(column, value)
        results[name] = result
        values[name] = result
    return results


def relations_of(formulas: Iterable[Formula]) -> set[str]:
    """The names of the relation fields that these formulas read through."""
    return {path[0] for formula in formulas for path in formula.references if len(path) == 2}


def related_of(
    schema: FormSchema, relations: Iterable[str], page: Sequence[Stored], locked: Collection[str] = ()
) -> list[dict[str, Stored]]:
    """For each record of the page the records that its relations lead to: one statement a related form.

    What the relations `locked` lead to is locked (FOR SHARE) to the end of the transaction.
    """
    related: list[dict[str, Stored]] = [{} for _ in page]
    by_form: dict[tuple[int, bool], list[Column]] = {}
    for name in relations:
        column = schema.by_field[name]
        form_id = column.type.related_form_id(column.setting)
        if form_id is not None:
            by_form.setdefault((form_id, name in locked), []).append(column)
    for (form_id, lock), columns in sorted(by_form.items(), key=lambda item: item[0]):
        ids = {stored[c.name] for stored in page for c in columns if stored.get(c.name) is not None}
        if not ids:
            continue
        sql = (
            f"SELECT id, data::text FROM form_entity WHERE custom_form_id = {int(form_id)} "
            f"AND id = ANY(%s::bigint[]) ORDER BY id{' FOR SHARE' if lock else ''}"
        )
        records = {record_id: reads(text) for record_id, text in fetch(sql, [sorted(ids)])}
        for place, stored in enumerate(page):
            for column in columns:
                if stored.get(column.name) in records:
                    related[place][column.name] = records[stored[column.name]]
    return related


def with_needed(schema: FormSchema, names: Iterable[str]) -> dict[str, Formula]:
    """The formulas of these fields and all computed fields they read, in the order to compute them."""
    needed: set[str] = set()
    waiting = [name for name in names if name in schema.formulas]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [p[0] for p in schema.formulas[name].references if len(p) == 1 and p[0] in schema.formulas]
    return {name: formula for name, formula in schema.formulas.items() if name in needed}


def volatile_page(schema: FormSchema, rows: Sequence[EntityRow], columns: Iterable[Column]) -> list[dict[str, Any]]:
    """The values of computed-on-read columns (those with TODAY, NOW or RECORD_ID) for each row of a page."""
    formulas = with_needed(schema, [column.name for column in columns])
    page = [reads(row.data) for row in rows]
    related = related_of(schema, relations_of(formulas.values()), page)
    now = timezone.localtime()
    return [
        compute(schema, formulas, stored, found, now, record_of(row))
        for row, stored, found in zip(rows, page, related, strict=True)
    ]


def record_of(row: EntityRow) -> Record:
    """The record itself, as RECORD_ID and its like see it."""
    return Record(row.id, moment(row.created_at), moment(row.updated_at))
