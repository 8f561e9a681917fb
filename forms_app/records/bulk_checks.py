"""The rules that need the database, asked for many new records at once: a statement for each rule, not for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps
from forms_app.exceptions import Fault
from forms_app.field_types import Column, Ref
from forms_app.people.actor import Actor
from forms_app.records.cleaning import Values
from forms_app.records.references import existing, faults_among, named_references
from forms_app.records.uniqueness import not_unique, unique_expression, unique_operand
from forms_app.schema.form_schema import FormSchema


def unknown_references(schema: FormSchema, rows: Sequence[Values], actor: Actor) -> list[list[Fault]]:
    """For each record the faults of what it refers to and what does not exist for the actor."""
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
        named_references((column, row[column.name]) for column in referring if row.get(column.name) is not None)
        for row in rows
    )
    return [faults_among(references, known) for references in named]


def repeated_values(schema: FormSchema, rows: Sequence[Values]) -> list[list[Fault]]:
    """For each record the faults of its unique values that a stored record has, or one before it in `rows` that has no
    fault itself. In a transaction that holds the locks of `lock_columns` for fields without a valid index."""
    faults: list[list[Fault]] = [[] for _row in rows]
    if not schema.unique:
        return faults
    keys: list[dict[Column, int]] = [{} for _row in rows]
    for column in schema.unique:
        places = [place for place, row in enumerate(rows) if row.get(column.name) is not None]
        values = [dumps(rows[place][column.name]).decode() for place in places]
        for number, key, is_taken in fetch(_sql(schema, column), [values]) if values else ():
            place = places[number - 1]
            keys[place][column] = key
            if is_taken:
                faults[place].append(not_unique(column, rows[place][column.name]))
    seen: set[tuple[Column, int]] = set()
    for place, row in enumerate(rows):
        own: list[tuple[Column, Any]] = [(column, row[column.name]) for column in keys[place]]
        faults[place] += [not_unique(c, value) for c, value in own if (c, keys[place][c]) in seen]
        if not faults[place]:
            seen.update(keys[place].items())
    return faults


def _sql(schema: FormSchema, column: Column) -> str:
    """Of each value: its place, a number that equal ones share, whether a record has it. With an index it is asked for
    each value by itself; without one all records are read, but once."""
    stored, form_id = unique_expression(column), int(schema.id)
    if column.field_id in schema.ready_unique:
        taken = (
            f"LEFT JOIN LATERAL (SELECT 1 AS hit FROM form_entity e WHERE e.custom_form_id = {form_id} "
            f"AND {stored} = v.key LIMIT 1) t ON true"
        )
    else:
        taken = (
            f"LEFT JOIN (SELECT DISTINCT {stored} AS key, 1 AS hit FROM form_entity e "
            f"WHERE e.custom_form_id = {form_id} AND {stored} IN (SELECT key FROM given)) t ON t.key = v.key"
        )
    return (
        f"WITH given AS MATERIALIZED (SELECT place, {unique_operand(column, 'u.value')} AS key "
        "FROM unnest(%b::text[]::jsonb[]) WITH ORDINALITY u(value, place)) "
        f"SELECT v.place, dense_rank() OVER (ORDER BY v.key), t.hit IS NOT NULL FROM given v {taken}"
    )
