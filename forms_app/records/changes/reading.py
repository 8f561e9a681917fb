"""The change log as it is stored: which entries there are of a record and of a form, as far as an actor sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.exceptions import Conflict, Fault, Forbidden
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.records.changes.entries import COMPUTED, UPDATED
from forms_app.records.changes.horizon import horizon, horizon_now
from forms_app.records.query import EntityQuery
from forms_app.records.query.unknown import unknown_record
from forms_app.schema.form_schema import FormSchema

_AT = """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


class Change(NamedTuple):
    """An entry: `at` as UTC text, `changes` as JSON text (records/changes/entries.py says of what shape)."""

    id: int
    entity_id: int
    tx: int
    at: str
    version: int
    owner_uid: int
    uid: int
    token_id: int | None
    action: str
    source: str
    request_id: str
    changes: str


COLUMNS = f"id, entity_id, tx, {_AT}, version, owner_uid, uid, token_id, action, source, request_id, changes::text"
"""The select list of a Change."""


class Position(NamedTuple):
    """A place in the order of commits: behind the entry `id` of the transaction `tx`."""

    tx: int
    id: int


BEGINNING = Position(-1, 0)
_LAST = 2**63 - 1


def seen_part(schema: FormSchema) -> tuple[str, list[Any]]:
    """The condition that leaves out the changes of nothing but fields that are not in `schema`."""
    return f"(action NOT IN ('{UPDATED}', '{COMPUTED}') OR changes ?| %s::text[])", [list(schema.by_field)]


def record_history(
    schema: FormSchema, record_id: int, actor: Actor, most: int, before: int | None = None
) -> list[Change]:
    """The newest `most` entries of a record, the newest first; those before the entry of the id `before`. Raises
    NotFound for a record that the actor does not reach, Conflict where the form keeps no history, Forbidden."""
    require_record(schema, record_id, actor)
    require_history(schema)
    seen, names = seen_part(schema.seen_by(actor))
    older = "AND id < %s " if before is not None else ""
    sql = (
        f"SELECT {COLUMNS} FROM form_entity_change WHERE custom_form_id = %s AND entity_id = %s {older}AND {seen} "
        f"ORDER BY id DESC LIMIT {int(most)}"
    )
    bound = [schema.id, record_id, *([before] if before is not None else []), *names]
    return [Change(*row) for row in fetch(sql, bound)]


def feed(schema: FormSchema, actor: Actor, after: Position, most: int) -> tuple[list[Change], Position]:
    """Up to `most` entries of a form behind a position, in the order of their transactions, those of one record in that
    of its writes, and the position behind them. Nothing will ever be entered before that: what a transaction enters is
    told when no older one is running any more. Raises Conflict where the form keeps no history, Forbidden for who does
    not reach every record."""
    require_feed(schema, actor)
    seen, names = seen_part(schema.seen_by(actor))
    told, held = horizon()
    sql = (
        f"SELECT horizon, entry.* FROM (SELECT {told} AS horizon) final LEFT JOIN LATERAL ("
        f"SELECT {COLUMNS} FROM form_entity_change WHERE custom_form_id = %s "
        f"AND (tx, id) > (%s::bigint, %s::bigint) AND tx < horizon AND {seen} "
        f"ORDER BY tx, form_entity_change.id LIMIT {int(most)}) entry ON true"
    )
    rows = fetch(sql, [*held, schema.id, *after, *names])
    changes = [Change(*row[1:]) for row in rows if row[1] is not None]
    if len(changes) < most:
        return in_order(changes), max(after, Position(rows[0][0] - 1, _LAST))
    return in_order(changes), Position(changes[-1].tx, changes[-1].id)


def in_order(changes: Sequence[Change]) -> list[Change]:
    """The same, the entries of each record in the order in which it was written: a transaction that began first may
    have waited for the record, and written it last."""
    of_record: dict[int, list[Change]] = {}
    for change in sorted(changes):
        of_record.setdefault(change.entity_id, []).append(change)
    following = {record_id: iter(entries) for record_id, entries in of_record.items()}
    return [next(following[change.entity_id]) for change in changes]


def feed_now() -> Position:
    """The position behind all that is told by now."""
    return Position(horizon_now() - 1, _LAST)


def require_feed(schema: FormSchema, actor: Actor) -> None:
    """Raises Forbidden for who does not reach every record of the form, Conflict where it keeps no history."""
    permit(actor, schema.rights(actor), Verb.READ)
    if not schema.rights(actor).all_rows:
        message = _("Changes are told to who may read every record of the form.")
        raise Forbidden([Fault("needs_all_rows", message, field="custom_form_id", got=schema.id)])
    require_history(schema)


def require_history(schema: FormSchema) -> None:
    """Raises Conflict where the form keeps no history."""
    if not schema.keeps_history:
        message = _("This form keeps no history. Whoever designs it can switch it on.")
        raise Conflict([Fault("history_off", message, field="custom_form_id", got=schema.id)])


def require_record(schema: FormSchema, record_id: int, actor: Actor) -> None:
    """Raises NotFound for a record that does not exist for the actor; who reaches every record reaches destroyed ones
    too."""
    if EntityQuery(schema, actor).get(record_id) is not None:
        return
    sql = "SELECT 1 FROM form_entity_change WHERE custom_form_id = %s AND entity_id = %s LIMIT 1"
    if not (schema.rights(actor).all_rows and fetch(sql, [schema.id, record_id])):
        raise unknown_record(record_id)
