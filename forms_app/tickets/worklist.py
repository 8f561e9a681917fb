"""What waits for whom: the stages that a member may push, the tickets that a member opened, where tickets stand. Reads
only, each of them one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, OuterRef, Subquery

from forms_app.models import Member, Ticket, TicketToken, Verb
from forms_app.models.ticket import TicketQuerySet, TicketTokenQuerySet
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.records.labels import titles
from forms_app.schema.form_schema import FormSchema

Key = tuple[int, int]
"""(form, id) of a record or a ticket."""


class WaitingStage(NamedTuple):
    """A stage of a ticket that waits for a person."""

    form_id: int
    data_id: int
    name: str
    since: datetime
    ticket_id: int
    data_no: int
    flow_name: str
    entity_id: int
    opened_by: str | None
    opened_at: datetime

    @property
    def record(self) -> Key:
        return self.form_id, self.entity_id


class OpenedTicket(NamedTuple):
    """A ticket that somebody opened."""

    form_id: int
    ticket_id: int
    data_no: int
    flow_name: str
    entity_id: int
    state: str
    outcome: str
    opened_at: datetime
    moved_at: datetime

    @property
    def record(self) -> Key:
        return self.form_id, self.entity_id

    @property
    def key(self) -> Key:
        return self.form_id, self.ticket_id


class WaitingFlow(NamedTuple):
    """A flow and how many of its stages wait."""

    flow_id: int
    flow_name: str
    stages: int


class Standing(NamedTuple):
    """An open place of a ticket."""

    name: str
    state: str


def _pushable(actor: Actor) -> TicketTokenQuerySet:
    """The stages that the actor may push: the rule of `may_push` as a condition."""
    return TicketToken.objects.pushable_by(actor.organization_id, actor.uid, own_departments(actor))


def waits_at(form_id: int, actor: Actor) -> bool:
    """Whether a stage of a ticket of this form waits for the actor."""
    return _pushable(actor).filter(custom_form_id=form_id).exists()


def waiting_flows(actor: Actor) -> list[WaitingFlow]:
    """The flows with stages that the actor may push, and how many these are."""
    flows = _pushable(actor).values(flow_id=F("ticket__flow_id"), flow_name=F("ticket__flow__name"))
    return [WaitingFlow(**row) for row in flows.annotate(stages=Count("id")).order_by("flow_name", "flow_id")]


def waiting_stages(actor: Actor, *, flow_id: int | None = None, limit: int, offset: int = 0) -> list[WaitingStage]:
    """The stages that the actor may push, newest first."""
    tokens = _pushable(actor).order_by("-id")
    if flow_id is not None:
        tokens = tokens.filter(ticket__flow_id=flow_id)
    opener = Member.objects.filter(
        organization_id=OuterRef("ticket__organization_id"), uid=OuterRef("ticket__creator_uid")
    )
    stages = tokens.values(
        "name",
        "ticket_id",
        form_id=F("custom_form_id"),
        data_id=F("id"),
        since=F("created_at"),
        data_no=F("ticket__data_no"),
        flow_name=F("ticket__flow__name"),
        entity_id=F("ticket__entity_id"),
        opened_by=Subquery(opener.values("name")),
        opened_at=F("ticket__created_at"),
    )
    return [WaitingStage(**row) for row in stages[offset : offset + limit]]


def own_departments(actor: Actor) -> set[int]:
    """The departments that the actor stands in and all above them: a stage that names one means those below it too."""
    directory = directory_of(actor.organization_id)
    above = {child: parent for parent, children in directory.children.items() for child in children}
    own: set[int] = set()
    for did in directory.departments_of(actor.uid):
        place: int | None = did
        while place is not None and place not in own:
            own.add(place)
            place = above.get(place)
    return own


def opened_count(actor: Actor, *, running: bool) -> int:
    """How many tickets the actor opened that run, or that run no more."""
    return _opened(actor, running).count()


def opened_tickets(actor: Actor, *, running: bool, limit: int, offset: int = 0) -> list[OpenedTicket]:
    """The tickets that the actor opened and that run, or that run no more, newest first."""
    tickets = _opened(actor, running).order_by("-id")
    opened = tickets.values(
        "data_no",
        "entity_id",
        "state",
        "outcome",
        form_id=F("custom_form_id"),
        ticket_id=F("id"),
        flow_name=F("flow__name"),
        opened_at=F("created_at"),
        moved_at=F("updated_at"),
    )
    return [OpenedTicket(**row) for row in opened[offset : offset + limit]]


def _opened(actor: Actor, running: bool) -> TicketQuerySet:
    tickets = Ticket.objects.opened_by(actor.organization_id, actor.uid)
    return tickets.running() if running else tickets.over()


def standing(tickets: Iterable[Key]) -> dict[Key, list[Standing]]:
    """The open places of these tickets (form, ticket), in the order of arrival."""
    places: dict[Key, list[Standing]] = {}
    tokens = TicketToken.objects.of_tickets(tickets).open().values("custom_form_id", "ticket_id", "name", "state")
    for row in tokens:
        key = (row["custom_form_id"], row["ticket_id"])
        places.setdefault(key, []).append(Standing(row["name"], row["state"]))
    return places


def record_titles(records: Iterable[Key], actor: Actor, *, at_stages: bool = False) -> dict[Key, str]:
    """The titles of these records (form, record) as far as the actor may read them, or, `at_stages` that wait for them,
    as the flow shows them; one that has none is left out. One statement for each form."""
    by_form: dict[int, set[int]] = {}
    for form_id, record_id in records:
        by_form.setdefault(form_id, set()).add(record_id)
    by_record: dict[Key, str] = {}
    for form_id, ids in by_form.items():
        schema = FormSchema.find(form_id)
        if schema is not None:
            reader = actor.at_stage(form_id) if at_stages else actor
            if schema.rights(reader).may(Verb.READ):
                by_record.update({(form_id, pk): text for pk, text in titles(schema, ids, reader).items() if text})
    return by_record
