"""Building and dropping the partial indexes of fields, on the partition of their form.

A build is CONCURRENTLY: it blocks nobody, and may be cancelled half way, which leaves an invalid index that has to be
dropped and built again (PostgreSQL: CREATE INDEX, "Building Indexes Concurrently"). Statistics are part of an index,
since the planner does not use those of a partial expression index. Which indexes a form should have:
`forms_app.indexes.choosing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, IntegrityError, connection
from django.utils.timezone import now

from forms_app.caching import tags
from forms_app.database.cursor import fetch
from forms_app.database.partitions import PARTITION
from forms_app.database.queue import defer
from forms_app.field_types import Column, registry
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.indexes.leases import builder_of
from forms_app.indexes.together import forget, names_of
from forms_app.models import CustomField, FieldIndex, FieldUse, Status
from forms_app.operators.index_kinds import TOGETHER, Index
from forms_app.records.query.together import key_of, takes_ranges
from forms_app.records.uniqueness import index_name, unique_expression
from forms_app.schema.columns import column_of

UNIQUE = "unique"

State = FieldIndex.State


def partition(form_id: int) -> str:
    """The partition that holds the form's records."""
    return partitions([form_id])[form_id]


def partitions(form_ids: list[int]) -> dict[int, str]:
    """The partition of each form, as PostgreSQL's own hash says."""
    sql = f"SELECT f.id, {PARTITION.format(form='f.id')} FROM unnest(%s::bigint[]) f (id)"
    return dict(fetch(sql, [form_ids]))


def standing(column: Column) -> tuple[str, ...]:
    """The kinds of index that the column has however small its form is, and while it is switched off."""
    kinds = [UNIQUE] if column.unique and column.type.unique_expression else []
    if column.type.related_form_id(column.setting):  # recomputing and destroying ask backwards
        kinds += [index.kind for index in column.type.column_indexes(column)]
    return tuple(kinds)


def request(*, form_id: int, field_id: int, kind: str) -> None:
    """Ask for an index: noted now, built by the background worker once this transaction is committed."""
    _row, made = FieldIndex.objects.get_or_create(custom_form_id=form_id, field_id=field_id, kind=kind)
    if made:
        defer("indexes.build_index", form_id=form_id, field_id=field_id, kind=kind)


def give_up(*, form_id: int, field_id: int, kind: str) -> None:
    """Give an index up: a write no longer counts on it from the commit on, then it is dropped."""
    if FieldIndex.objects.filter(custom_form_id=form_id, field_id=field_id, kind=kind).delete()[0]:
        tags.bump("definitions", form_ids=[form_id])
        drop_later(form_id=form_id, field_id=field_id, kind=kind)


def drop_later(*, form_id: int, field_id: int, kind: str) -> None:
    """Let the background worker drop an index that nothing asks for."""
    defer("indexes.drop_index", form_id=form_id, field_id=field_id, kind=kind)


def build_later(form_id: int) -> None:
    """Let the background worker build what is requested for the form."""
    defer("indexes.build_indexes", form_id=form_id)


def tend_later(form_id: int) -> None:
    """Let the background worker look at once, not only at its next round, which indexes the form should have."""
    defer("indexes.tend_form", form_id=form_id)


def give_up_all(field: CustomField) -> None:
    """Give up all indexes of a field that goes or becomes something else, and what is known of its use."""
    FieldUse.objects.filter(custom_form_id=field.custom_form_id, field_id=field.pk).delete()
    ids = [field.pk, *forget(field.custom_form_id, field.name)]
    for row in FieldIndex.objects.filter(custom_form_id=field.custom_form_id, field_id__in=ids):
        give_up(form_id=row.custom_form_id, field_id=row.field_id, kind=row.kind)


def build_form(form_id: int) -> int:
    """Build all that is requested for a form, those that find before those that sort, and gather statistics once.
    Outside of a transaction. Gives how many were built; what fails keeps its reason."""
    unfinished = FieldIndex.objects.filter(custom_form_id=form_id, state__in=(State.REQUESTED, State.BUILDING))
    keys = sorted(
        unfinished.values_list("kind", "field_id"), key=lambda key: (key[0] != UNIQUE, key[0] == "order", key)
    )
    built = 0
    for kind, field_id in keys:
        with suppress(ValueError):  # the field became something else meanwhile; the next round gives the index up
            built += build(form_id=form_id, field_id=field_id, kind=kind, analyze=False) == State.VALID
    if built:
        _analyze(partition(form_id))
    return built


def build(*, form_id: int, field_id: int, kind: str, analyze: bool = True) -> FieldIndex.State:
    """Build a requested index and its statistics. Outside of a transaction. Gives the state reached: FAILED with the
    ids of records that share a value when a unique index can't be, or with what PostgreSQL said. Raises ValueError for
    a kind that the field does not wish for, OperationalError when the connection is lost."""
    wanted = FieldIndex.objects.filter(custom_form_id=form_id, field_id=field_id, kind=kind)
    columns = _columns(form_id, field_id, kind)
    if not columns or not wanted.exists():
        return State.REQUESTED  # the field is gone, switched off or not to be indexed: nothing to build now
    leaf = partition(form_id)
    name = name_of(field_id or form_id, kind)
    with builder_of(leaf), connection.cursor() as cursor:
        if wanted.filter(state=State.VALID).exists() and _valid(name):
            return State.VALID
        definition, statistics = _definition(columns, kind, name, leaf, form_id)
        _note(wanted, State.BUILDING)
        detail: dict[str, Any] = {}
        try:
            # What is there was cancelled half way, or made for what the field was before it was requested anew.
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            cursor.execute(definition)
            if statistics:
                name_of_them = statistics_of(field_id or form_id, kind)
                cursor.execute(f"CREATE STATISTICS IF NOT EXISTS {name_of_them} ON {statistics} FROM {leaf}")
        except IntegrityError:
            detail = {"duplicates": duplicates(form_id, columns[0])}
        except DatabaseError as error:
            detail = {"error": str(error).strip()[:500]}
        if detail:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        _note(wanted, State.FAILED if detail else State.VALID, detail)
        if analyze and kind not in (UNIQUE, TOGETHER) and not detail:
            _analyze(leaf)
    if kind == UNIQUE or not detail:  # writes or searches count on it from now on
        tags.bump("definitions", form_ids=[form_id])
    return State.FAILED if detail else State.VALID


def drop(*, form_id: int, field_id: int, kind: str) -> None:
    """Drop an index that was given up, and its statistics, unless it was asked for again meanwhile. Outside of a
    transaction."""
    with builder_of(partition(form_id)), connection.cursor() as cursor:
        if not FieldIndex.objects.filter(custom_form_id=form_id, field_id=field_id, kind=kind).exists():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name_of(field_id or form_id, kind)}")
            cursor.execute(f"DROP STATISTICS IF EXISTS {statistics_of(field_id or form_id, kind)}")


def duplicates(form_id: int, column: Column, limit: int = 10) -> list[list[int]]:
    """Groups of records that share a value of the column: what stands in the way of its unique index."""
    sql = (
        f"SELECT (array_agg(id ORDER BY id))[1:10] FROM form_entity WHERE custom_form_id = {int(form_id)} "
        f"AND {column.expression.json} IS NOT NULL GROUP BY {unique_expression(column)} HAVING count(*) > 1 "
        f"LIMIT {int(limit)}"
    )
    return [list(row[0]) for row in fetch(sql, [])]


def name_of(number: int, kind: str) -> str:
    """The name of an index; `number` is the field's id, where a system column has it the form's, and where several
    columns have it the one that stands for them."""
    return index_name(number) if kind == UNIQUE else f"entity_{kind}_{abs(int(number))}"


def statistics_of(number: int, kind: str) -> str:
    """The name of an index's statistics."""
    return f"entity_stats_{kind}_{abs(int(number))}"


def wished(column: Column, kind: str) -> Index:
    """The kind of index as the column's type wishes for it."""
    for index in column.type.column_indexes(column):
        if index.kind == kind:
            return index
    raise ValueError(f"{column.name} has no {kind} index")


def _columns(form_id: int, field_id: int, kind: str) -> list[Column]:
    """The columns of the index as the database has them now; none when the index would be for nothing."""
    if kind != TOGETHER:
        column = _column(kind, custom_form_id=form_id, pk=field_id) if field_id else _system_column(kind)
        return [column] if column else []
    names = names_of(form_id, field_id)
    found = [SYSTEM_COLUMNS.get(name) or _column(kind, custom_form_id=form_id, name=name) for name in names]
    columns = [column for column in found if column and key_of(column)]
    return columns if len(columns) == len(found) else []


def _system_column(kind: str) -> Column | None:
    return next((c for c in SYSTEM_COLUMNS.values() if kind in [index.kind for index in c.type.indexes]), None)


def _column(kind: str, **which: Any) -> Column | None:
    field = CustomField.objects.filter(**which).select_related("custom_field_group").first()
    if field is None or field.field_type not in registry:
        return None
    column = column_of(field)
    enabled = field.status == field.custom_field_group.status == Status.ENABLE
    return column if (enabled and field.indexed) or kind in standing(column) else None


def _definition(columns: Sequence[Column], kind: str, name: str, leaf: str, form_id: int) -> tuple[str, str]:
    """CREATE INDEX, and the expression of the statistics that go with it, "" for none."""
    where, column = f"WHERE custom_form_id = {int(form_id)}", columns[0]
    if kind == UNIQUE:
        terms = f"custom_form_id, ({unique_expression(column)})"  # a key of the table begins with whose it is
        return f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {leaf} ({terms}) {where}", ""
    if kind == TOGETHER:  # statistics are those of each column; behind values come the last changed first, as in lists
        keys = [*map(key_of, columns), *([] if takes_ranges(columns[-1]) else ["updated_at"]), "id"]
        return f"CREATE INDEX CONCURRENTLY {name} ON {leaf} ({', '.join(keys)}) {where}", ""
    index = wished(column, kind)
    options = " WITH (fastupdate = off)" if index.method == "gin" else ""
    terms = index.terms(column.expression)
    return (
        f"CREATE INDEX CONCURRENTLY {name} ON {leaf} USING {index.method} ({terms}){options} {where}",
        index.statistics(column.expression),
    )


def _note(wanted: Any, state: FieldIndex.State, detail: dict[str, Any] | None = None) -> None:
    wanted.update(state=state, detail=detail or {}, updated_at=now())


def _analyze(leaf: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {leaf}")


def _valid(name: str) -> bool:
    rows = fetch("SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass(%s)", [name])
    return bool(rows and rows[0][0])
