"""Creating, changing, handing over and destroying records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.database.retry import retried
from forms_app.exact_json import reads
from forms_app.exceptions import Conflict, Fault, NotFound, Refused, StaleVersion
from forms_app.files.storing import note_uses, own_files
from forms_app.models import Member, Verb
from forms_app.operators.lookups import Condition
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.records import statements
from forms_app.records.changes.entries import TICKET, Deed, deed_of
from forms_app.records.cleaning import Values, cleaned_changes, cleaned_new
from forms_app.records.kept import (
    differences,
    is_traced,
    running_entities,
    unheld,
)
from forms_app.records.numbering import gap_free, next_number, reserve
from forms_app.records.query.entity_query import EntityRow
from forms_app.records.query.scopes import reach
from forms_app.records.query.unknown import unknown_record, unknown_records
from forms_app.records.recompute import affected, computed, recompute_dependents
from forms_app.records.rings import hold_rings
from forms_app.records.uniqueness import conflict, lock_pending, pending
from forms_app.schema.form_schema import FormSchema


def savepoint(schema: FormSchema) -> AbstractContextManager[Any]:
    """Inside a transaction a savepoint, so that a violated index leaves it usable for finding out which; outside, a
    single statement is its own transaction and needs nothing. Nor does a form without such an index."""
    return transaction.atomic() if connection.in_atomic_block and schema.unique else nullcontext()


@retried
def entity_create(*, schema: FormSchema, values: Mapping[str, Any], actor: Actor, by_ticket: bool = False) -> EntityRow:
    """Create a record owned by the actor; `by_ticket`: a ticket is opened with it. Raises Refused with every fault of
    `values`, Conflict for a unique value that is taken, Forbidden."""
    permit(actor, schema.rights(actor), Verb.CREATE)
    cleaned = cleaned_new(schema, values, actor)
    schema = schema.whole  # from here on what nobody sent counts too
    files = own_files(schema, cleaned)
    waiting = pending(schema, cleaned)
    formulas = schema.stored_formulas
    gapless = any(gap_free(column) for column in schema.numbered)
    deed = deed_of(actor, TICKET if by_ticket else "")
    plain = not (files or waiting or gapless or any(len(p) == 2 for f in formulas.values() for p in f.references))
    try:
        if plain:
            return _insert(schema, cleaned, deed, counted=True)
        reserve(schema)
        with transaction.atomic():
            lock_pending(schema, waiting, cleaned)
            row = _insert(schema, cleaned, deed, counted=False)
            if files:
                note_uses(schema.id, row.id, files)
            statements.count({schema.id: (1, 1)})
            return row
    except IntegrityError as error:
        raise conflict(error, schema, cleaned) from error


def _insert(schema: FormSchema, cleaned: Values, deed: Deed, counted: bool) -> EntityRow:
    now = timezone.localtime()
    stored = dict(cleaned)
    # Formulas may read numbers, so those come first; a gap-free one holds its row to the commit, which is near.
    stored.update({column.name: next_number(schema, column, now) for column in schema.numbered})
    results = computed(schema, schema.stored_formulas, stored, new=stored)
    stored.update({name: value for name, value in results.items() if value is not None})
    with savepoint(schema):
        return statements.insert(schema, stored, deed.uid, counted, deed)


@retried
def entity_update(
    *,
    schema: FormSchema,
    record_id: int,
    values: Mapping[str, Any],
    actor: Actor,
    by_ticket: bool = False,
    versions: Collection[int] | None = None,
) -> EntityRow:
    """Change the given fields of a record, no others; None clears. What changes nothing writes nothing. `by_ticket`:
    its own ticket does it, and notes it. Raises NotFound, Refused, Forbidden, Conflict for a unique value that is taken
    or a running ticket that locks it; where `versions` are given StaleVersion if the record has none of them when it is
    written."""
    permit(actor, schema.rights(actor), Verb.UPDATE)
    within = _of_versions(reach(schema, actor), versions)
    try:
        cleaned = cleaned_changes(schema, values, actor)
    except Refused as refused:
        if not any(_may_be_kept(schema, fault) for fault in refused.faults):
            _known(schema, record_id, reach(schema, actor))
            raise
        cleaned = None
    schema = schema.whole  # from here on what nobody sent counts too
    touched = values.keys()
    formulas = affected(schema, touched)
    reads_elsewhere = {dependent.target_name for dependent in schema.dependents}
    files = own_files(schema, cleaned) if cleaned else []
    waiting = pending(schema, touched)
    deed = deed_of(actor, TICKET if by_ticket else "")
    plain = cleaned is not None and not (files or waiting or formulas or reads_elsewhere & touched)
    try:
        if plain and cleaned is not None:
            free = within if by_ticket else unheld(schema.id, record_id, within)
            with savepoint(schema):
                row = statements.update(schema, record_id, cleaned, True, deed, free)
            if row is not None:
                return row
            # There is none, of that version, its ticket is running, or nothing changes: which, is seen under its lock.
        with transaction.atomic():
            return _update_locked(schema, record_id, values, actor, within, by_ticket, versions, deed)
    except IntegrityError as error:
        raise conflict(error, schema, cleaned or {}, record_id) from error


KEPT = {"required", "unknown_member", "unknown_department", "unknown_record", "unknown_file"}
"""Faults that are none where the record holds the very value already; others are the bounds of the field's type."""


def _may_be_kept(schema: FormSchema, fault: Fault) -> bool:
    column = schema.by_field.get(fault.field)
    return fault.code in KEPT or (column is not None and fault.code in column.type.bounds)


def _update_locked(
    schema: FormSchema,
    record_id: int,
    values: Mapping[str, Any],
    actor: Actor,
    within: Condition,
    by_ticket: bool,
    versions: Collection[int] | None,
    deed: Deed,
) -> EntityRow:
    hold_rings(schema)
    rows = statements.lock(schema.id, [record_id], within)
    if not rows:
        raise _absent(schema, record_id, actor, versions)
    stored = reads(rows[0].data)
    cleaned = cleaned_changes(schema, values, actor, stored)
    merged = {name: value for name, value in {**stored, **cleaned}.items() if value is not None}
    new = [name for name, value in cleaned.items() if value != stored.get(name)]
    lock_pending(schema, pending(schema, new), cleaned, record_id)  # what it holds already it may share, as before
    cleaned.update(computed(schema, affected(schema, cleaned), merged, new))
    if not differences(stored, {**stored, **cleaned}):
        return rows[0]
    free = statements.ANY if by_ticket else unheld(schema.id, record_id, statements.ANY)
    with savepoint(schema):
        row = statements.update(schema, record_id, cleaned, False, deed, free)
        if row is None:  # it is locked: so its ticket is running
            traced = is_traced(schema.id, record_id, designs=schema.rights(actor).may(Verb.DESIGN))
            edit = statements.Edit(person_of(actor), differences(stored, {**stored, **cleaned}))
            edit_or_none = edit if traced and edit.changed else None
            row = statements.update(schema, record_id, cleaned, False, deed, edit=edit_or_none)
    assert row is not None
    files = own_files(schema, cleaned)
    if files:
        note_uses(schema.id, record_id, files)
    counts = recompute_dependents(schema, [record_id], cleaned, deed)
    live, count = counts.get(schema.id, (0, 0))
    statements.count({**counts, schema.id: (live, count + 1)})
    # What changed elsewhere may have come back to the record itself.
    return statements.lock(schema.id, [record_id])[0] if count else row


def person_of(actor: Actor) -> int | None:
    """The member whose deed a change is; None for what acts without a member."""
    return None if actor.system else actor.uid


def _of_versions(within: Condition, versions: Collection[int] | None) -> Condition:
    """The condition, and that the record has one of these versions: it is asked of the row as it is under its lock."""
    if versions is None:
        return within
    condition, values = within
    named = "version = ANY(%s::bigint[])"
    return f"{condition} AND {named}" if condition else named, [*values, sorted(versions)]


def _absent(
    schema: FormSchema, record_id: int, actor: Actor, versions: Collection[int] | None
) -> NotFound | StaleVersion:
    """Why no row was found to be written."""
    rows = statements.lock(schema.id, [record_id], reach(schema, actor))
    if not rows or versions is None:
        return unknown_record(record_id)
    return StaleVersion([stale_version(rows[0].version, *sorted(versions))])


def stale_version(version: int, *asked: int) -> Fault:
    """The fault for a record of this version where others were asked for."""
    message = _("The record was changed meanwhile: it has version {version} now.").format(version=version)
    got = asked[0] if len(asked) == 1 else list(asked)
    return Fault("stale_version", message, field="version", allowed=version, got=got)


def _known(schema: FormSchema, record_id: int, within: Condition) -> None:
    """Raises NotFound where there is no such record: that comes before what is wrong with its values."""
    also = f" AND {within[0]}" if within[0] else ""
    sql = f"SELECT 1 FROM form_entity WHERE custom_form_id = {int(schema.id)} AND id = %s{also}"
    if not fetch(sql, [record_id, *within[1]]):
        raise unknown_record(record_id)


@retried
def entity_transfer(*, schema: FormSchema, ids: Sequence[int], to_user_uid: int, actor: Actor) -> None:
    """Give all these records to another member, or none. Raises NotFound with every id and the member that do not
    exist, Forbidden."""
    permit(actor, schema.rights(actor), Verb.TRANSFER)
    known = Member.objects.filter(organization_id=actor.organization_id, uid=to_user_uid, is_active=True).exists()
    faults = [] if known else [_unknown_member(to_user_uid)]
    with transaction.atomic():
        faults += unknown_records(ids, [row.id for row in statements.lock(schema.id, ids, reach(schema, actor))])
        if faults:
            raise NotFound(faults)
        statements.transfer(schema, ids, to_user_uid, person_of(actor), deed_of(actor))


@retried
def entity_mass_destroy(*, schema: FormSchema, ids: Sequence[int], actor: Actor) -> None:
    """Destroy all these records, or none: they move to the trash. Raises NotFound with every id that does not exist,
    Conflict with every one whose ticket is running, Forbidden."""
    permit(actor, schema.rights(actor), Verb.DESTROY)
    schema = schema.whole
    sent, ids = ids, list(dict.fromkeys(ids))
    with transaction.atomic():
        hold_rings(schema)
        found = statements.lock(schema.id, ids, reach(schema, actor))
        faults = unknown_records(sent, [row.id for row in found])
        if faults:
            raise NotFound(faults)
        if running := running_entities(schema.id, ids):
            raise Conflict(_running(sent, running))
        deed = deed_of(actor)
        statements.destroy(schema, ids, actor.uid, deed)
        counts = recompute_dependents(schema, ids, schema.by_field, deed)
        live, count = counts.get(schema.id, (0, 0))
        statements.count({**counts, schema.id: (live - len(ids), count + len(ids))})


def _unknown_member(uid: int) -> Fault:
    return Fault(
        "unknown_member", _("There is no active member with uid {id}.").format(id=uid), field="to_user_uid", got=uid
    )


def _running(ids: Sequence[int], running: Collection[int]) -> list[Fault]:
    """A fault for each of the ids whose ticket is running, where it stands first."""
    message = _("The record's ticket is running.")
    places = {record_id: place for place, record_id in reversed(list(enumerate(ids))) if record_id in running}
    return [
        Fault("ticket_running", message, field="ids", index=place, got=record_id)
        for record_id, place in sorted(places.items(), key=lambda item: item[1])
    ]
