"""A stage is put to others when whom the flow named has left, is away, or was never there."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.exceptions import Conflict, Forbidden, NotFound, Refused
from forms_app.models import AuditEntry, CustomApp, CustomForm, Department, Grant, Member, Role, TicketStep, TicketToken
from forms_app.people.actor import Actor
from forms_app.staff.leaving import member_leave
from forms_app.tickets.pushing import ticket_open, ticket_push
from forms_app.tickets.reassigning import ticket_reassign
from forms_app.tickets.worklist import waiting_stages
from tests.factories import actor_of, make_form, system_of
from tests.flows import consistent, data_id, definition, make_flow, standing

People = dict[int, Member]


@pytest.fixture
def form(custom_app: CustomApp, people: People) -> CustomForm:
    """Alice, the member 1, designs it."""
    role = Role.objects.create(organization_id=custom_app.organization_id, name="designers")
    Grant.objects.create(role=role, verbs=["read", "design"])
    role.members.add(people[1])
    return make_form(custom_app, {"title": "text_field", "reviewer": "user_field", "unit": "department_field"})


def waiting_at(form: CustomForm, people: People, **assignees: Any) -> Any:
    """A ticket at `review`, which waits for these."""
    flow = make_flow(form, definition("start > review > end", review={"assignees": assignees}))
    return ticket_open(flow=flow, values={"title": "t"}, actor=actor_of(people[1]))


def reassign(ticket: Any, actor: Actor, **to: Any) -> int:
    token_id = to.pop("token_id", 0) or data_id(ticket.id, "review")
    return ticket_reassign(form_id=ticket.custom_form_id, ticket_id=ticket.id, token_id=token_id, actor=actor, **to)


def waits_for(member: Member) -> list[int]:
    """The stages on the member's worklist."""
    return [stage.data_id for stage in waiting_stages(actor_of(member), limit=10)]


def test_the_stage_goes_to_others_with_its_worklist_and_history(form: CustomForm, people: People) -> None:
    ticket = waiting_at(form, people, members=[2])
    old = data_id(ticket.id, "review")
    member_leave(member=people[2], successor=None, actor=system_of(form.organization_id))
    new = reassign(ticket, actor_of(people[1]), members=[4], departments=[1], reason="away")
    assert new != old
    assert (waits_for(people[4]), waits_for(people[2])) == ([new], [])
    step = TicketStep.objects.get(ticket_id=ticket.id, action="assign")
    assert (step.uid, step.message, step.component) == (1, "away", "review")
    assert step.changed == {"@assignees": [{"members": [2], "departments": []}, {"members": [4], "departments": [1]}]}
    consistent(ticket.id)
    flow = ticket.flow
    with pytest.raises(Conflict, match="stale_data_id"):
        ticket_push(flow=flow, data_id=old, values={}, actor=actor_of(people[4]))
    ticket_push(flow=flow, data_id=new, values={}, actor=actor_of(people[4]))
    assert standing(ticket.id) == {}


def test_it_is_audited_on_the_flows_page(form: CustomForm, people: People) -> None:
    ticket = waiting_at(form, people, members=[2])
    reassign(ticket, actor_of(people[1]), members=[3])
    entry = AuditEntry.objects.filter(kind="flow", changes__contains=[{"name": "assignees"}]).get()
    assert (entry.object_id, entry.organization_id) == (ticket.flow_id, form.organization_id)
    assert entry.changes == [
        {"name": "assignees", "path": ["1", "review"], "before": [people[2].name], "after": [people[3].name]}
    ]


@pytest.mark.parametrize(
    "assignees", [{"fields": ["reviewer"]}, {"departments": [900]}, {"fields": ["unit"]}, {"members": [2]}]
)
def test_a_stage_that_was_stopped_because_nobody_was_there_is_put_to_somebody(
    form: CustomForm, people: People, assignees: dict[str, Any]
) -> None:
    Department.objects.create(organization_id=form.organization_id, did=900, name="empty")
    flow = make_flow(form, definition("start > review > end", review={"assignees": assignees}))
    if assignees.get("members"):
        Member.objects.filter(pk=people[2].pk).update(is_active=False)
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(people[1]))
    assert standing(ticket.id) == {"review": "stopped"}
    reassign(ticket, actor_of(people[1]), members=[3])
    assert standing(ticket.id) == {"review": "waiting"}
    consistent(ticket.id)


def test_only_who_designs_the_form_may(form: CustomForm, people: People, charlie: Member) -> None:
    ticket = waiting_at(form, people, members=[2])
    for uid in (2, 3):
        with pytest.raises(Forbidden):
            reassign(ticket, actor_of(people[uid]), members=[3])
    with pytest.raises(NotFound):
        reassign(ticket, actor_of(charlie), members=[3])
    with pytest.raises(Forbidden):
        reassign(ticket, actor_of(people[1], verbs=frozenset({"read"})), members=[3])
    reassign(ticket, system_of(form.organization_id), members=[3])
    assert TicketStep.objects.get(ticket_id=ticket.id, action="assign").uid is None


def test_each_who_cannot_be_put_there_is_named(form: CustomForm, people: People) -> None:
    ticket = waiting_at(form, people)
    Department.objects.create(organization_id=form.organization_id, did=900, name="empty")
    Member.objects.filter(pk=people[2].pk).update(is_active=False)
    with pytest.raises(Refused) as caught:
        reassign(ticket, actor_of(people[1]), members=[3, 2, 77], departments=[3, 900, 901])
    assert [(fault.code, fault.field, fault.index, fault.got) for fault in caught.value.faults] == [
        ("unknown_member", "members", 1, 2),
        ("unknown_member", "members", 2, 77),
        ("empty_department", "departments", 1, 900),
        ("unknown_department", "departments", 2, 901),
    ]
    with pytest.raises(Refused, match="members: required"):
        reassign(ticket, actor_of(people[1]))
    assert not TicketStep.objects.filter(action="assign").exists()


def test_what_waits_for_nobody_is_put_to_nobody(form: CustomForm, people: People) -> None:
    ticket = waiting_at(form, people)
    waiting = data_id(ticket.id, "review")
    ticket_push(flow=ticket.flow, data_id=waiting, values={}, actor=actor_of(people[1]))
    with pytest.raises(Conflict, match="not_waiting"):
        reassign(ticket, actor_of(people[1]), token_id=waiting, members=[3])
    source = definition("start > condition", "condition > end : 1 / 0 > 1", "condition > end_2")
    stopped = ticket_open(flow=make_flow(form, source, name="stops"), values={}, actor=actor_of(people[1]))
    token = TicketToken.objects.get(ticket_id=stopped.id, state="stopped")
    with pytest.raises(Conflict, match="not_waiting"):
        reassign(stopped, actor_of(people[1]), token_id=token.pk, members=[3])


@pytest.mark.parametrize("stands", ["nobody", "inactive", "below", "in"])
def test_a_department_without_active_members_stops_the_stage(form: CustomForm, people: People, stands: str) -> None:
    top = Department.objects.create(organization_id=form.organization_id, did=900, name="top")
    below = Department.objects.create(organization_id=form.organization_id, did=901, name="below", parent=top)
    if stands != "nobody":
        people[4].departments.set([top if stands == "in" else below])
    if stands == "inactive":
        people[4].is_active = False
        people[4].save()
    flow = make_flow(form, definition("start > review > end", review={"assignees": {"departments": [900]}}))
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(people[1]))
    there = stands in ("below", "in")
    assert standing(ticket.id) == {"review": "waiting" if there else "stopped"}
    assert bool(TicketToken.objects.get(ticket_id=ticket.id, component="review").message) != there
