"""A ticket as it is followed: its open tokens, its steps, its attachments, the tickets that it called. Reads only, each
of them one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from forms_app.database.cursor import fetch
from forms_app.exact_json import reads, shows


class OpenToken(NamedTuple):
    """A place where a ticket stands, with who may push it there."""

    id: int
    component: str
    name: str
    state: str
    message: str
    anyone: bool
    member_uids: list[int]
    department_dids: list[int]
    since: datetime


class HistoryStep(NamedTuple):
    """One entry of a ticket's history; `changed` holds stored values with every digit, to be shown."""

    id: int
    action: str
    component: str
    name: str
    uid: int | None
    opened: list[tuple[int, str, str]]
    changed: dict[str, tuple[Any, Any]]
    version: int
    message: str
    at: datetime


class OtherTicket(NamedTuple):
    """A ticket of another flow that called this one, or was called by it."""

    token_id: int
    id: int
    flow: str
    data_no: int
    state: str


class Attachment(NamedTuple):
    """A file that was attached to a ticket as a whole."""

    token: str
    name: str
    size: int
    uid: int
    at: datetime


def open_tokens(form_id: int, ticket_id: int) -> list[OpenToken]:
    """Where the ticket stands, in the order of arrival."""
    sql = (
        "SELECT id, component, name, state, message, anyone, member_uids::text, department_dids::text, created_at "
        f"FROM ticket_token WHERE custom_form_id = {int(form_id)} AND ticket_id = %s AND state <> 'done' ORDER BY id"
    )
    return [OpenToken(*(*row[:6], reads(row[6]), reads(row[7]), row[8])) for row in fetch(sql, [ticket_id])]


def history_extent(form_id: int, ticket_id: int) -> tuple[int, set[str]]:
    """How many steps the ticket took, and the components that have done their work for it."""
    sql = (
        "SELECT count(*), array_agg(DISTINCT component) FILTER ("
        "WHERE action IN ('open', 'push', 'decide', 'fork', 'set', 'return', 'end') "
        "OR action = 'join' AND opened = '[]'::jsonb) "
        f"FROM ticket_step WHERE custom_form_id = {int(form_id)} AND ticket_id = %s"
    )
    ((count, components),) = fetch(sql, [ticket_id])
    return count, set(components or ())


def history_steps(form_id: int, ticket_id: int, *, most: int | None = None) -> list[HistoryStep]:
    """What happened to the ticket, in order; the last `most` steps."""
    sql = (
        "SELECT id, action, component, name, uid, opened::text, changed::text, entity_version, message, created_at "
        f"FROM ticket_step WHERE custom_form_id = {int(form_id)} AND ticket_id = %s ORDER BY id DESC LIMIT %s"
    )
    rows = reversed(fetch(sql, [ticket_id, most]))
    return [HistoryStep(*(*row[:5], list(map(tuple, reads(row[5]))), shows(row[6]), *row[7:])) for row in rows]


def ticket_variables(form_id: int, ticket_id: int) -> dict[str, Any]:
    """The stored values of the ticket's variables."""
    sql = f"SELECT variables::text FROM ticket WHERE custom_form_id = {int(form_id)} AND id = %s"
    found: dict[str, Any] = reads(fetch(sql, [ticket_id])[0][0])
    return found


def called_tickets(form_id: int, token_ids: Iterable[int]) -> dict[int, OtherTicket]:
    """The tickets that were opened for these tokens, by the token."""
    sql = (
        "SELECT ticket.caller_token_id, ticket.id, flow.name, ticket.data_no, ticket.state "
        "FROM ticket JOIN forms_app_flow AS flow ON flow.id = ticket.flow_id "
        "WHERE ticket.caller_form_id = %s AND ticket.caller_token_id = ANY(%s::bigint[]) ORDER BY ticket.id"
    )
    return {row[0]: OtherTicket(*row) for row in fetch(sql, [form_id, list(token_ids)])}


def calling_ticket(form_id: int, token_id: int) -> OtherTicket | None:
    """The ticket whose token waits, or waited, for another one."""
    sql = (
        "SELECT token.id, ticket.id, flow.name, ticket.data_no, ticket.state FROM ticket_token AS token "
        "JOIN ticket ON ticket.custom_form_id = token.custom_form_id AND ticket.id = token.ticket_id "
        "JOIN forms_app_flow AS flow ON flow.id = ticket.flow_id "
        f"WHERE token.custom_form_id = {int(form_id)} AND token.id = %s"
    )
    rows = fetch(sql, [token_id])
    return OtherTicket(*rows[0]) if rows else None


def attachments(form_id: int, ticket_id: int) -> list[Attachment]:
    """The files that were attached to the ticket, in order."""
    sql = (
        "SELECT file.token, file.name, file.size, attached.uid, attached.created_at "
        "FROM ticket_attachment AS attached JOIN forms_app_storedfile AS file ON file.id = attached.stored_file_id "
        f"WHERE attached.custom_form_id = {int(form_id)} AND attached.ticket_id = %s ORDER BY attached.id"
    )
    return [Attachment(*row) for row in fetch(sql, [ticket_id])]


def ticket_of_record(form_id: int, record_id: int) -> tuple[int, int] | None:
    """(id, number) of the ticket that the record is on its way with."""
    sql = f"SELECT id, data_no FROM ticket WHERE custom_form_id = {int(form_id)} AND entity_id = %s LIMIT 1"
    rows = fetch(sql, [record_id])
    return (rows[0][0], rows[0][1]) if rows else None
