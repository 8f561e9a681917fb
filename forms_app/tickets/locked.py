"""A ticket in the hand of one transaction: locked, read, moved, written back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.database.queue import defer
from forms_app.exact_json import dumps
from forms_app.exceptions import Conflict, Fault, NotFound
from forms_app.flows.compiled import FlowPlan, held_plan, plan_of
from forms_app.flows.language import Move
from forms_app.models import FlowVersion, Ticket
from forms_app.people.actor import Actor
from forms_app.records import statements
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets import rows as ticket_rows
from forms_app.tickets.rows import TicketRow, TokenRow
from forms_app.tickets.world import TicketWorld

RUNNING, ENDED, CLOSED = Ticket.State.RUNNING.value, Ticket.State.ENDED.value, Ticket.State.CLOSED.value


class HeldTicket:
    """A ticket that is locked by this transaction, with its open tokens and its record."""

    def __init__(self, form_id: int, ticket_id: int) -> None:
        """Raises NotFound."""
        ticket = ticket_rows.locked_ticket(form_id, ticket_id)
        if ticket is None:
            raise NotFound([Fault("unknown_ticket", _("There is no such ticket."))])
        self.form_id = form_id
        self.row: TicketRow = ticket
        self.tokens: dict[int, TokenRow] = ticket_rows.open_tokens(form_id, ticket_id)

    def world(self) -> TicketWorld:
        """The ticket's record, locked, as its moves see it. Raises Conflict where the record is gone."""
        schema = FormSchema.find(self.form_id)
        rows = statements.lock(self.form_id, [self.row.entity_id])
        if schema is None or not rows:
            raise Conflict([Fault("record_gone", _("The ticket's record does not exist any more."))])
        return TicketWorld(
            plan_of_version(self.row.flow_version_id, schema),
            rows[0],
            self.row.variables,
            flow_actor(self.row.organization_id, self.row.creator_uid),
            self.row.creator_uid,
            self.row.depth,
        )

    def move(self, world: TicketWorld) -> Move:
        return Move(world.plan.definition, world, [row.token for row in self.tokens.values()])

    def write(
        self, move: Move, world: TicketWorld, uid: int | None, files: Iterable[int] = (), closed: bool = False
    ) -> None:
        """Write down what the move did; `closed`: it gave the ticket up."""
        state = CLOSED if closed else ENDED if move.ended else RUNNING
        moment = timezone.now()
        ticket_rows.update_ticket(
            form_id=self.form_id,
            ticket_id=self.row.id,
            state=state,
            outcome=outcome_of(move),
            variables=world.variables,
            moment=moment,
        )
        ticket_rows.write_move(
            form_id=self.form_id,
            ticket_id=self.row.id,
            organization_id=self.row.organization_id,
            entity_id=self.row.entity_id,
            move=move,
            uid=uid,
            moment=moment,
        )
        if files:
            ticket_rows.attach(self.form_id, self.row.id, files, uid or 0, moment)
        enqueue(self.form_id, self.row, state, world)


def plan_of_version(version_id: int, schema: FormSchema) -> FlowPlan:
    """The plan of a published version; its definition is read when no plan of it is held."""
    held = held_plan(version_id, schema)
    if held is not None:
        return held
    definition = FlowVersion.objects.values_list("definition", flat=True).get(pk=version_id)
    return plan_of(version_id, definition, schema)


def flow_actor(organization_id: int, creator_uid: int) -> Actor:
    """Who writes what a flow sets by itself: nobody in particular, with the sight of the organization."""
    return Actor(organization_id=organization_id, member_id=0, uid=creator_uid)


def outcome_of(move: Move) -> str:
    """The name of the end that a ticket came to; "" while it runs."""
    ends = [step.component for step in move.steps if step.action == "end"]
    return move.definition.components[ends[-1]].name if ends and move.ended else ""


def enqueue(form_id: int, ticket: TicketRow, state: str, world: TicketWorld) -> None:
    """Have other flows called, and the caller told of the end: by jobs that are enqueued with the transaction, since
    no transaction locks the tickets of two flows."""
    for call in world.calls:
        defer(
            "tickets.open_called",
            form_id=form_id,
            token_id=call.token_id,
            flow_id=call.flow_id,
            values=dumps(call.values).decode(),
            start_input=dumps(call.start_input).decode(),
        )
    if state != RUNNING and ticket.caller_token_id is not None and ticket.caller_form_id is not None:
        defer(
            "tickets.return_to_caller",
            form_id=ticket.caller_form_id,
            token_id=ticket.caller_token_id,
            called_form_id=form_id,
            called_ticket_id=ticket.id,
        )


def names_of(tokens: Mapping[int, TokenRow]) -> list[str]:
    """Where a ticket stands, for people."""
    return [row.name for row in tokens.values()]
