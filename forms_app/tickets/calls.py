"""Flows that call flows. Each side moves in a transaction of its own, by a job that was enqueued with the other's: no
transaction holds the tickets of two flows. A job that runs twice finds its work done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.database.retry import retried
from forms_app.exact_json import reads
from forms_app.exceptions import DomainError
from forms_app.flows.compiled import PlanValues
from forms_app.flows.language import CALLING, STOPPED, CallFlow, Changes, Failed, Move
from forms_app.models import Flow
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets import rows
from forms_app.tickets.locked import ENDED, RUNNING, HeldTicket, flow_actor, plan_of_version
from forms_app.tickets.pushing import Caller, ticket_open
from forms_app.tickets.rows import TicketRow
from forms_app.tickets.world import TicketWorld, told


def called_ticket_open(
    *, form_id: int, token_id: int, flow_id: int, values: Mapping[str, Any], start_input: Mapping[str, Any]
) -> None:
    """Open the ticket that the token of another one waits for; where it is refused, that token is stopped."""
    caller = _caller(form_id, token_id)
    if caller is None or rows.called_ticket(form_id, token_id):
        return
    flow = Flow.objects.select_related("published").get(pk=flow_id)
    actor = flow_actor(caller.organization_id, caller.creator_uid)
    try:
        ticket_open(
            flow=flow,
            values=values,
            actor=actor,
            start_input=start_input,
            caller=Caller(form_id, token_id, caller.depth + 1),
        )
    except DomainError as error:
        message = _("The flow {name} took no ticket: {message}").format(name=flow.name, message=told(error))
        _stop(form_id, token_id, message)


@retried
def caller_resume(*, form_id: int, token_id: int, called_form_id: int, called_ticket_id: int) -> None:
    """Let the ticket go on whose token waited for the end of the called one."""
    ticket_id = rows.ticket_of_token(form_id, token_id)
    if ticket_id is None:
        return
    with transaction.atomic():
        held = HeldTicket(form_id, ticket_id)
        stage = held.tokens.get(token_id)
        if held.row.state != RUNNING or stage is None or stage.token.state != CALLING:
            return
        world = held.world()
        move = held.move(world)
        go_on(move, world, token_id, called_form_id, called_ticket_id)
        held.write(move, world, None)


def go_on(
    move: Move,
    world: TicketWorld,
    token_id: int,
    called_form_id: int,
    called_ticket_id: int,
    mended: Changes | None = None,
) -> None:
    """Take over what the called ticket gives and go on; stop the token where that fails."""
    token = move.tokens[token_id]
    component = world.plan.definition.components[token.component]
    assert isinstance(component, CallFlow)
    try:
        called, source = _result(called_form_id, called_ticket_id)
        if called.state != ENDED:
            raise Failed(_("The called ticket {number} was closed.").format(number=called.data_no))
        changed = world.assign(component.outputs, source)
    except Failed as failed:
        move.stop(token_id, str(failed))
        stopped = next(one for one in move.tokens.values() if one.component == component.id and one.state == STOPPED)
        rows.hand_over_call(called_form_id, called_ticket_id, stopped.id)
        return
    move.returned(token_id, {**(mended or {}), **changed}, str(called.data_no))


def _result(form_id: int, ticket_id: int) -> tuple[TicketRow, PlanValues]:
    """The called ticket and its values. It has ended, so it is not locked."""
    sql = f"SELECT {rows.TICKET} FROM ticket WHERE custom_form_id = {int(form_id)} AND id = %s"
    row = list(fetch(sql, [ticket_id])[0])
    row[7] = reads(row[7])
    ticket = TicketRow(*row)
    schema = FormSchema.find(form_id)
    sql = f"SELECT data::text FROM form_entity WHERE custom_form_id = {int(form_id)} AND id = %s"
    records = fetch(sql, [ticket.entity_id])
    if schema is None or not records:
        raise Failed(_("The called ticket's record does not exist any more."))
    plan = plan_of_version(ticket.flow_version_id, schema)
    return ticket, PlanValues(plan, reads(records[0][0]), ticket.variables, ticket.creator_uid)


def _caller(form_id: int, token_id: int) -> TicketRow | None:
    """The running ticket whose token waits for another flow."""
    ticket_id = rows.ticket_of_token(form_id, token_id)
    if ticket_id is None:
        return None
    with transaction.atomic():
        held = HeldTicket(form_id, ticket_id)
    stage = held.tokens.get(token_id)
    waits = held.row.state == RUNNING and stage is not None and stage.token.state == CALLING
    return held.row if waits else None


@retried
def _stop(form_id: int, token_id: int, message: str) -> None:
    ticket_id = rows.ticket_of_token(form_id, token_id)
    assert ticket_id is not None
    with transaction.atomic():
        held = HeldTicket(form_id, ticket_id)
        if token_id in held.tokens:
            world = held.world()
            move = held.move(world)
            move.stop(token_id, message)
            held.write(move, world, None)
