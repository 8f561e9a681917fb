"""Building and dropping the partial indexes of fields, on the partition of their form.

A build is CONCURRENTLY: it blocks nobody, and may be cancelled half way, which leaves an invalid index that has to be
dropped and built again (PostgreSQL: CREATE INDEX, "Building Indexes Concurrently"). Statistics are part of an index,
since the planner does not use those of a partial expression index.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection

from forms_app import versions
from forms_app.field_types import Column
from forms_app.indexes import BTREE, Index
from forms_app.models import CustomField, FieldIndex
from forms_app.query.cursor import fetch
from forms_app.schema import FormSchema
from forms_app.services.uniqueness import index_name, unique_expression

UNIQUE = "unique"
PAUSE = 0.2
"""Seconds between two looks whether another builder is done."""


def partition(form_id: int) -> str:
    """The partition that holds the form's records, as PostgreSQL's own hash says."""
    sql = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
    LATERAL (SELECT count(*)::int AS modulus FROM pg_inherits WHERE inhparent = 'form_entity'::regclass) m,
    LATERAL (SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM 'remainder (\\d+)')::int AS remainder) r
    WHERE i.inhparent = 'form_entity'::regclass
    AND satisfies_hash_partition('form_entity'::regclass, m.modulus, r.remainder, %s::bigint)
    """
    ((name,),) = fetch(sql, [form_id])
    return str(name)


def request(*, form_id: int, field_id: int, kind: str) -> None:
    """Ask for an index: noted now, built by the background worker once this transaction is committed."""
    from forms_app.tasks import build_index  # the tasks call this module

    _row, made = FieldIndex.objects.get_or_create(custom_form_id=form_id, field_id=field_id, kind=kind)
    if made:
        build_index.defer(form_id=form_id, field_id=field_id, kind=kind)


def forget(*, form_id: int, field_id: int, kind: str) -> None:
    """Give an index up: a write no longer counts on it from the commit on, then it is dropped."""
    from forms_app.tasks import drop_index  # the tasks call this module

    if FieldIndex.objects.filter(custom_form_id=form_id, field_id=field_id, kind=kind).delete()[0]:
        drop_index.defer(form_id=form_id, field_id=field_id, kind=kind)


def forget_all(field: CustomField) -> None:
    """Give up all indexes of a field that goes or becomes something else."""
    for row in FieldIndex.objects.filter(custom_form_id=field.custom_form_id, field_id=field.pk):
        forget(form_id=row.custom_form_id, field_id=row.field_id, kind=row.kind)


def build(*, form_id: int, field_id: int, kind: str) -> FieldIndex.State:
    """Build a requested index and its statistics. Outside of a transaction. Gives the state reached: FAILED with the
    ids of records that share a value when a unique index can't be."""
    wanted = FieldIndex.objects.filter(custom_form_id=form_id, field_id=field_id, kind=kind)
    schema = FormSchema.find(form_id)
    column = next((c for c in schema.fields if c.field_id == field_id), None) if schema else None
    if column is None or not wanted.exists():
        return FieldIndex.State.REQUESTED  # the field is gone or switched off: nothing to build now
    leaf = partition(form_id)
    name = name_of(field_id, kind)
    with builder_of(leaf), connection.cursor() as cursor:
        if wanted.filter(state=FieldIndex.State.VALID).exists() and _valid(name):
            return FieldIndex.State.VALID
        wanted.update(state=FieldIndex.State.BUILDING)
        try:
            # What is there was cancelled half way, or made for what the field was before it was requested anew.
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            cursor.execute(_definition(column, kind, name, leaf, form_id))
            _gather_statistics(column, kind, leaf, field_id)
        except IntegrityError:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            state, detail = FieldIndex.State.FAILED, {"duplicates": duplicates(form_id, column)}
        else:
            state, detail = FieldIndex.State.VALID, {}
        wanted.update(state=state, detail=detail)
    versions.bump("definitions", form_ids=[form_id])
    return state


def drop(*, form_id: int, field_id: int, kind: str) -> None:
    """Drop an index that was given up, and the field's statistics with its last one, unless it was asked for again
    meanwhile. Outside of a transaction."""
    held = FieldIndex.objects.filter(custom_form_id=form_id, field_id=field_id)
    with builder_of(partition(form_id)), connection.cursor() as cursor:
        if not held.filter(kind=kind).exists():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name_of(field_id, kind)}")
        if not held.exists():
            cursor.execute(f"DROP STATISTICS IF EXISTS entity_stats_{int(field_id)}")


@contextmanager
def builder_of(leaf: str) -> Iterator[None]:
    """One builder a partition. Who waits asks again and again: a statement that waits holds a snapshot, and CREATE
    INDEX CONCURRENTLY waits for older snapshots, so the two would wait for each other."""
    key = "hashtextextended('index', %s::regclass::oid::bigint)"
    while not fetch(f"SELECT pg_try_advisory_lock({key})", [leaf])[0][0]:
        time.sleep(PAUSE)
    try:
        yield
    finally:
        fetch(f"SELECT pg_advisory_unlock({key})", [leaf])


def duplicates(form_id: int, column: Column, limit: int = 10) -> list[list[int]]:
    """Groups of records that share a value of the column: what stands in the way of its unique index."""
    sql = (
        f"SELECT (array_agg(id ORDER BY id))[1:10] FROM form_entity WHERE custom_form_id = {int(form_id)} "
        f"AND {column.expression.json} IS NOT NULL GROUP BY {unique_expression(column)} HAVING count(*) > 1 "
        f"LIMIT {int(limit)}"
    )
    return [list(row[0]) for row in fetch(sql, [])]


def name_of(field_id: int, kind: str) -> str:
    return index_name(field_id) if kind == UNIQUE else f"entity_{kind}_{int(field_id)}"


def wished(column: Column, kind: str) -> Index:
    """The kind of index as the column's type wishes for it."""
    for index in column.type.column_indexes(column):
        if index.kind == kind:
            return index
    raise ValueError(f"{column.name} has no {kind} index")


def _definition(column: Column, kind: str, name: str, leaf: str, form_id: int) -> str:
    where = f"WHERE custom_form_id = {int(form_id)}"
    if kind == UNIQUE:
        return f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {leaf} (({unique_expression(column)})) {where}"
    index = wished(column, kind)
    options = " WITH (fastupdate = off)" if index.method == "gin" else ""
    return (
        f"CREATE INDEX CONCURRENTLY {name} ON {leaf} USING {index.method} ({index.terms(column.expression)})"
        f"{options} {where}"
    )


def _gather_statistics(column: Column, kind: str, leaf: str, field_id: int) -> None:
    index = BTREE if kind == UNIQUE else wished(column, kind)
    expression = index.statistics(column.expression)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE STATISTICS IF NOT EXISTS entity_stats_{int(field_id)} ON {expression} FROM {leaf}")
        cursor.execute(f"ANALYZE {leaf}")


def _valid(name: str) -> bool:
    rows = fetch("SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass(%s)", [name])
    return bool(rows and rows[0][0])
