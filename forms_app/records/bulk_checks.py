"""The rules that need the database, asked for many records at once: a statement for each rule, not for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps
from forms_app.exceptions import Fault
from forms_app.field_types import Column, Ref
from forms_app.people.actor import Actor
from forms_app.records.cleaning import Values
from forms_app.records.references import existing, faults_among, named_references
from forms_app.records.uniqueness import not_unique, unique_expression, unique_operand
from forms_app.schema.form_schema import FormSchema

Held = Mapping[str, Any]
"""What a record holds already; nothing where it is new."""


def unknown_references(
    schema: FormSchema, rows: Sequence[Values], actor: Actor, held: Sequence[Held] = ()
) -> list[list[Fault]]:
    """For each record the faults of what it refers to and what does not exist for the actor. What it holds already
    (`held`, as long as `rows` or empty) may stay."""
    referring = [column for column in schema.fields if column.type.refers or column.type.holds_files]
    refs: set[Ref] = set()
    for column in referring:
        # Rows that were read from the same text share their value: it is looked into once.
        values = {id(value): value for row in rows if (value := row.get(column.name)) is not None}
        for value in values.values():
            refs.update(ref for ref in column.type.must_exist(column, value) if ref.id)
    known = existing(refs, actor) if refs else {}
    if known.keys() >= refs and not any(known.values()):
        return [[] for _row in rows]
    named = (
        named_references(
            ((column, row[column.name]) for column in referring if row.get(column.name) is not None),
            held[place] if held else None,
        )
        for place, row in enumerate(rows)
    )
    return [faults_among(references, known) for references in named]


class Holders(NamedTuple):
    """Of a value: a number that equal ones share, and the first and last record that has it, by id."""

    number: int
    first: int | None
    last: int | None

    def others_than(self, record_id: int | None) -> bool:
        """Whether a record has it that is not this one."""
        return self.first is not None and (self.first != record_id or self.last != record_id)


def holders(schema: FormSchema, column: Column, values: Sequence[Any]) -> list[Holders]:
    """Who has each of these values of a unique column. In a transaction that holds the lock of `lock_columns` where the
    column has no valid index."""
    if not values:
        return []
    found = fetch(_sql(schema, column), [[dumps(value).decode() for value in values]])
    return [Holders(*row[1:]) for row in sorted(found)]


def equal_numbers(column: Column, values: Sequence[Any]) -> list[int]:
    """A number for each of these values of a unique column, the same for those that the column takes for equal."""
    sql = (
        f"SELECT dense_rank() OVER (ORDER BY {unique_operand(column, 'u.value')}), place "
        "FROM unnest(%b::text[]::jsonb[]) WITH ORDINALITY u(value, place) ORDER BY place"
    )
    return [row[0] for row in fetch(sql, [[dumps(value).decode() for value in values]])] if values else []


def repeated_values(
    schema: FormSchema, rows: Sequence[Values], ids: Sequence[int | None] | None = None
) -> list[list[Fault]]:
    """For each record the faults of its unique values that another record has, or one before it in `rows` that has no
    fault itself; `ids` are those of records that exist. In a transaction that holds the locks of `lock_columns` for
    fields without a valid index."""
    faults: list[list[Fault]] = [[] for _row in rows]
    if not schema.unique:
        return faults
    numbers: list[dict[Column, int]] = [{} for _row in rows]
    for column in schema.unique:
        places = [place for place, row in enumerate(rows) if row.get(column.name) is not None]
        found = holders(schema, column, [rows[place][column.name] for place in places])
        for place, held in zip(places, found, strict=True):
            numbers[place][column] = held.number
            if held.others_than(ids[place] if ids else None):
                faults[place].append(not_unique(column, rows[place][column.name]))
    seen: set[tuple[Column, int]] = set()
    for place, row in enumerate(rows):
        own: list[tuple[Column, Any]] = [(column, row[column.name]) for column in numbers[place]]
        faults[place] += [not_unique(c, value) for c, value in own if (c, numbers[place][c]) in seen]
        if not faults[place]:
            seen.update(numbers[place].items())
    return faults


def _sql(schema: FormSchema, column: Column) -> str:
    """Of each value: its place, a number that equal ones share, the first and last record that has it. With an index it
    is asked for each value by itself; without one all records are read, but once."""
    stored, form_id = unique_expression(column), int(schema.id)
    if column.field_id in schema.ready_unique:
        held = (
            f"LEFT JOIN LATERAL (SELECT e.id AS first, e.id AS last FROM form_entity e "
            f"WHERE e.custom_form_id = {form_id} AND {stored} = v.key LIMIT 1) t ON true"
        )
    else:
        held = (
            f"LEFT JOIN (SELECT {stored} AS key, min(e.id) AS first, max(e.id) AS last FROM form_entity e "
            f"WHERE e.custom_form_id = {form_id} AND {stored} IN (SELECT key FROM given) GROUP BY 1) t ON t.key = v.key"
        )
    return (
        f"WITH given AS MATERIALIZED (SELECT place, {unique_operand(column, 'u.value')} AS key "
        "FROM unnest(%b::text[]::jsonb[]) WITH ORDINALITY u(value, place)) "
        f"SELECT v.place, dense_rank() OVER (ORDER BY v.key), t.first, t.last FROM given v {held}"
    )
