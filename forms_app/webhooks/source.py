"""What webhooks are made of: entries of the change log and steps of tickets, read in the order of commits. All of their
SQL on these tables stands here, and every statement names the form.

Behind a horizon nothing more can be committed, so nothing appears behind a cursor (docs/decisions/060-change-log.md).
Within one record, or ticket, the order is that of the ids: who waited for a record's lock wrote later, though its
transaction may have begun, and have its `tx`, earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from forms_app.database.cursor import fetch
from forms_app.exact_json import reads
from forms_app.people.actor import Actor
from forms_app.records.changes.horizon import horizon, horizon_now
from forms_app.records.query.entity_query import COLUMNS, EntityRow
from forms_app.schema.form_schema import FormSchema
from forms_app.webhooks.events import RECORD, TICKET

UTC = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


class Position(NamedTuple):
    """A place in the order of commits."""

    tx: int
    id: int


class Step(NamedTuple):
    """What more there is to tell of a ticket's step."""

    ticket_id: int
    number: int
    flow: str
    state: str
    component: str
    stage: str
    message: str


class Entry(NamedTuple):
    """An entry of the log or a step of a ticket. `subject_id` is whose order counts: the record's, or the ticket's;
    `changes` is JSON text, `uid` 0 the system."""

    stream: str
    id: int
    tx: int
    subject_id: int
    record_id: int
    action: str
    at: str
    version: int
    uid: int
    changes: str
    step: Step | None = None

    @property
    def position(self) -> Position:
        return Position(self.tx, self.id)


_LOG = (
    f"SELECT id, tx, entity_id, entity_id, action, {UTC.format('at')}, version, uid, changes::text "
    "FROM form_entity_change WHERE custom_form_id = %s"
)
_STEPS = (
    "SELECT ticket_step.id, ticket_step.tx, ticket_step.ticket_id, ticket.entity_id, ticket_step.action, "
    f"{UTC.format('ticket_step.created_at')}, ticket_step.entity_version, coalesce(ticket_step.uid, 0), "
    "ticket_step.changed::text, ticket.data_no, flow.name, ticket.state, ticket_step.component, ticket_step.name, "
    "ticket_step.message FROM ticket_step JOIN ticket ON ticket.custom_form_id = ticket_step.custom_form_id "
    "AND ticket.id = ticket_step.ticket_id JOIN forms_app_flow AS flow ON flow.id = ticket.flow_id "
    "WHERE ticket_step.custom_form_id = %s"
)


class _Table(NamedTuple):
    sql: str
    subject: str
    prefix: str


_TABLES = {RECORD: _Table(_LOG, "entity_id", ""), TICKET: _Table(_STEPS, "ticket_step.ticket_id", "ticket_step.")}


def now() -> int:
    """The order of commits as it stands: what is committed from now on is not before it."""
    return horizon_now()


def after(stream: str, form_id: int, position: Position, most: int) -> list[Entry]:
    """The first entries behind a position that nothing can come before any more, in the order of commits."""
    sql, _subject, own = _TABLES[stream]
    told, held = horizon()
    sql += f" AND ({own}tx, {own}id) > (%s, %s) AND {own}tx < {told} ORDER BY {own}tx, {own}id LIMIT {int(most)}"
    return _entries(stream, sql, [form_id, *position, *held])


def overtaken(stream: str, form_id: int, entries: Sequence[Entry]) -> list[Entry]:
    """What came before one of the entries in its record's, or ticket's, own order, and stands behind all of them in
    the order of commits."""
    newest: dict[int, int] = {}
    for entry in entries:
        newest[entry.subject_id] = max(entry.id, newest.get(entry.subject_id, 0))
    sql, subject, own = _TABLES[stream]
    last = entries[-1].position
    sql += f" AND {subject} = ANY(%s::bigint[]) AND ({own}tx, {own}id) > (%s, %s) AND {own}id < %s"
    found = _entries(stream, sql, [form_id, list(newest), *last, max(newest.values())])
    return [entry for entry in found if entry.id < newest[entry.subject_id]]


def of_subject(
    stream: str, form_id: int, subject_id: int, first_id: int, upto: Position, ahead: Iterable[int], most: int
) -> list[Entry]:
    """The entries of one record or ticket from `first_id` on that were passed already: up to a position, or by id."""
    sql, subject, own = _TABLES[stream]
    sql += (
        f" AND {subject} = %s AND {own}id >= %s AND (({own}tx, {own}id) <= (%s, %s) OR {own}id = ANY(%s::bigint[])) "
        f"ORDER BY {own}id LIMIT {int(most)}"
    )
    return _entries(stream, sql, [form_id, subject_id, first_id, *upto, list(ahead)])


def by_ids(stream: str, form_id: int, keys: Iterable[tuple[int, int]]) -> list[Entry]:
    """The entries of these subjects and ids, in their order, as far as they are still kept."""
    sql, subject, own = _TABLES[stream]
    sql += f" AND {subject} = ANY(%s::bigint[]) AND {own}id = ANY(%s::bigint[]) ORDER BY {own}id"
    keys = list(keys)
    return _entries(stream, sql, [form_id, sorted({one for one, _id in keys}), [pk for _one, pk in keys]])


def is_waiting(stream: str, form_id: int, position: Position) -> bool:
    """Whether anything stands behind the position."""
    return bool(count_after(stream, form_id, position, (), 1))


def count_after(stream: str, form_id: int, position: Position, actions: Sequence[str], most: int) -> int:
    """How many entries stand behind the position, those of some actions if any are named, counted up to `most`."""
    table = "form_entity_change" if stream == RECORD else "ticket_step"
    wanted, values = (" AND action = ANY(%s::text[])", [list(actions)]) if actions else ("", [])
    told, held = horizon()
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE custom_form_id = %s AND (tx, id) > (%s, %s) "
        f"AND tx < {told}{wanted} LIMIT {int(most)}) waiting"
    )
    return int(fetch(sql, [form_id, *position, *held, *values])[0][0])


def _entries(stream: str, sql: str, values: Sequence[Any]) -> list[Entry]:
    entries = []
    for row in fetch(sql, values, selective=True):
        pk, tx, subject_id, record_id, action, at, version, uid, changes, *more = row
        step = Step(subject_id, *more) if more else None
        entries.append(Entry(stream, pk, tx, subject_id, record_id, action, at, version, uid, changes, step))
    return entries


class Undo(NamedTuple):
    """An entry of a record's log as it is undone."""

    id: int
    version: int
    action: str
    at: str
    owner_uid: int
    changes: dict[str, Any]


class Life(NamedTuple):
    """A record as it is now (None: there is none), and what happened to it of late, the newest first."""

    row: EntityRow | None
    later: list[Undo]


def lives(
    schema: FormSchema, actor: Actor, first_ids: dict[int, int], first_versions: dict[int, int]
) -> dict[int, Life]:
    """Records, and of each the entries of its log from an id or a version on, read by one statement: of one moment.
    For an actor who reads every record of the form."""
    if not schema.rights(actor).all_rows:
        return {}
    ids = sorted({*first_ids, *first_versions})
    first_id = min(first_ids.values(), default=2**63 - 1)
    first_version = min(first_versions.values(), default=2**63 - 1)
    sql = (
        f"SELECT 'row', {COLUMNS}, 0::bigint, '' FROM {schema.partition} "
        "WHERE custom_form_id = %s AND id = ANY(%s::bigint[]) "
        f"UNION ALL SELECT 'gone', {COLUMNS}, 0, '' FROM form_entity_trash "
        "WHERE custom_form_id = %s AND id = ANY(%s::bigint[]) "
        f"UNION ALL SELECT 'log', entity_id, owner_uid, {UTC.format('at')}, '', changes::text, version, id, action "
        "FROM form_entity_change WHERE custom_form_id = %s AND entity_id = ANY(%s::bigint[]) "
        "AND (id >= %s OR version >= %s)"
    )
    values = [schema.id, ids, schema.id, ids, schema.id, ids, first_id, first_version]
    rows: dict[int, EntityRow] = {}
    gone_rows: dict[int, EntityRow] = {}
    logs: dict[int, list[Undo]] = {}
    for kind, entity_id, owner_uid, first, second, text, version, entry_id, action in fetch(
        sql, values, selective=True
    ):
        if kind == "log":
            undo = Undo(entry_id, version, action, first, owner_uid, reads(text))
            logs.setdefault(entity_id, []).append(undo)
        else:
            into = rows if kind == "row" else gone_rows
            into[entity_id] = EntityRow(entity_id, owner_uid, first, second, text, version)
    found = {}
    for entity_id in ids:
        later = sorted(logs.get(entity_id, ()), key=lambda undo: undo.id, reverse=True)
        found[entity_id] = Life(rows.get(entity_id) or gone_rows.get(entity_id), later)
    return found
