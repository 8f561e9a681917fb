"""Entries → the bodies of messages, as the webhook's member reads them. A record is shown as it was right after the
change (a destroyed one: before), made of what it is now and what happened since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from forms_app.exact_json import dumps, reads
from forms_app.field_types import Column
from forms_app.field_types._times import shown
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.records.changes.entries import (
    COMPUTED,
    CREATED,
    DESTROYED,
    OWNER,
    RESTORED,
    TRANSFERRED,
    UPDATED,
    WHOLE,
)
from forms_app.records.changes.reading import Change
from forms_app.records.changes.showing import is_of, shown_changes
from forms_app.records.presentation import Projection, present
from forms_app.records.query.conditions import matches
from forms_app.records.query.entity_query import EntityRow
from forms_app.records.query.terms import Terms
from forms_app.schema.form_schema import FormSchema
from forms_app.webhooks.events import OF_STREAMS, RECORD
from forms_app.webhooks.source import Entry, Life, lives


class Told(NamedTuple):
    """A message that is ready to be sent: `body` is None where the webhook's filters leave the entry out."""

    entry: Entry
    event: str
    body: bytes | None


def told(schema: FormSchema, actor: Actor, entries: Sequence[Entry], terms: Terms) -> list[Told]:
    """The messages of some entries of one form, in their order. A statement for the records, and those of `present`."""
    if not entries:
        return []
    seen = schema.seen_by(actor)
    rows = states(seen, actor, entries)
    changes = _changes(seen, actor, entries)
    directory = directory_of(actor.organization_id)
    wanted = [
        _is_seen(entry, change) and (row is None or _matches(terms, row, directory))
        for entry, row, change in zip(entries, rows, changes, strict=True)
    ]
    there = [row for row, keep in zip(rows, wanted, strict=True) if keep and row is not None]
    records = iter(present(Projection.of(seen), there, actor))
    messages = []
    for entry, row, change, keep in zip(entries, rows, changes, wanted, strict=True):
        body = _body(seen, entry, next(records) if row is not None else None, change) if keep else None
        messages.append(Told(entry, OF_STREAMS[entry.stream][entry.action], body))
    return messages


def _is_seen(entry: Entry, change: dict[str, Any]) -> bool:
    """Whether anything of it exists for the reader: not a change of nothing but fields that are hidden from them."""
    return entry.stream != RECORD or entry.action not in (UPDATED, COMPUTED) or bool(change["changes"])


def states(schema: FormSchema, actor: Actor, entries: Sequence[Entry]) -> list[EntityRow | None]:
    """The record of each entry as it was right after it, or before, where it was destroyed; None where that is not
    known any more."""
    ids: dict[int, int] = {}
    versions: dict[int, int] = {}
    for entry in entries:
        into, value = (ids, entry.id) if entry.stream == RECORD else (versions, entry.version)
        into[entry.record_id] = min(value, into.get(entry.record_id, value))
    found = lives(schema, actor, ids, versions)
    return [_state(schema, entry, found.get(entry.record_id)) for entry in entries]


def _state(schema: FormSchema, entry: Entry, life: Life | None) -> EntityRow | None:
    if life is None:
        return None
    row, later = life
    if entry.stream == RECORD:
        undone = [undo for undo in later if undo.id > entry.id or (undo.id == entry.id and undo.action == DESTROYED)]
    else:
        undone = [undo for undo in later if undo.version > entry.version or undo.action == DESTROYED]
    if not undone and row is not None:
        return row
    known = row is not None
    data: dict[str, Any] = reads(row.data) if row is not None else {}
    owner = row.owner_uid if row is not None else 0
    for undo in undone:
        if undo.action in WHOLE:
            if undo.action in (CREATED, RESTORED):
                continue
            data, owner, known = dict(undo.changes), undo.owner_uid, True
            continue
        for name, (before, _after) in undo.changes.items():
            if undo.action == TRANSFERRED and name == OWNER:
                owner = int(before)
            elif before is None:
                data.pop(name, None)
            else:
                data[name] = before
    if not known:
        return None
    made = row.created_at if row is not None else entry.at
    data = {name: value for name, value in data.items() if _is_own(schema, name, entry.at)}
    return EntityRow(entry.record_id, owner, made, entry.at, dumps(data).decode(), entry.version)


def _is_own(schema: FormSchema, name: str, at: str) -> bool:
    """Whether a name meant at that time the field that it means now."""
    column = schema.by_field.get(name)
    return column is None or is_of(column, at)


def _matches(terms: Terms, row: EntityRow, directory: Any) -> bool:
    if not terms.filters:
        return True
    data = reads(row.data)
    system = {"id": row.id, "user": row.owner_uid, "created_at": row.created_at, "updated_at": row.updated_at}

    def stored(column: Column) -> Any:
        return system[column.name] if column.field_id is None else data.get(column.name)

    return matches(terms, stored, directory)


def _changes(schema: FormSchema, actor: Actor, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What changed and who did it, as the change log's own calls tell it; of a ticket's step what it wrote."""
    rows = [
        Change(
            entry.id,
            entry.record_id,
            entry.tx,
            entry.at,
            entry.version,
            0,
            entry.uid,
            None,
            entry.action if entry.stream == RECORD else UPDATED,
            "",
            "",
            entry.changes,
        )
        for entry in entries
    ]
    return shown_changes(schema, rows, actor)


def _body(schema: FormSchema, entry: Entry, record: Any, change: dict[str, Any]) -> bytes:
    data: dict[str, Any] = {
        "custom_form_id": schema.id,
        "id": entry.record_id,
        "version": entry.version,
        "user": change["user"],
        "changes": change["changes"],
        "record": record,
    }
    if entry.step is not None:
        step = entry.step
        data["ticket"] = {
            "id": step.ticket_id,
            "number": step.number,
            "flow": step.flow,
            "state": step.state,
            "step": {"action": entry.action, "stage": step.stage, "message": step.message},
        }
    event = OF_STREAMS[entry.stream][entry.action]
    return dumps({"type": event, "timestamp": shown(entry.at), "data": data})
