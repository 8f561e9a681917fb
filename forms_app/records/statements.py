"""The SQL of writes. A single write is one statement, its counter and its entry in the change log included; it names
the form's partition and binds its id, so that one prepared statement serves all forms of the partition.

The counter's slot is the connection's own, so that writers don't queue for one row (facts measured: 6,560 inserts a
second against 2,840 with one slot). A write that is part of a longer transaction counts at its end (`count`), since the
counter row stays locked to the commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from forms_app.database.cursor import fetch
from forms_app.database.engine import is_citus
from forms_app.exact_json import dumps
from forms_app.operators.lookups import Condition
from forms_app.records.changes.entries import (
    COMPUTED,
    CREATED,
    DESTROYED,
    DIFFERENCES,
    NOW,
    OWNER,
    STATED,
    TRANSFERRED,
    UPDATED,
    Deed,
    entered,
    entered_alone,
)
from forms_app.records.query.entity_query import COLUMNS, STORED, EntityRow
from forms_app.schema.columns import expression
from forms_app.schema.form_schema import FormSchema

ANY: Condition = ("", [])
EDIT, TRANSFER = "edit", "transfer"
"""What a ticket's history calls a change of its record's values, or of its owner, that is none of its own moves."""


def _also(within: Condition) -> str:
    return f" AND {within[0]}" if within[0] else ""


def _counted(source: str, live: str, changes: str) -> str:
    """The CTE, with a comma before it, that counts what the CTE `source` wrote; the form's id is bound."""
    return (
        f", counted AS (UPDATE form_counter SET live = live + {live}, changes = changes + {changes} "
        f"WHERE custom_form_id = %s AND slot = mod(pg_backend_pid(), 16) AND EXISTS (SELECT 1 FROM {source}))"
    )


def noted(source: str, form_id: int) -> str:
    """The INSERT that enters a change in the histories of the running tickets of records (id, version) in `source`:
    action, uid, changes and message are bound."""
    return (
        "INSERT INTO ticket_step (custom_form_id, ticket_id, action, component, name, uid, closed, opened, changed, "
        "entity_version, message, created_at) SELECT ticket.custom_form_id, ticket.id, %s, '', '', %s, '[]', '[]', "
        f"%s::jsonb, {source}.version, %s, {NOW} FROM ticket JOIN {source} ON {source}.id = ticket.entity_id "
        f"WHERE ticket.custom_form_id = {form_id} AND ticket.state = 'running'"
    )


def _note_apart(schema: FormSchema, ids: Sequence[int], step: Sequence[Any]) -> None:
    """The same for Citus, of records that the transaction has locked: an INSERT that selects from tickets would be done
    on their node, which numbers transactions by itself."""
    form = int(schema.id)
    running = (
        f"SELECT ticket.id, e.version FROM ticket JOIN form_entity e ON e.custom_form_id = ticket.custom_form_id "
        f"AND e.id = ticket.entity_id WHERE ticket.custom_form_id = {form} AND e.custom_form_id = {form} "
        "AND ticket.entity_id = ANY(%s::bigint[]) AND ticket.state = 'running'"
    )
    if rows := fetch(running, [list(ids)]):
        sql = (
            "INSERT INTO ticket_step (custom_form_id, ticket_id, action, component, name, uid, closed, opened, "
            "changed, entity_version, message, created_at) "
            f"SELECT {form}, t.id, %s, '', '', %s::bigint, '[]', '[]', %s::jsonb, t.version, %s, {NOW} "
            "FROM unnest(%s::bigint[], %s::bigint[]) t (id, version) RETURNING id"
        )
        fetch(sql, [*step, *map(list, zip(*rows, strict=True))])


def insert(schema: FormSchema, stored: Mapping[str, Any], owner_uid: int, counted: bool, deed: Deed) -> EntityRow:
    """Insert a record; with its count in the same statement when `counted`."""
    if is_citus():
        return _insert_apart(schema, stored, owner_uid, counted, deed)
    written = (
        f"WITH written AS (INSERT INTO {schema.partition} "
        "(custom_form_id, app_id, organization_id, owner_uid, data, created_at, updated_at) "
        f"SELECT %s, %s, %s, %s, %s::jsonb, t, t FROM (SELECT {NOW} AS t) moment RETURNING {STORED})"
    )
    values = [schema.id, schema.app_id, schema.organization_id, owner_uid, dumps(stored).decode()]
    log, logged = entered(schema, deed, CREATED, "data")
    count, form = (_counted("written", "1", "1"), [schema.id]) if counted else ("", [])
    rows = fetch(f"{written}{log}{count} SELECT {COLUMNS} FROM written", [*values, *logged, *form])
    return EntityRow(*rows[0])


@transaction.atomic
def _insert_apart(
    schema: FormSchema, stored: Mapping[str, Any], owner_uid: int, counted: bool, deed: Deed
) -> EntityRow:
    """The same for Citus: each statement goes to the form's node. What one statement returns to another would come by
    the coordinator, which took three times as long (docs/scaling.md)."""
    data = dumps(stored).decode()
    sql = (
        f"INSERT INTO {schema.partition} (custom_form_id, app_id, organization_id, owner_uid, data, created_at, "
        f"updated_at) VALUES (%s, %s, %s, %s, %s::jsonb, {STATED}, {STATED}) RETURNING id"
    )
    ((record_id,),) = fetch(sql, [schema.id, schema.app_id, schema.organization_id, owner_uid, data])
    stands = f"SELECT {COLUMNS} FROM {schema.partition} WHERE custom_form_id = %s AND id = %s"
    row = EntityRow(*fetch(stands, [schema.id, record_id])[0])
    log, logged = entered_alone(schema, deed, CREATED)
    if log:
        fetch(log, [schema.id, record_id, row.created_at, row.version, owner_uid, *logged, row.data])
    if counted:
        count({schema.id: (1, 1)})
    return row


class Edit(NamedTuple):
    """A change of a record's values that its running ticket is told of: whose doing it is (None: nobody's own), and of
    each field what was there before and after."""

    uid: int | None
    changed: Mapping[str, tuple[Any, Any]]


def update(
    schema: FormSchema,
    record_id: int,
    stored: Mapping[str, Any],
    counted: bool,
    deed: Deed,
    within: Condition = ANY,
    edit: Edit | None = None,
) -> EntityRow | None:
    """Set the given values and remove those that are None; other keys of the record are not touched, so two writers
    of different keys both survive. None where there is no such record `within` this condition, or nothing would change.
    `edit` is entered in the history of its running ticket; then the caller counts."""
    removed = [name for name, value in stored.items() if value is None]
    new = dumps({name: value for name, value in stored.items() if value is not None}).decode()
    merged = "(data - %s::text[]) || %s::jsonb"
    found, held = "custom_form_id = %s AND id = %s", [schema.id, record_id]
    where = f"{found}{_also(within)} AND data <> {merged}"
    log, logged = entered(schema, deed, UPDATED, DIFFERENCES)
    if log:
        logged = [*logged, list(stored)]
    # Its time is taken when its lock is had, behind FOR UPDATE: SET works out a clock before it waits, and keeps it
    # where who held the record didn't change it.
    written = (
        f"before AS (SELECT old_form, old_id, old_data, {NOW} AS moved FROM (SELECT custom_form_id AS old_form, "
        f"id AS old_id, data AS old_data FROM {schema.partition} WHERE {where} FOR UPDATE) locked), "
        f"written AS (UPDATE {schema.partition} SET data = {merged}, version = version + 1, changed_by_uid = %s, "
        f"updated_at = greatest(updated_at, moved) FROM before WHERE {found} AND custom_form_id = old_form "
        f"AND id = old_id RETURNING {STORED}, old_data)"
    )
    bound = [*held, *within[1], removed, new, removed, new, deed.uid, *held, *logged]
    if edit is not None and is_citus():
        found_rows = fetch(f"WITH {written}{log} SELECT {COLUMNS} FROM written", bound)
        _note_apart(schema, [row[0] for row in found_rows], [EDIT, edit.uid, dumps(edit.changed).decode(), ""])
        return next((EntityRow(*row) for row in found_rows), None)
    if edit is not None:
        sql = f"WITH {written}{log}, noted AS ({noted('written', int(schema.id))}) SELECT {COLUMNS} FROM written"
        values = [*bound, EDIT, edit.uid, dumps(edit.changed).decode(), ""]
    else:
        sql = f"WITH {written}{log}{_counted('written', '0', '1') if counted else ''} SELECT {COLUMNS} FROM written"
        values = [*bound, schema.id] if counted else bound
    return next((EntityRow(*row) for row in fetch(sql, values)), None)


def recomputed(schema: FormSchema, record_id: int, changed: Mapping[str, tuple[Any, Any]], deed: Deed) -> None:
    """Write computed values, which were others before; neither `updated_at` nor the version moves."""
    removed = [name for name, (_before, value) in changed.items() if value is None]
    added = {name: value for name, (_before, value) in changed.items() if value is not None}
    log, logged = entered(schema, deed, COMPUTED, "%s::jsonb", at=NOW)
    sql = (
        "WITH written AS (UPDATE form_entity SET data = (data - %s::text[]) || %s::jsonb "
        f"WHERE custom_form_id = {int(schema.id)} AND id = %s RETURNING id, version, owner_uid){log} "
        "SELECT id FROM written"
    )
    told = [dumps(changed).decode()] if log else []
    fetch(sql, [removed, dumps(added).decode(), record_id, *logged, *told])


def strip(schema: FormSchema, name: str, after: int, most: int, deed: Deed) -> list[int]:
    """Take the key `name` out of up to `most` records behind id `after` that have it; their ids, in order. Neither
    `updated_at` nor the version moves."""
    has = expression(name).json
    form = f"custom_form_id = {int(schema.id)}"
    log, logged = entered(schema, deed, COMPUTED, "jsonb_build_object(%s::text, jsonb_build_array(held, NULL))", at=NOW)
    sql = (
        f"WITH held AS (SELECT id AS held_id, {has} AS held FROM form_entity WHERE {form} AND id > %s "
        f"AND {has} IS NOT NULL ORDER BY id LIMIT {int(most)} FOR UPDATE), "
        f"written AS (UPDATE form_entity SET data = data - %s FROM held "
        f"WHERE {form} AND id = held_id RETURNING id, version, owner_uid, held){log} SELECT id FROM written"
    )
    return sorted(row[0] for row in fetch(sql, [after, name, *logged, *([name] if log else [])]))


def lock(form_id: int, ids: Sequence[int], within: Condition = ANY) -> list[EntityRow]:
    """The records of these ids that satisfy the condition, locked to the end of the transaction in the order of their
    ids; others are not waited for."""
    sql = (
        f"SELECT {COLUMNS} FROM form_entity WHERE custom_form_id = {int(form_id)} AND id = ANY(%s::bigint[])"
        f"{_also(within)} ORDER BY id FOR UPDATE"
    )
    return [EntityRow(*row) for row in fetch(sql, [list(ids), *within[1]])]


def transfer(schema: FormSchema, ids: Sequence[int], owner_uid: int, by_uid: int | None, deed: Deed) -> None:
    """Give locked records to another owner, count, and enter it in the histories of their running tickets (`by_uid`
    None: nobody's own doing)."""
    form = "custom_form_id = %s"
    log, logged = entered(
        schema, deed, TRANSFERRED, f"jsonb_build_object('{OWNER}', jsonb_build_array(old_owner, owner_uid))"
    )
    sql = (
        f"WITH held AS (SELECT id AS held_id, owner_uid AS old_owner, {NOW} AS moved FROM {schema.partition} "
        f"WHERE {form} AND id = ANY(%s::bigint[])), "
        f"written AS (UPDATE {schema.partition} SET owner_uid = %s, changed_by_uid = %s, version = version + 1, "
        f"updated_at = greatest(updated_at, moved) FROM held WHERE {form} AND id = held_id "
        f"RETURNING id, version, owner_uid, updated_at, old_owner){log}"
        f"{_counted('written', '0', '(SELECT count(*) FROM written)')}"
    )
    bound = [schema.id, list(ids), owner_uid, by_uid, schema.id, *logged, schema.id]
    step = [TRANSFER, by_uid, "{}", str(owner_uid)]
    if is_citus():
        fetch(f"{sql} SELECT count(*) FROM written", bound)
        _note_apart(schema, ids, step)
    else:
        noting = noted("written", int(schema.id))
        fetch(f"{sql}, noted AS ({noting}) SELECT count(*) FROM written", [*bound, *step])


def destroy(schema: FormSchema, ids: Sequence[int], by_uid: int, deed: Deed) -> None:
    """Move locked records to the trash. Not counted: the caller counts at its end."""
    columns = "custom_form_id, id, app_id, organization_id, owner_uid, data, version, created_at, updated_at"
    log, logged = entered(schema, deed, DESTROYED, "data", rows="gone", at=NOW)
    sql = (
        f"WITH gone AS (DELETE FROM {schema.partition} WHERE custom_form_id = %s AND id = ANY(%s::bigint[]) "
        f"RETURNING {columns}){log}, kept AS (INSERT INTO form_entity_trash ({columns}, destroyed_at, destroyed_by) "
        f"SELECT {columns}, {NOW}, %s FROM gone RETURNING id) SELECT id FROM kept"
    )
    fetch(sql, [schema.id, list(ids), *logged, by_uid])


def count(changes: Mapping[int, tuple[int, int]]) -> None:
    """Add (live, changes) to the counters of forms, in the order of their ids: last in a transaction."""
    for form_id, (live, changed) in sorted(changes.items()):
        sql = (
            "UPDATE form_counter SET live = live + %s, changes = changes + %s "
            "WHERE custom_form_id = %s AND slot = mod(pg_backend_pid(), 16) RETURNING slot"
        )
        fetch(sql, [live, changed, form_id])
