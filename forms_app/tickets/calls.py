"""Flows that call flows. Each side moves in a transaction of its own, by a job that was enqueued with the other's: no
transaction holds the tickets of two flows. A job that runs twice finds its work done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.database.retry import retried
from forms_app.exact_json import reads
from forms_app.exceptions import DomainError
from forms_app.flows.compiled import FlowValues
from forms_app.flows.language import CALLING, STOPPED, CallFlow, Changes, Failed, Move
from forms_app.models import Flow, Ticket
from forms_app.records.query import EntityQuery
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.closing import called_tickets_close
from forms_app.tickets.locked import CLOSED, ENDED, LockedTicket, compiled_version, flow_actor
from forms_app.tickets.pushing import Caller, ticket_open
from forms_app.tickets.world import TicketWorld, faults_text


def called_ticket_open(
    *, form_id: int, token_id: int, flow_id: int, values: Mapping[str, Any], start_input: Mapping[str, Any]
) -> None:
    """Open the ticket that the token of another one waits for; where it is refused, that token is stopped. Where the
    other one was closed meanwhile, what was opened is closed too."""
    caller = _caller(form_id, token_id)
    flow = Flow.objects.select_related("published").get(pk=flow_id)
    called = Ticket.objects.of_form(flow.custom_form_id).called_by(form_id, [token_id])
    if caller is not None and not called.exists():
        _open(caller, Caller(form_id, token_id, caller.depth + 1), flow, values, start_input)
    if _is_closed(form_id, token_id):
        called_tickets_close(
            form_id=form_id, token_ids=[token_id], reason=_("The ticket that had called it was closed."), uid=None
        )


def _open(caller: Ticket, by: Caller, flow: Flow, values: Mapping[str, Any], start_input: Mapping[str, Any]) -> None:
    actor = flow_actor(caller.organization_id, caller.creator_uid)
    try:
        ticket_open(flow=flow, values=values, actor=actor, start_input=start_input, caller=by)
    except DomainError as error:
        message = _("The flow {name} took no ticket: {message}").format(name=flow.name, message=faults_text(error))
        _stop(by.form_id, by.token_id, message)


def _is_closed(form_id: int, token_id: int) -> bool:
    """Whether the ticket that the token belongs to was given up."""
    return Ticket.objects.of_form(form_id).filter(tokens__id=token_id, state=CLOSED).exists()


@retried
def caller_resume(*, form_id: int, token_id: int, called_form_id: int, called_ticket_id: int) -> None:
    """Let the ticket go on whose token waited for the end of the called one."""
    with transaction.atomic():
        caller = LockedTicket.of_token(form_id, token_id)
        if caller is None or not _waits(caller, token_id):
            return
        world = caller.world()
        move = caller.move(world)
        go_on(move, world, token_id, called_form_id, called_ticket_id)
        caller.write(move, world, None)


def _waits(caller: LockedTicket, token_id: int) -> bool:
    """Whether the ticket still waits at this token for another flow."""
    return caller.running and token_id in caller.tokens and caller.tokens[token_id].state == CALLING


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
    component = world.compiled.definition.components[token.component]
    assert isinstance(component, CallFlow)
    try:
        called, source = _result(called_form_id, called_ticket_id)
        if called.state != ENDED:
            raise Failed(_("The called ticket {number} was closed.").format(number=called.data_no))
        changed = world.assign(component.outputs, source)
    except Failed as failed:
        move.stop(token_id, str(failed))
        stopped = next(
            other for other in move.tokens.values() if other.component == component.id and other.state == STOPPED
        )
        # From now on it is the stopped token that waited for the called ticket.
        called_tickets = Ticket.objects.of_form(called_form_id).filter(pk=called_ticket_id)
        called_tickets.update(caller_token_id=stopped.id)
        return
    move.returned(token_id, {**(mended or {}), **changed}, str(called.data_no))


def _result(form_id: int, ticket_id: int) -> tuple[Ticket, FlowValues]:
    """The called ticket and its values. It has ended, so it is not locked."""
    ticket = Ticket.objects.of_form(form_id).get(pk=ticket_id)
    schema = FormSchema.find(form_id)
    actor = flow_actor(ticket.organization_id, ticket.creator_uid)
    record = EntityQuery(schema, actor).get(ticket.entity_id) if schema else None
    if schema is None or record is None:
        raise Failed(_("The called ticket's record does not exist any more."))
    compiled = compiled_version(ticket.flow_version_id, schema)
    return ticket, FlowValues(compiled, reads(record.data), ticket.variables, ticket.creator_uid)


def _caller(form_id: int, token_id: int) -> Ticket | None:
    """The running ticket whose token waits for another flow."""
    with transaction.atomic():
        caller = LockedTicket.of_token(form_id, token_id)
    return caller.ticket if caller and _waits(caller, token_id) else None


@retried
def _stop(form_id: int, token_id: int, message: str) -> None:
    with transaction.atomic():
        caller = LockedTicket.of_token(form_id, token_id)
        assert caller is not None
        if token_id in caller.tokens:
            world = caller.world()
            move = caller.move(world)
            move.stop(token_id, message)
            caller.write(move, world, None)
