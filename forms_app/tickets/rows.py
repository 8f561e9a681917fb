"""The statements of opening, querying and pushing a ticket, written by hand: said by QuerySets each takes 0.4 to 0.9 ms
longer, where a push takes 2.4 in all (docs/decisions/027-querysets.md). They read and write the models' columns by
name, name the form, and are prepared. All else of tickets is asked through the models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import JSONField, Model

from forms_app.database.cursor import fetch
from forms_app.database.engine import is_citus
from forms_app.exact_json import dumps, reads
from forms_app.flows.language import Move, Token
from forms_app.models import Ticket, TicketToken

M = TypeVar("M", bound=Model)


class TicketStage(NamedTuple):
    """A place where a ticket waits for a person, or was stopped."""

    data_id: int
    name: str


class Columns(Generic[M]):
    """The columns of a model as a statement reads them, and the instances that its rows are."""

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self.names = [field.attname for field in model._meta.concrete_fields]
        self.json = [field.attname for field in model._meta.concrete_fields if isinstance(field, JSONField)]
        self.sql = ", ".join(self.names)

    def instances(self, sql: str, values: list[Any]) -> list[M]:
        """The instances that the statement reads; JSON without losing a digit."""
        read = [self.model.from_db(DEFAULT_DB_ALIAS, self.names, row) for row in fetch(sql, values)]
        for instance in read:
            for name in self.json:
                setattr(instance, name, reads(getattr(instance, name)))
        return read

    def values(self, instance: M) -> list[Any]:
        """What an INSERT of all columns binds."""
        values = {name: getattr(instance, name) for name in self.names}
        return [dumps(value).decode() if name in self.json else value for name, value in values.items()]


TICKET, TOKEN = Columns(Ticket), Columns(TicketToken)


def locked_ticket(form_id: int, token_id: int) -> Ticket | None:
    """The ticket that the token, open or done, belongs to, locked to the end of the transaction."""
    form = int(form_id)
    sql = (
        f"SELECT {TICKET.sql} FROM ticket WHERE custom_form_id = {form} AND id = "
        f"(SELECT ticket_id FROM ticket_token WHERE custom_form_id = {form} AND id = %s) FOR UPDATE"
    )
    return next(iter(TICKET.instances(sql, [token_id])), None)


def open_tokens(form_id: int, ticket_id: int) -> list[TicketToken]:
    """Where the ticket stands, in the order of arrival. To be read in a statement of its own after the lock: an earlier
    snapshot would show what another push has moved meanwhile."""
    sql = (
        f"SELECT {TOKEN.sql} FROM ticket_token "
        f"WHERE custom_form_id = {int(form_id)} AND ticket_id = %s AND state <> 'done' ORDER BY id"
    )
    return TOKEN.instances(sql, [ticket_id])


def stages(form_id: int, flow_id: int, data_no: int) -> list[TicketStage]:
    """Where a running ticket of that number waits or was stopped, in the order of arrival."""
    sql = (
        "SELECT token.id AS data_id, token.name FROM ticket JOIN ticket_token AS token "
        "ON token.custom_form_id = ticket.custom_form_id AND token.ticket_id = ticket.id "
        f"WHERE ticket.custom_form_id = {int(form_id)} AND token.custom_form_id = {int(form_id)} "
        "AND ticket.flow_id = %s AND ticket.data_no = %s AND token.state IN ('waiting', 'stopped') ORDER BY token.id"
    )
    return [TicketStage._make(row) for row in fetch(sql, [flow_id, data_no])]


def new_ids(count: int) -> list[int]:
    """Ids that nothing else has. Django has no word for a sequence."""
    return [pk for (pk,) in fetch("SELECT nextval('ticket_id_seq') FROM generate_series(1, %s)", [count])]


def next_number(form_id: int, flow_id: int) -> int:
    """The flow's next ticket number: an UPDATE that returns, which Django can't say. Its row is locked to the commit,
    so to be taken last."""
    sql = (
        "UPDATE flow_counter SET last_no = last_no + 1 "
        f"WHERE custom_form_id = {int(form_id)} AND flow_id = %s RETURNING last_no"
    )
    ((number,),) = fetch(sql, [flow_id])
    return int(number)


def insert_ticket(ticket: Ticket) -> None:
    """The row of a ticket that was just opened."""
    values = TICKET.values(ticket)
    fetch(f"INSERT INTO ticket ({TICKET.sql}) VALUES ({', '.join(['%s'] * len(values))}) RETURNING id", values)


def update_ticket(ticket: Ticket) -> None:
    """What a move changes of a ticket."""
    sql = (
        "UPDATE ticket SET state = %s, outcome = %s, variables = %s::jsonb, updated_at = %s, ended_at = %s "
        f"WHERE custom_form_id = {int(ticket.custom_form_id)} AND id = %s RETURNING id"
    )
    variables = dumps(ticket.variables).decode()
    fetch(sql, [ticket.state, ticket.outcome, variables, ticket.updated_at, ticket.ended_at, ticket.pk])


def write_tokens(ticket: Ticket, move: Move, moment: datetime) -> None:
    """The tokens that a move closed and opened: at most two statements, however many they are."""
    form = int(ticket.custom_form_id)
    if move.closed:
        sql = (
            "UPDATE ticket_token SET state = 'done', closed_at = %s "
            f"WHERE custom_form_id = {form} AND id = ANY(%s::bigint[]) RETURNING id"
        )
        fetch(sql, [moment, move.closed])
    if not move.opened:
        return
    names = "id, component, name, state, branches, anyone, member_uids, department_dids, message"
    sql = (
        f"INSERT INTO ticket_token (custom_form_id, ticket_id, organization_id, created_at, {names}) "
        f"SELECT {form}, %s, %s, %s, {names} FROM jsonb_to_recordset(%s::jsonb) AS rows ("
        "id bigint, component text, name text, state text, branches jsonb, anyone boolean, member_uids jsonb, "
        "department_dids jsonb, message text) RETURNING id"
    )
    rows = [_token(token, move.definition.components[token.component].name) for token in move.opened]
    fetch(sql, [ticket.pk, ticket.organization_id, moment, dumps(rows).decode()])


def _token(token: Token, name: str) -> Mapping[str, Any]:
    who = token.detail or {}
    return {
        "id": token.id,
        "component": token.component,
        "name": name,
        "state": token.state,
        "branches": token.branches,
        "anyone": who.get("anyone", False),
        "member_uids": who.get("members", []),
        "department_dids": who.get("departments", []),
        "message": token.message,
    }


def write_steps(ticket: Ticket, move: Move, uid: int | None, moment: datetime) -> None:
    """The history of a move. The first step is the deed of `uid`, the others are the flow's own; the ids are the
    sequence's, in their order."""
    form = int(ticket.custom_form_id)
    names = "action, component, name, uid, closed, opened, changed, message"
    of: int | None = ticket.entity_id
    version = f"(SELECT version FROM form_entity WHERE custom_form_id = {form} AND id = %s)"
    if is_citus():  # what selects from records is done on their node, which numbers transactions by itself
        version, of = "%s::bigint", next((row[0] for row in fetch(f"SELECT {version}", [of])), None)
    sql = (
        f"INSERT INTO ticket_step (custom_form_id, ticket_id, created_at, entity_version, {names}) "
        f"SELECT {form}, %s, %s, coalesce({version}, 0), {names} FROM jsonb_to_recordset(%s::jsonb) "
        "AS rows (place int, action text, component text, name text, "
        "uid bigint, closed jsonb, opened jsonb, changed jsonb, message text) ORDER BY place RETURNING id"
    )
    rows = [
        {
            "place": place,
            "action": step.action,
            "component": step.component,
            "name": move.definition.components[step.component].name,
            "uid": uid if place == 0 else None,
            "closed": step.closed,
            "opened": [(token.id, token.component, token.state) for token in step.opened],
            "changed": step.changed,
            "message": step.message,
        }
        for place, step in enumerate(move.steps)
    ]
    fetch(sql, [ticket.pk, moment, of, dumps(rows).decode()])
