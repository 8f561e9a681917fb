"""What the pages of tickets share: who may see a ticket, and the diagram of its flow with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from forms_app.admin.flows.texts import diagram_words
from forms_app.admin.people.acting import acting, actor_in, own_member
from forms_app.admin.records.record_values import person
from forms_app.field_types import Ref
from forms_app.flows.compiled import CompiledFlow
from forms_app.flows.language import ASSIGNEES, JOINING, WAITING, Definition
from forms_app.flows.sight import FlowSight
from forms_app.models import Flow, Member, Ticket, TicketStep, TicketToken, Verb
from forms_app.people.actor import Actor
from forms_app.records.labels import PageLabels, titles
from forms_app.records.statements import TRANSFER
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.assignees import Who, who_may_push
from forms_app.tickets.history import (
    Attachment,
    OtherTicket,
    attachments,
    called_tickets,
    history_extent,
    history_steps,
)
from forms_app.tickets.locked import compiled_version
from forms_app.tickets.rows import open_tokens
from forms_app.tickets.sight import ticket_in_sight, was_put_to
from forms_app.tickets.worklist import own_departments

MOST_STEPS = 200
"""So much of a history is shown at once: a ticket that went round for years has more."""
FIELD = re.compile(r"\{(\w+)\}")
STATES = ("joining", "calling", "waiting", "stopped")
"""Of several tokens at one component the diagram shows the last of these."""


@dataclass(frozen=True)
class Sight:
    """A ticket that an account may see. `member` is who the account is in the ticket's organization, if active; who
    `cares` may design the form, and so help its tickets on and push them everywhere."""

    ticket: Ticket
    schema: FormSchema
    member: Member | None
    cares: bool

    @property
    def form_id(self) -> int:
        return self.ticket.custom_form_id

    @cached_property
    def compiled(self) -> CompiledFlow:
        return compiled_version(self.ticket.flow_version_id, self.schema)

    @property
    def definition(self) -> Definition:
        return self.compiled.definition

    @cached_property
    def reader(self) -> Actor:
        """Who reads what the page shows: the member, whom the flow shows the record where it put them to a stage, or
        the platform."""
        if self.member is None:
            return Actor.acting_for(self.ticket.organization_id, "platform")
        actor = acting(self.member)
        return actor.at_stage(self.form_id) if self.cares or was_put_to(self.ticket, actor) else actor

    @cached_property
    def shown(self) -> FormSchema:
        """The form as the reader sees it."""
        return self.schema.seen_by(self.reader)

    @cached_property
    def flow_sight(self) -> FlowSight | None:
        """What the account sees of the flow; None: all, for who may design it."""
        if self.member is None or self.cares:
            return None
        return FlowSight(self.compiled, acting(self.member))

    @property
    def takes_pushes(self) -> bool:
        """Whether the account could push anything of the ticket: it acts as a member, and the form is enabled."""
        return self.member is not None and self.schema.enabled and self.ticket.state == Ticket.State.RUNNING

    def may_push(self, token: TicketToken) -> bool:
        """Whether the account may push there."""
        if token.state != WAITING or self.member is None or not self.takes_pushes:
            return False
        named = token.anyone or self.member.uid in token.member_uids
        return self.cares or named or not self.departments.isdisjoint(token.department_dids)

    @cached_property
    def departments(self) -> set[int]:
        """Where the account's member stands, and all above."""
        return own_departments(acting(self.member)) if self.member else set()


def sight_of(request: HttpRequest, ticket_id: int) -> Sight:
    """The ticket, for who may design its form and for the members of its organization. Raises Http404: to all others it
    does not exist."""
    # A ticket's key begins with its form: with the few forms that have flows its index serves. They are asked for
    # first, so that the statement says them.
    forms = set(Flow.objects.values_list("custom_form", flat=True))
    tickets = Ticket.objects.filter(pk=ticket_id, custom_form__in=forms)
    ticket = tickets.select_related("flow", "flow_version").first() if ticket_id < 2**63 else None
    schema = FormSchema.find(ticket.custom_form_id) if ticket else None
    if ticket is None or schema is None:
        raise Http404
    actor = actor_in(request, ticket.organization_id)
    member = own_member(request)
    cares = schema.rights(actor).may(Verb.DESIGN)
    if not (cares or ticket_in_sight(ticket, schema, actor)):
        raise Http404
    return Sight(ticket, schema, member, cares)


class Course:
    """How a ticket went and where it stands, read at once for a page. `names` are those of all people and departments
    in it."""

    def __init__(self, sight: Sight, all_steps: bool = False) -> None:
        ticket = sight.ticket
        self.sight = sight
        self.tokens: Sequence[TicketToken] = open_tokens(sight.form_id, ticket.pk)
        self.count, self.passed = history_extent(sight.form_id, ticket.pk)
        self.steps: Sequence[TicketStep] = history_steps(
            sight.form_id, ticket.pk, most=None if all_steps else MOST_STEPS
        )
        self.attachments: Sequence[Attachment] = attachments(sight.form_id, ticket.pk)
        opened = [opened[0] for step in self.steps if step.action in ("call", "stop") for opened in step.opened]
        self.called: dict[int, OtherTicket] = called_tickets(
            sight.form_id, {*opened, *(token.id for token in self.tokens)}
        )
        self.names = PageLabels.load(self._people(), sight.reader)

    def _people(self) -> Iterable[Ref]:
        yield Ref("member", self.sight.ticket.creator_uid)
        yield from (Ref("member", step.uid) for step in self.steps if step.uid is not None)
        yield from (Ref("member", int(step.message)) for step in self.steps if step.action == TRANSFER)
        yield from (Ref("member", attachment.uid) for attachment in self.attachments)
        assigned = [who for step in self.steps for who in step.changed.get(ASSIGNEES, ())]
        for who in [*map(who_may_push, self.tokens), *assigned]:
            yield from (Ref("member", uid) for uid in who.get("members", ()))
            yield from (Ref("department", did) for did in who.get("departments", ()))

    def member(self, uid: int) -> str:
        """The member's name today."""
        return person(self.names.member(uid))

    def assignees(self, token: TicketToken) -> list[str]:
        """The names of those who may push there."""
        return self.named(who_may_push(token))

    def named(self, who: Who) -> list[str]:
        """The names of these."""
        if who.get("anyone"):
            return [_("everyone of the organization")]
        departments = [
            _("department {name}").format(name=person(self.names.department(did))) for did in who.get("departments", ())
        ]
        return [*(self.member(uid) for uid in who.get("members", ())), *departments]

    def diagram(self) -> dict[str, Any]:
        """What flow/diagram.js draws: the definition that the ticket began with, and marks where it stands."""
        marks: dict[str, dict[str, Any]] = {component: {"state": "done", "count": 1} for component in self.passed}
        for state in STATES:
            for component in {token.component for token in self.tokens if token.state == state}:
                count = sum(token.component == component and token.state == state for token in self.tokens)
                marks[component] = {"state": state, "count": count}
        words = diagram_words()
        return {
            **drawn(self.sight.ticket.flow_version.definition, self.sight.schema, self.sight.flow_sight),
            "marks": marks,
            "words": words,
        }

    def reason(self, message: str) -> str:
        """Why the ticket was stopped. It may name any field, formula or value, so it is told to who sees them all."""
        if self.sight.flow_sight is not None and not self.sight.flow_sight.whole:
            return _("The flow could not go on. Who designs the form sees why.")
        return readable(message, self.sight.shown)


def drawn(definition: Mapping[str, Any], schema: FormSchema, sight: FlowSight | None) -> dict[str, Any]:
    """What flow/diagram.js draws of a definition: all of it (`sight` None), or what that lets through."""
    if sight is not None:
        return {"definition": sight.definition(definition), "labels": sight.labels()}
    return {"definition": definition, "labels": {column.name: column.label for column in schema.fields}}


def readable(message: str, schema: FormSchema) -> str:
    """Why a ticket was stopped, with the labels of fields in place of the names by which formulas call them."""
    labels = {column.name: column.label for column in schema.fields}
    return FIELD.sub(lambda field: "{" + labels.get(field[1], field[1]) + "}", _(message)) if message else ""


def standing_names(tokens: Iterable[TicketToken]) -> list[str]:
    """Where a ticket stands; branches that only wait for others say nothing of where it goes on."""
    return [token.name for token in tokens if token.state != JOINING]


def ticket_url(ticket_id: int, page: str = "page", *args: Any) -> str:
    return reverse(f"admin:forms_app_ticket_{page}", args=[ticket_id, *args])


def record_title(sight: Sight) -> str | None:
    """The title of the ticket's record; "" for one without, None where the record is gone."""
    record_id = sight.ticket.entity_id
    by_record = titles(sight.schema, [record_id], sight.reader)
    return (by_record[record_id] or "") if record_id in by_record else None
