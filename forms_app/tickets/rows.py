"""The SQL of tickets. Each statement names the form as a constant; JSON is written and read without losing a digit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps, reads
from forms_app.flows.language import Definition, Move, Token


class TicketRow(NamedTuple):
    """A ticket as a move needs it."""

    id: int
    flow_id: int
    flow_version_id: int
    organization_id: int
    entity_id: int
    data_no: int
    state: str
    variables: dict[str, Any]
    creator_uid: int
    depth: int
    caller_form_id: int | None
    caller_token_id: int | None


class TokenRow(NamedTuple):
    """An open token with who may push it."""

    token: Token
    name: str
    anyone: bool
    member_uids: list[int]
    department_dids: list[int]


TICKET = (
    "id, flow_id, flow_version_id, organization_id, entity_id, data_no, state, variables::text, creator_uid, depth, "
    "caller_form_id, caller_token_id"
)
TOKEN = "id, component, state, branches::text, message, name, anyone, member_uids::text, department_dids::text"


def locked_ticket(form_id: int, ticket_id: int) -> TicketRow | None:
    """The ticket, locked to the end of the transaction."""
    sql = f"SELECT {TICKET} FROM ticket WHERE custom_form_id = {int(form_id)} AND id = %s FOR UPDATE"
    rows = fetch(sql, [ticket_id])
    if not rows:
        return None
    row = list(rows[0])
    row[7] = reads(row[7])
    return TicketRow(*row)


def ticket_of_token(form_id: int, token_id: int) -> int | None:
    """The id of the ticket that the token, open or done, belongs to."""
    sql = f"SELECT ticket_id FROM ticket_token WHERE custom_form_id = {int(form_id)} AND id = %s"
    rows = fetch(sql, [token_id])
    return rows[0][0] if rows else None


def open_tokens(form_id: int, ticket_id: int) -> dict[int, TokenRow]:
    """The ticket's open tokens by id. To be read in a statement of its own after the lock: an earlier snapshot would
    show what another push has moved meanwhile."""
    sql = (
        f"SELECT {TOKEN} FROM ticket_token "
        f"WHERE custom_form_id = {int(form_id)} AND ticket_id = %s AND state <> 'done' ORDER BY id"
    )
    found = {}
    for pk, component, state, branches, message, name, anyone, uids, dids in fetch(sql, [ticket_id]):
        token = Token(pk, component, state, tuple(map(tuple, reads(branches))), message)
        found[pk] = TokenRow(token, name, anyone, reads(uids), reads(dids))
    return found


def new_ids(count: int) -> list[int]:
    """Ids that nothing else has."""
    return [row[0] for row in fetch("SELECT nextval('ticket_id_seq') FROM generate_series(1, %s)", [count])]


def next_number(form_id: int, flow_id: int) -> int:
    """The flow's next ticket number. Its row is locked to the commit, so to be taken last."""
    sql = (
        "UPDATE flow_counter SET last_no = last_no + 1 "
        f"WHERE custom_form_id = {int(form_id)} AND flow_id = %s RETURNING last_no"
    )
    return int(fetch(sql, [flow_id])[0][0])


def insert_ticket(
    *,
    form_id: int,
    ticket: TicketRow,
    outcome: str,
    moment: datetime,
    ended: bool,
) -> None:
    """The row of a ticket that was just opened, or opened and ended at once."""
    sql = (
        "INSERT INTO ticket (custom_form_id, id, flow_id, flow_version_id, organization_id, entity_id, data_no, state, "
        "variables, creator_uid, depth, caller_form_id, caller_token_id, outcome, created_at, updated_at, ended_at) "
        f"VALUES ({int(form_id)}, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"
    )
    values = [*ticket]
    values[7] = dumps(ticket.variables).decode()
    fetch(sql, [*values, outcome, moment, moment, moment if ended else None])


def update_ticket(
    *, form_id: int, ticket_id: int, state: str, outcome: str, variables: Mapping[str, Any], moment: datetime
) -> None:
    """What a move changes of a ticket."""
    sql = (
        "UPDATE ticket SET state = %s, outcome = %s, variables = %s::jsonb, updated_at = %s, "
        "ended_at = CASE WHEN %s = 'running' THEN NULL ELSE %s::timestamptz END "
        f"WHERE custom_form_id = {int(form_id)} AND id = %s RETURNING id"
    )
    fetch(sql, [state, outcome, dumps(variables).decode(), moment, state, moment, ticket_id])


def write_move(
    *,
    form_id: int,
    ticket_id: int,
    organization_id: int,
    entity_id: int,
    move: Move,
    uid: int | None,
    moment: datetime,
) -> None:
    """The tokens that a move closed and opened, and its history: at most five statements, however many they are. The
    first step is the deed of `uid`, the others are the flow's own."""
    if move.closed:
        sql = (
            "UPDATE ticket_token SET state = 'done', closed_at = %s "
            f"WHERE custom_form_id = {int(form_id)} AND id = ANY(%s::bigint[]) RETURNING id"
        )
        fetch(sql, [moment, move.closed])
    if move.opened:
        _insert(
            "ticket_token",
            (
                "custom_form_id bigint, id bigint, ticket_id bigint, organization_id bigint, component text, "
                "name text, state text, branches jsonb, anyone boolean, member_uids jsonb, department_dids jsonb, "
                "message text, created_at timestamptz"
            ),
            [_token(form_id, ticket_id, organization_id, move.definition, token, moment) for token in move.opened],
        )
    version = fetch(f"SELECT version FROM form_entity WHERE custom_form_id = {int(form_id)} AND id = %s", [entity_id])
    names = {component.id: component.name for component in move.definition.components.values()}
    ids = new_ids(len(move.steps))
    _insert(
        "ticket_step",
        (
            "custom_form_id bigint, id bigint, ticket_id bigint, action text, component text, name text, uid bigint, "
            "closed jsonb, opened jsonb, changed jsonb, entity_version bigint, message text, created_at timestamptz"
        ),
        [
            {
                "custom_form_id": form_id,
                "id": pk,
                "ticket_id": ticket_id,
                "action": step.action,
                "component": step.component,
                "name": names[step.component],
                "uid": uid if place == 0 else None,
                "closed": step.closed,
                "opened": [(token.id, token.component, token.state) for token in step.opened],
                "changed": step.changed,
                "entity_version": version[0][0] if version else 0,
                "message": step.message,
                "created_at": moment.isoformat(),
            }
            for place, (pk, step) in enumerate(zip(ids, move.steps, strict=True))
        ],
    )


def _token(
    form_id: int, ticket_id: int, organization_id: int, definition: Definition, token: Token, moment: datetime
) -> dict[str, Any]:
    who = token.detail or {}
    return {
        "custom_form_id": form_id,
        "id": token.id,
        "ticket_id": ticket_id,
        "organization_id": organization_id,
        "component": token.component,
        "name": definition.components[token.component].name,
        "state": token.state,
        "branches": token.branches,
        "anyone": who.get("anyone", False),
        "member_uids": who.get("members", []),
        "department_dids": who.get("departments", []),
        "message": token.message,
        "created_at": moment.isoformat(),
    }


def _insert(table: str, columns: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Any number of rows by one statement, which stays the same for all numbers."""
    names = ", ".join(column.split()[0] for column in columns.split(", "))
    sql = (
        f"INSERT INTO {table} ({names}) "
        f"SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS rows ({columns}) RETURNING id"
    )
    fetch(sql, [dumps(list(rows)).decode()])


def attach(form_id: int, ticket_id: int, file_ids: Iterable[int], uid: int, moment: datetime) -> None:
    """Attach stored files to the ticket as a whole."""
    sql = (
        "INSERT INTO ticket_attachment (custom_form_id, ticket_id, stored_file_id, uid, created_at) "
        f"SELECT {int(form_id)}, %s, file_id, %s, %s FROM unnest(%s::bigint[]) AS file_id RETURNING id"
    )
    fetch(sql, [ticket_id, uid, moment, list(file_ids)])


def stages(form_id: int, flow_id: int, data_no: int) -> list[tuple[int, str]]:
    """(data_id, name) of each place where a running ticket of that number waits or was stopped: one statement."""
    sql = (
        "SELECT token.id, token.name FROM ticket JOIN ticket_token AS token "
        "ON token.custom_form_id = ticket.custom_form_id AND token.ticket_id = ticket.id "
        f"WHERE ticket.custom_form_id = {int(form_id)} AND token.custom_form_id = {int(form_id)} "
        "AND ticket.flow_id = %s AND ticket.data_no = %s AND token.state IN ('waiting', 'stopped') ORDER BY token.id"
    )
    return [(row[0], row[1]) for row in fetch(sql, [flow_id, data_no])]


def called_ticket(form_id: int, token_id: int) -> tuple[int, int, str] | None:
    """(form, ticket, state) of the ticket that was opened for the token of another one."""
    sql = (
        "SELECT custom_form_id, id, state FROM ticket WHERE caller_form_id = %s AND caller_token_id = %s "
        "ORDER BY id LIMIT 1"
    )
    rows = fetch(sql, [form_id, token_id])
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def hand_over_call(form_id: int, ticket_id: int, token_id: int) -> None:
    """From now on it is this token that waited for the called ticket."""
    sql = f"UPDATE ticket SET caller_token_id = %s WHERE custom_form_id = {int(form_id)} AND id = %s RETURNING id"
    fetch(sql, [token_id, ticket_id])
