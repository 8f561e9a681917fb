"""A ticket as it is followed: its steps, its attachments, the tickets that called it or were called by it. Reads only,
each of them one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Q

from forms_app.models import Ticket, TicketAttachment, TicketStep


class OtherTicket(NamedTuple):
    """A ticket of another flow that called this one, or was called by it."""

    token_id: int
    id: int
    flow_name: str
    data_no: int
    state: str


class Attachment(NamedTuple):
    """A file that was attached to a ticket as a whole."""

    token: str
    name: str
    size: int
    uid: int
    at: datetime


WORK = ("open", "push", "decide", "fork", "set", "return", "end")
"""What a component does when it is done; a join is done where it opens nothing."""


def history_extent(form_id: int, ticket_id: int) -> tuple[int, set[str]]:
    """How many steps the ticket took, and the components that have done their work for it."""
    done = Q(action__in=WORK) | Q(action="join", opened=[])
    extent = TicketStep.objects.of_ticket(form_id, ticket_id).aggregate(
        count=Count("id"), components=ArrayAgg("component", distinct=True, filter=done, default=[])
    )
    return extent["count"], set(extent["components"])


def history_steps(form_id: int, ticket_id: int, *, most: int | None = None) -> list[TicketStep]:
    """What happened to the ticket, in order; the last `most` steps."""
    return list(TicketStep.objects.of_ticket(form_id, ticket_id).order_by("-id")[:most])[::-1]


def called_tickets(form_id: int, token_ids: Iterable[int]) -> dict[int, OtherTicket]:
    """The tickets that were opened for these tokens, by the token; of several the last."""
    called = Ticket.objects.called_by(form_id, token_ids).values(
        "id", "data_no", "state", token_id=F("caller_token_id"), flow_name=F("flow__name")
    )
    return {row["token_id"]: OtherTicket(**row) for row in called}


def calling_ticket(form_id: int, token_id: int) -> OtherTicket | None:
    """The ticket whose token waits, or waited, for another one."""
    tickets = Ticket.objects.of_form(form_id).filter(tokens__id=token_id)
    row = tickets.values("id", "data_no", "state", token_id=F("tokens__id"), flow_name=F("flow__name")).first()
    return OtherTicket(**row) if row else None


def attachments(form_id: int, ticket_id: int) -> list[Attachment]:
    """The files that were attached to the ticket, in order."""
    attached = TicketAttachment.objects.of_ticket(form_id, ticket_id).order_by("id")
    files = attached.values(
        "uid",
        at=F("created_at"),
        token=F("stored_file__token"),
        name=F("stored_file__name"),
        size=F("stored_file__size"),
    )
    return [Attachment(**row) for row in files]


def ticket_of_record(form_id: int, record_id: int) -> Ticket | None:
    """The ticket that the record is on its way with."""
    return next(iter(Ticket.objects.of_form(form_id).filter(entity_id=record_id)), None)
