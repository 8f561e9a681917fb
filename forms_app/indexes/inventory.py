"""What there is of indexes: on disk with size and use, being built, waiting in the queue, asked for by requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.database.cursor import fetch
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.models import FieldUse

SYSTEM_KINDS = frozenset(index.kind for column in SYSTEM_COLUMNS.values() for index in column.type.indexes)


class Key(NamedTuple):
    """An index. `field_id` is 0 for a system column's."""

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
    builds: frozenset[Key]
    drops: frozenset[Key]


def on_disk() -> dict[Key, OnDisk]:
    """Every index of a field, whether anything asks for it or not."""
    sql = f"""
    SELECT c.relname, {_FORM}, leaf.relname, i.indisvalid, pg_relation_size(c.oid), coalesce(s.idx_scan, 0),
    (to_jsonb(s) ->> 'last_idx_scan')::timestamptz,
    (SELECT greatest(b.stats_reset, d.stats_reset) FROM pg_stat_bgwriter b, pg_stat_database d
    WHERE d.datname = current_database())
    FROM pg_inherits h JOIN pg_class leaf ON leaf.oid = h.inhrelid JOIN pg_index i ON i.indrelid = leaf.oid
    JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = c.oid
    WHERE h.inhparent = 'form_entity'::regclass AND i.indpred IS NOT NULL AND c.relname ~ '^entity_[a-z]+_[0-9]+$'
    """
    return {_key(name, form_id): OnDisk(*rest) for name, form_id, *rest in fetch(sql, [])}


def progress() -> Mapping[Key, Progress]:
    """The builds that PostgreSQL works on now."""
    sql = f"""
    SELECT c.relname, {_FORM}, p.phase, CASE WHEN p.blocks_total > 0 THEN p.blocks_done * 100 / p.blocks_total
    WHEN p.tuples_total > 0 THEN p.tuples_done * 100 / p.tuples_total ELSE 0 END
    FROM pg_stat_progress_create_index p JOIN pg_class c ON c.oid = p.index_relid
    JOIN pg_index i ON i.indexrelid = c.oid
    WHERE p.datname = current_database() AND c.relname ~ '^entity_[a-z]+_[0-9]+$'
    """
    return {_key(name, form_id): Progress(*rest) for name, form_id, *rest in fetch(sql, [])}


def uses() -> dict[Key, datetime]:
    """When requests last asked for what an index serves, of those kinds that grow when they are used."""
    rows = FieldUse.objects.values_list("custom_form_id", "field_id", "kind", "used_at")
    return {Key(form_id, field_id, kind): used_at for form_id, field_id, kind, used_at in rows}


def queue() -> Queue:
    """The jobs that wait or are being done."""
    jobs = ProcrastinateJob.objects.filter(queue_name="indexes", status__in=("todo", "doing"))
    forms: set[int] = set()
    builds: set[Key] = set()
    drops: set[Key] = set()
    for name, args in jobs.values_list("task_name", "args"):
        what = name.rpartition(".")[2]
        if what == "build_indexes":
            forms.add(args["form_id"])
        elif what in ("build_index", "drop_index"):
            (builds if what == "build_index" else drops).add(Key(**args))
    return Queue(frozenset(forms), frozenset(builds), frozenset(drops))


def records_by_form() -> dict[int, int]:
    """How many records each form has, as its counters say."""
    return dict(fetch("SELECT custom_form_id, sum(live)::bigint FROM form_counter GROUP BY custom_form_id", []))


_FORM = r"substring(pg_get_expr(i.indpred, i.indrelid) FROM '\d+')::bigint"
"""The form whose records a partial index is of."""


def _key(name: str, form_id: int) -> Key:
    _entity, kind, number = name.split("_")
    return Key(form_id, 0 if kind in SYSTEM_KINDS else int(number), kind)
