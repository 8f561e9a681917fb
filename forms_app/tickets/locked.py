"""A ticket in the hand of one transaction: locked, read, moved, written back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.database.queue import defer
from forms_app.exact_json import dumps
from forms_app.exceptions import Conflict, Fault, NotFound
from forms_app.flows.compiled import CompiledFlow, compiled_flow, compiled_in_cache
from forms_app.flows.language import Move, Token
from forms_app.models import FlowVersion, Ticket, TicketAttachment, TicketToken
from forms_app.people.actor import Actor
from forms_app.records import statements
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets import rows
from forms_app.tickets.world import TicketWorld

RUNNING, ENDED, CLOSED = Ticket.State.RUNNING.value, Ticket.State.ENDED.value, Ticket.State.CLOSED.value


class LockedTicket:
    """A ticket that is locked by this transaction, with its open tokens by id and its record."""

    def __init__(self, ticket: Ticket) -> None:
        """`ticket` was just locked: its tokens are read after that."""
        self.ticket = ticket
        self.tokens = {token.id: token for token in rows.open_tokens(ticket.custom_form_id, ticket.id)}

    @classmethod
    def find(cls, form_id: int, ticket_id: int) -> LockedTicket:
        """Raises NotFound."""
        ticket = Ticket.objects.of_form(form_id).select_for_update().filter(pk=ticket_id).first()
        if ticket is None:
            raise NotFound([Fault("unknown_ticket", _("There is no such ticket."))])
        return cls(ticket)

    @classmethod
    def of_token(cls, form_id: int, token_id: int) -> LockedTicket | None:
        """The ticket that the token, open or done, belongs to."""
        ticket = rows.locked_ticket(form_id, token_id)
        return cls(ticket) if ticket else None

    @property
    def running(self) -> bool:
        return self.ticket.state == RUNNING

    def world(self) -> TicketWorld:
        """The ticket's record, locked, as its moves see it. Raises Conflict where the record is gone."""
        ticket = self.ticket
        schema = FormSchema.find(ticket.custom_form_id)
        records = statements.lock(ticket.custom_form_id, [ticket.entity_id])
        if schema is None or not records:
            raise Conflict([Fault("record_gone", _("The ticket's record does not exist any more."))])
        return TicketWorld(
            compiled_version(ticket.flow_version_id, schema),
            records[0],
            ticket.variables,
            flow_actor(ticket.organization_id, ticket.creator_uid),
            ticket.creator_uid,
            ticket.depth,
        )

    def move(self, world: TicketWorld) -> Move:
        return Move(world.compiled.definition, world, map(standing, self.tokens.values()))

    def write(
        self, move: Move, world: TicketWorld, uid: int | None, file_ids: Iterable[int] = (), closed: bool = False
    ) -> None:
        """Write down what the move did; `closed`: it gave the ticket up."""
        note_move(self.ticket, move, world, timezone.now(), closed)
        rows.update_ticket(self.ticket)
        write_move(self.ticket, move, world, uid, file_ids)


def standing(token: TicketToken) -> Token:
    """An open token as a move knows it."""
    return Token(token.id, token.component, token.state, tuple(map(tuple, token.branches)), token.message)


def note_move(ticket: Ticket, move: Move, world: TicketWorld, moment: datetime, closed: bool = False) -> None:
    """Note on the ticket how it stands after the move."""
    ticket.state = CLOSED if closed else ENDED if move.ended else RUNNING
    ticket.outcome = outcome_of(move)
    ticket.variables = world.variables
    ticket.updated_at = moment
    ticket.ended_at = None if ticket.state == RUNNING else moment


def write_move(ticket: Ticket, move: Move, world: TicketWorld, uid: int | None, file_ids: Iterable[int] = ()) -> None:
    """Write down what the move, which is noted on the ticket, did besides: tokens, steps, attachments, jobs."""
    moment = ticket.updated_at
    rows.write_tokens(ticket, move, moment)
    rows.write_steps(ticket, move, uid, moment)
    TicketAttachment.objects.bulk_create(
        [
            TicketAttachment(
                custom_form_id=ticket.custom_form_id,
                ticket_id=ticket.id,
                stored_file_id=file_id,
                uid=uid or 0,
                created_at=moment,
            )
            for file_id in file_ids
        ]
    )
    enqueue(ticket, world)


def compiled_version(version_id: int, schema: FormSchema) -> CompiledFlow:
    """A published version over its form; its definition is read where it is not kept as compiled."""
    cached = compiled_in_cache(version_id, schema)
    if cached is not None:
        return cached
    definition = FlowVersion.objects.values_list("definition", flat=True).get(pk=version_id)
    return compiled_flow(version_id, definition, schema)


def flow_actor(organization_id: int, creator_uid: int) -> Actor:
    """Who writes what a flow sets by itself, with the sight of the organization."""
    return Actor.acting_for(organization_id, "flow", creator_uid)


def outcome_of(move: Move) -> str:
    """The name of the end that a ticket came to; "" while it runs."""
    ends = [step.component for step in move.steps if step.action == "end"]
    return move.definition.components[ends[-1]].name if ends and move.ended else ""


def enqueue(ticket: Ticket, world: TicketWorld) -> None:
    """Have other flows called, and the caller go on after the end: by jobs that are enqueued with the transaction,
    since no transaction locks the tickets of two flows."""
    for call in world.calls:
        defer(
            "tickets.open_called",
            form_id=ticket.custom_form_id,
            token_id=call.token_id,
            flow_id=call.flow_id,
            values=dumps(call.values).decode(),
            start_input=dumps(call.start_input).decode(),
        )
    if ticket.state != RUNNING and ticket.caller_token_id is not None and ticket.caller_form_id is not None:
        defer(
            "tickets.return_to_caller",
            form_id=ticket.caller_form_id,
            token_id=ticket.caller_token_id,
            called_form_id=ticket.custom_form_id,
            called_ticket_id=ticket.id,
        )
