"""Destroyed records: which there are, bringing them back, and forgetting them after TRASH_DAYS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.database.retry import retried
from forms_app.exact_json import dumps, reads
from forms_app.exceptions import Conflict, NotFound
from forms_app.models import CustomForm, DestroyedEntity, Verb
from forms_app.operators.lookups import Condition
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.people.permission import permit
from forms_app.records import statements
from forms_app.records.bulk_checks import repeated_values
from forms_app.records.changes.entries import NOW, RESTORED, deed_of, entered
from forms_app.records.changes.showing import is_of
from forms_app.records.mass_attempts import until_still
from forms_app.records.query.conditions import conditions
from forms_app.records.query.entity_query import COLUMNS, STORED, EntityRow
from forms_app.records.query.scopes import reach
from forms_app.records.query.terms import Search, Terms
from forms_app.records.query.unknown import unknown_records
from forms_app.records.recompute import computed_page, recompute_dependents
from forms_app.records.rings import hold_rings
from forms_app.records.uniqueness import lock_columns, pending
from forms_app.schema.form_schema import FormSchema

_DESTROYED_AT = """to_char(destroyed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
RESTORE = """
WITH gone AS (
    DELETE FROM form_entity_trash WHERE custom_form_id = {form_id} AND id = ANY(%s::bigint[])
    RETURNING id AS gone_id, owner_uid AS gone_owner, version AS gone_version, created_at AS made, updated_at AS moved
), written AS (
    INSERT INTO form_entity (custom_form_id, id, app_id, organization_id, owner_uid, data, version, changed_by_uid,
        created_at, updated_at)
    SELECT {form_id}, gone_id, %s, %s, gone_owner, restored::jsonb, gone_version + 1, %s, made, greatest(moved, {now})
    FROM gone JOIN unnest(%s::bigint[], %b::text[]) u(restored_id, restored) ON restored_id = gone_id
    RETURNING {stored}
){log} SELECT {columns} FROM written
"""
PURGED = 5_000
"""Records that one statement forgets."""


class Destroyed(NamedTuple):
    """A destroyed record, when it was destroyed (UTC text), and by whom (uid)."""

    row: EntityRow
    at: str
    by_uid: int


def entity_trash(
    *, schema: FormSchema, actor: Actor, limit: int, offset: int = 0, search: Search | None = None
) -> tuple[list[Destroyed], int]:
    """The destroyed records that the actor would reach, the last one first, and how many there are; `search` in the
    primary field restricts them. Raises Forbidden for who may not destroy records."""
    permit(actor, schema.rights(actor), Verb.READ)
    permit(actor, schema.rights(actor), Verb.DESTROY)
    within, values = _within(schema, actor, search)
    where = f"custom_form_id = %s{f' AND {within}' if within else ''}"
    total = fetch(f"SELECT count(*) FROM form_entity_trash WHERE {where}", [schema.id, *values])[0][0]
    sql = (
        f"SELECT {COLUMNS}, {_DESTROYED_AT}, destroyed_by FROM form_entity_trash WHERE {where} "
        f"ORDER BY destroyed_at DESC, id DESC LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    rows = fetch(sql, [schema.id, *values])
    return [Destroyed(EntityRow(*row[:-2]), *row[-2:]) for row in rows], total


def _within(schema: FormSchema, actor: Actor, search: Search | None) -> Condition:
    """What the actor reaches of it. The columns of the trash have the names of a record's."""
    reached, values = reach(schema, actor)
    if search is None:
        return reached, values
    found, bound = conditions(Terms(search=search), directory_of(actor.organization_id))
    return (f"{reached} AND {found}", [*values, *bound]) if reached else (found, bound)


def entity_restore(*, schema: FormSchema, ids: Sequence[int], actor: Actor) -> list[EntityRow]:
    """Bring all these records back, or none, with what they held; what was computed is computed anew. Raises NotFound
    with every id that is not in the trash, Conflict with every unique value that another record has by now,
    Forbidden."""
    permit(actor, schema.rights(actor), Verb.DESTROY)
    return until_still(lambda: _restored(schema.whole, ids, reach(schema, actor), actor))


@retried
def _restored(schema: FormSchema, ids: Sequence[int], reached: Condition, actor: Actor) -> list[EntityRow]:
    """The same, where nobody writes one of the unique values between the look and the write: else IntegrityError."""
    wanted = list(dict.fromkeys(ids))
    with transaction.atomic():
        hold_rings(schema)
        lock_columns(pending(schema, schema.by_field))
        rows = _lock(schema, wanted, reached)
        if faults := unknown_records(ids, rows):
            raise NotFound(faults)
        held = [_still_its(schema, *rows[record_id]) for record_id in wanted]
        taken = repeated_values(schema, held)
        if any(taken):
            raise Conflict(
                replace(fault, row=ids.index(record_id))
                for record_id, faults in zip(wanted, taken, strict=True)
                for fault in faults
            )
        formulas = schema.stored_formulas
        for values, results in zip(held, computed_page(schema, formulas, held, schema.by_field), strict=True):
            values.update(results)
        found = [{name: value for name, value in values.items() if value is not None} for values in held]
        restored = _written(schema, dict(zip(wanted, found, strict=True)), actor)
        counts = recompute_dependents(schema, wanted, schema.by_field, deed_of(actor))
        live, count = counts.get(schema.id, (0, 0))
        statements.count({**counts, schema.id: (live + len(wanted), count + len(wanted))})
    return restored


def _lock(schema: FormSchema, ids: Sequence[int], within: Condition) -> dict[int, tuple[str, str]]:
    """What the destroyed records held, and when they were destroyed, by their ids; locked."""
    also = f" AND {within[0]}" if within[0] else ""
    sql = (
        f"SELECT id, data::text, {_DESTROYED_AT} FROM form_entity_trash WHERE custom_form_id = {int(schema.id)} "
        f"AND id = ANY(%s::bigint[]){also} ORDER BY id FOR UPDATE"
    )
    return {row[0]: (row[1], row[2]) for row in fetch(sql, [list(ids), *within[1]])}


def _still_its(schema: FormSchema, data: str, at: str) -> dict[str, Any]:
    """The values of fields that are there still, if switched off, and are the same as then."""
    return {
        name: value
        for name, value in reads(data).items()
        if name in schema.disabled or (name in schema.by_field and is_of(schema.by_field[name], at))
    }


def _written(schema: FormSchema, records: Mapping[int, Mapping[str, Any]], actor: Actor) -> list[EntityRow]:
    deed = deed_of(actor)
    log, logged = entered(schema, deed, RESTORED, "data")
    sql = RESTORE.format(form_id=int(schema.id), now=NOW, stored=STORED, columns=COLUMNS, log=log)
    texts = [dumps(values).decode() for values in records.values()]
    bound = [list(records), schema.app_id, schema.organization_id, deed.uid, list(records), texts, *logged]
    return [EntityRow(*row) for row in fetch(sql, bound)]


def trash_purge() -> int:
    """Forget what was destroyed more than TRASH_DAYS ago, form by form; how many records."""
    before = timezone.now() - timedelta(days=settings.TRASH_DAYS)
    gone = 0
    for form_id in CustomForm.objects.values_list("pk", flat=True):
        old = DestroyedEntity.objects.of_form(form_id).filter(destroyed_at__lt=before).order_by("destroyed_at", "id")
        while ids := list(old.values_list("id", flat=True)[:PURGED]):
            gone += DestroyedEntity.objects.of_form(form_id).filter(id__in=ids).delete()[0]
    return gone
