"""Putting a stage to others: whom the flow named has left, is away, or was never there."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.audit.recording import deed_told
from forms_app.database.retry import retried
from forms_app.exceptions import Conflict, Fault, Refused
from forms_app.flows.language import STOPPED, WAITING, HumanInput
from forms_app.models import Department, Member, TicketToken, Verb
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.assignees import Who, found, staffed, who_may_push
from forms_app.tickets.locked import LockedTicket

LONGEST_REASON = 1_000


@retried
def ticket_reassign(
    *,
    form_id: int,
    ticket_id: int,
    token_id: int,
    members: Sequence[int] = (),
    departments: Sequence[int] = (),
    reason: str = "",
    actor: Actor,
) -> int:
    """Put a stage that waits for a person, or that was stopped before it could, to these members (by uid) and
    departments (by did), and to nobody else. Gives its new `data_id`: the old one is used up. For who may design the
    form. Raises Refused with a fault for each who can't be put there, Forbidden, NotFound, Conflict where the ticket
    stands there no more."""
    schema = FormSchema.of(form_id, actor)
    permit(actor, schema.rights(actor), Verb.DESIGN)
    who = _checked(actor.organization_id, members, departments, reason)
    with transaction.atomic():
        locked = LockedTicket.find(form_id, ticket_id)
        world = locked.world()
        stage = locked.tokens.get(token_id)
        component = world.compiled.definition.components[stage.component] if stage else None
        if stage is None or stage.state not in (WAITING, STOPPED) or not isinstance(component, HumanInput):
            raise Conflict([Fault("not_waiting", _("The ticket waits for nobody there (any more)."), field="token")])
        move = locked.move(world)
        before = who_may_push(stage)
        opened = move.assign(token_id, before, who, reason)
        locked.write(move, world, None if actor.system else actor.uid)
        _audit(locked, stage, before, who)
        return opened


def _checked(organization_id: int, members: Sequence[int], departments: Sequence[int], reason: str) -> Who:
    """Who was named, as rows keep it. Raises Refused."""
    known = found(organization_id, members, departments)
    manned = staffed(organization_id, known.departments)
    faults = []
    for place, uid in enumerate(members):
        if uid not in known.members:
            message = _("There is no active member with uid {id}.").format(id=uid)
            faults.append(Fault("unknown_member", message, field="members", index=place, got=uid))
    for place, did in enumerate(departments):
        if did not in known.departments:
            message = _("There is no department with did {id}.").format(id=did)
            faults.append(Fault("unknown_department", message, field="departments", index=place, got=did))
        elif did not in manned:
            message = _("No active member stands in this department or below it.")
            faults.append(Fault("empty_department", message, field="departments", index=place, got=did))
    if not members and not departments:
        faults.append(Fault("required", _("A member or a department is needed."), field="members"))
    if len(reason) > LONGEST_REASON or "\0" in reason:
        message = _("At most {limit} characters.").format(limit=LONGEST_REASON)
        faults.append(Fault("too_long", message, field="reason"))
    if faults:
        raise Refused(faults)
    return {"members": list(known.members), "departments": list(known.departments)}


def _audit(locked: LockedTicket, stage: TicketToken, before: Who, after: Who) -> None:
    """Told on the flow's page."""
    ticket = locked.ticket
    change = {
        "name": "assignees",
        "path": [str(ticket.data_no), stage.name],
        "before": _names(ticket.organization_id, before),
        "after": _names(ticket.organization_id, after),
    }
    deed_told(ticket.flow, [change])


def _names(organization_id: int, who: Who) -> list[str]:
    """What those who may push are called today."""
    members = Member.objects.filter(organization_id=organization_id, uid__in=who.get("members", ()))
    departments = Department.objects.filter(organization_id=organization_id, did__in=who.get("departments", ()))
    named = [*members.order_by("uid").values_list("name", flat=True)]
    named += departments.order_by("did").values_list("name", flat=True)
    return [_("everyone of the organization")] if who.get("anyone") else named
