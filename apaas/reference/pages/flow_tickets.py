"""The tickets of a flow as its API page needs them: numbers, where the latest wait, what they hold."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from apaas.reference.pages.flow_trial import TrialTicket
from forms_app.exact_json import reads
from forms_app.flows.language import HumanInput
from forms_app.models import Flow, Ticket, TicketToken
from forms_app.people.actor import Actor
from forms_app.records.query import EntityQuery
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.pushing import ticket_stages
from forms_app.tickets.rows import TicketStage

RECENT = 200
"""Tickets among which one is sought that waits at a stage."""


class Waiting(NamedTuple):
    """A stage where a ticket waits."""

    data_id: int
    ticket: Ticket


class FlowTickets:
    """The latest tickets of one flow: one statement for them, one for where they stand."""

    def __init__(self, flow: Flow, schema: FormSchema, actor: Actor) -> None:
        self.flow = flow
        self.schema = schema
        self.actor = actor

    @cached_property
    def recent(self) -> dict[int, Ticket]:
        """By id, the latest first; none to who may not read them all."""
        if not self.schema.rights(self.actor).all_rows:
            return {}
        own = Ticket.objects.filter(custom_form_id=self.schema.id, flow=self.flow)
        return {ticket.id: ticket for ticket in own.order_by("-data_no")[:RECENT]}

    @cached_property
    def tokens(self) -> list[TicketToken]:
        """Where they stand and stood, the latest first."""
        own = TicketToken.objects.filter(custom_form_id=self.schema.id, ticket_id__in=list(self.recent))
        states = (TicketToken.State.WAITING, TicketToken.State.DONE)
        return list(own.filter(state__in=states).order_by("-id")[: 10 * RECENT])

    @cached_property
    def newest(self) -> int | None:
        """The newest ticket's number; None where there is none yet."""
        return next((ticket.data_no for ticket in self.recent.values()), None)

    def stages(self) -> list[TicketStage]:
        """Where the newest ticket stands."""
        if self.newest is None:
            return []
        return ticket_stages(flow=self.flow, data_no=self.newest, actor=self.actor)

    def waiting(self, stage: HumanInput) -> Waiting | None:
        """The newest ticket that waits at the stage."""
        tokens = [
            token for token in self.tokens if token.state == TicketToken.State.WAITING and token.name == stage.name
        ]
        newest = max(tokens, key=lambda token: self.recent[token.ticket_id].data_no, default=None)
        return Waiting(newest.id, self.recent[newest.ticket_id]) if newest else None

    def pushed(self, stages: list[HumanInput]) -> int | None:
        """The `data_id` of a stage that was pushed already."""
        ids = {stage.id for stage in stages}
        done = (token.id for token in self.tokens if token.state == TicketToken.State.DONE and token.component in ids)
        return next(done, None)

    def trial_ticket(self, ticket: Ticket) -> TrialTicket | None:
        """What the ticket holds; None where its record is gone."""
        row = EntityQuery(self.schema, self.actor).get(ticket.entity_id)
        return TrialTicket(reads(row.data), ticket.variables, ticket.creator_uid) if row else None
