"""What is entered in the change log, by the statement that writes the record (docs/decisions/060-change-log.md).

`changes` holds the values after of a record that was created or restored, and the values before of one that was
destroyed; else, of each field that changed, what was there before and after.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from forms_app.audit.source import current
from forms_app.people.actor import Actor
from forms_app.schema.form_schema import FormSchema

CREATED, UPDATED, TRANSFERRED = "created", "updated", "transferred"
DESTROYED, RESTORED, COMPUTED = "destroyed", "restored", "computed"
ACTIONS = (CREATED, UPDATED, TRANSFERRED, DESTROYED, RESTORED, COMPUTED)
WHOLE = frozenset({CREATED, RESTORED, DESTROYED})
"""What tells all values of the record at once."""
API, MASS, PAGE, TICKET, LOAD, FLOW = "api", "mass", "page", "ticket", "load", "flow"
SOURCES = (API, MASS, PAGE, TICKET, LOAD, FLOW)
"""By which way a change came."""
OWNER = "user"
"""The name under which a transfer tells the owner before and after."""


class Deed(NamedTuple):
    """Who changes records (0: the system), with which token, by which of SOURCES, in which request."""

    uid: int
    token_id: int | None
    source: str
    request_id: str


SYSTEM = Deed(0, None, LOAD, "")
"""What nobody did who is known."""


def deed_of(actor: Actor, source: str = "") -> Deed:
    """What the actor does in the request, page or command of now; by `source` where that says more."""
    now = current()
    way = FLOW if actor.system == FLOW else source or now.way
    return Deed(actor.uid, now.token_id, way, now.request_id[:64])


def system_deed(uid: int = 0) -> Deed:
    """What the system does in the request, page or command of now."""
    now = current()
    return Deed(uid, now.token_id, now.way, now.request_id[:64])


NOW = "date_trunc('milliseconds', clock_timestamp())"
STATED = "date_trunc('milliseconds', statement_timestamp())"
"""One time for two columns of a row that is made: a clock goes on within a statement."""
# Partitions exist for some months ahead, and a record may have a time beyond: clocks go wrong, and are set again.
WRITTEN_AT = f"least(updated_at, {NOW} + interval '31 days')"
COLUMNS = "custom_form_id, entity_id, at, version, owner_uid, uid, token_id, action, source, request_id, changes"


def entered(
    schema: FormSchema, deed: Deed, action: str, changes: str, *, rows: str = "written", at: str = WRITTEN_AT
) -> tuple[str, list[Any]]:
    """The CTE, with a comma before it, that enters what the CTE `rows` wrote (id, version, owner_uid, updated_at) with
    the SQL of its changes; and the values that it binds. Nothing where the form keeps no history."""
    if not schema.keeps_history:
        return "", []
    sql = (
        f", entered AS (INSERT INTO form_entity_change ({COLUMNS}) SELECT %s::bigint, id, {at}, version, owner_uid, "
        f"%s::bigint, %s::bigint, '{action}', %s::text, %s::text, {changes} FROM {rows})"
    )
    return sql, [schema.id, deed.uid, deed.token_id, deed.source, deed.request_id]


def entered_alone(schema: FormSchema, deed: Deed, action: str) -> tuple[str, list[Any]]:
    """The statement that enters one record by itself: form, id, time, version and owner are bound before the values
    that come with it, the changes as JSON text behind them, so that one prepared statement serves all forms. Nothing
    where the form keeps no history."""
    if not schema.keeps_history:
        return "", []
    sql = (
        f"INSERT INTO form_entity_change ({COLUMNS}) VALUES (%s, %s, %s::timestamptz, %s, %s, %s, %s, "
        f"'{action}', %s, %s, %s::jsonb) RETURNING id"
    )
    return sql, [deed.uid, deed.token_id, deed.source, deed.request_id]


DIFFERENCES = (
    "(SELECT jsonb_object_agg(name, jsonb_build_array(old_data->name, data->name)) FROM unnest(%s::text[]) name "
    "WHERE old_data->name IS DISTINCT FROM data->name)"
)
"""The changes between `old_data` and `data` of the fields whose names are bound."""
