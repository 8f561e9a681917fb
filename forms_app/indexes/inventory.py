"""What there is of indexes: on disk with size and use, being built, waiting in the queue, asked for by requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.models import FieldUse, FormCounter
from forms_app.operators.index_kinds import TOGETHER

SYSTEM_KINDS = frozenset(index.kind for column in SYSTEM_COLUMNS.values() for index in column.type.indexes)


class IndexKey(NamedTuple):
    """An index. `field_id` is 0 for a system column's, negative for one of several columns."""

    form_id: int
    field_id: int
    kind: str


class OnDisk(NamedTuple):
    """An index of a field as it lies on a partition. `scans` are counted from `counted_from` on, None: from its build
    on; `used_at` is known from PostgreSQL 16 on."""

    leaf: str
    valid: bool
    size: int
    scans: int
    used_at: datetime | None
    counted_from: datetime | None


class Progress(NamedTuple):
    """How far a build is: the phase in PostgreSQL's words, and what of it is done, in percent."""

    phase: str
    percent: int


class Queue(NamedTuple):
    """What the background worker is about to do: forms whose indexes it builds, indexes it builds, drops."""

    forms: frozenset[int]
    builds: frozenset[IndexKey]
    drops: frozenset[IndexKey]


def on_disk() -> dict[IndexKey, OnDisk]:
    """Every index of a field, whether anything asks for it or not."""
    sql = f"""
    SELECT c.relname AS index, {_FORM} AS form_id, leaf.relname AS leaf, i.indisvalid AS valid,
    pg_relation_size(c.oid) AS size, coalesce(s.idx_scan, 0) AS scans,
    (to_jsonb(s) ->> 'last_idx_scan')::timestamptz AS used_at,
    (SELECT greatest(b.stats_reset, d.stats_reset) FROM pg_stat_bgwriter b, pg_stat_database d
    WHERE d.datname = current_database()) AS counted_from
    FROM pg_inherits h JOIN pg_class leaf ON leaf.oid = h.inhrelid JOIN pg_index i ON i.indrelid = leaf.oid
    JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = c.oid
    WHERE h.inhparent = 'form_entity'::regclass AND i.indpred IS NOT NULL AND c.relname ~ '^entity_[a-z]+_[0-9]+$'
    """
    return {key: OnDisk(**row) for key, row in _by_key(sql)}


def progress() -> Mapping[IndexKey, Progress]:
    """The builds that PostgreSQL works on now."""
    sql = f"""
    SELECT c.relname AS index, {_FORM} AS form_id, p.phase,
    CASE WHEN p.blocks_total > 0 THEN p.blocks_done * 100 / p.blocks_total
    WHEN p.tuples_total > 0 THEN p.tuples_done * 100 / p.tuples_total ELSE 0 END AS percent
    FROM pg_stat_progress_create_index p JOIN pg_class c ON c.oid = p.index_relid
    JOIN pg_index i ON i.indexrelid = c.oid
    WHERE p.datname = current_database() AND c.relname ~ '^entity_[a-z]+_[0-9]+$'
    """
    return {key: Progress(**row) for key, row in _by_key(sql)}


def uses() -> dict[IndexKey, FieldUse]:
    """How requests last asked for what an index serves, of those kinds that grow when they are used."""
    return {IndexKey(use.custom_form_id, use.field_id, use.kind): use for use in FieldUse.objects.all()}


def queue() -> Queue:
    """The jobs that wait or are being done."""
    jobs = ProcrastinateJob.objects.filter(queue_name="indexes", status__in=("todo", "doing"))
    forms: set[int] = set()
    builds: set[IndexKey] = set()
    drops: set[IndexKey] = set()
    for name, args in jobs.values_list("task_name", "args"):
        task = name.rpartition(".")[2]
        if task == "build_indexes":
            forms.add(args["form_id"])
        elif task in ("build_index", "drop_index"):
            (builds if task == "build_index" else drops).add(IndexKey(**args))
    return Queue(frozenset(forms), frozenset(builds), frozenset(drops))


def records_by_form() -> dict[int, int]:
    """How many records each form has, as its counters say."""
    counters = FormCounter.objects.values("custom_form_id").annotate(records=Sum("live"))
    return {row["custom_form_id"]: row["records"] for row in counters}


_FORM = r"substring(pg_get_expr(i.indpred, i.indrelid) FROM '\d+')::bigint"
"""The form whose records a partial index is of."""


def _by_key(sql: str) -> Iterator[tuple[IndexKey, dict[str, Any]]]:
    """What the catalogue, of which Django has no models, says of each index, by the names of the columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            yield _key(row.pop("index"), row.pop("form_id")), row


def _key(name: str, form_id: int) -> IndexKey:
    _entity, kind, number = name.split("_")
    if kind in SYSTEM_KINDS:
        return IndexKey(form_id, 0, kind)
    return IndexKey(form_id, -int(number) if kind == TOGETHER else int(number), kind)
