"""A record under approval: its values change only through its running ticket, or each change is in the history."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.exceptions import Conflict, Refused
from forms_app.models import CustomApp, CustomForm, Flow, FormEntity, Grant, Member, Role, Ticket, TicketStep
from forms_app.people.actor import Actor
from forms_app.records.writes import entity_transfer, entity_update
from forms_app.staff.leaving import member_leave
from forms_app.tickets.care import ticket_close, ticket_resume
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, make_form, schema_of, system_of
from tests.flows import consistent, data_id, definition, make_flow, standing

FIELDS: dict[str, Any] = {
    "title": "text_field",
    "code": ("text_field", {"unique": True}),
    "amount": "float_field",
    "double": ("formula_field", {"formula": "{amount} * 2"}),
    "reviewer": "user_field",
}


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, FIELDS)


def review(form: CustomForm, **settings: Any) -> Flow:
    return make_flow(form, definition("start > review > end"), **settings)


def update(form: CustomForm, ticket: Ticket, actor: Actor, **values: Any) -> None:
    entity_update(schema=schema_of(form), record_id=ticket.entity_id, values=values, actor=actor)


def data_of(ticket: Ticket) -> dict[str, Any]:
    data: dict[str, Any] = FormEntity.objects.get(custom_form=ticket.custom_form_id, id=ticket.entity_id).data
    return data


def edits(ticket: Ticket) -> list[tuple[int | None, dict[str, Any]]]:
    """(who, what) of each change that was none of the ticket's own."""
    steps = TicketStep.objects.filter(ticket_id=ticket.id, action="edit")
    return list(steps.values_list("uid", "changed"))


@pytest.mark.parametrize(
    "values",
    [
        {"title": "other"},  # a single statement
        {"code": "B"},  # its unique index may be unbuilt
        {"amount": 9},  # a formula follows
        {"reviewer": [{"uid": 2}]},
        {"title": None},
    ],
)
def test_its_values_change_only_through_the_ticket(form: CustomForm, people: Any, values: dict[str, Any]) -> None:
    flow = review(form)
    ticket = ticket_open(flow=flow, values={"title": "t", "amount": 1}, actor=actor_of(people[1]))
    before = data_of(ticket)
    for actor in (actor_of(people[1]), actor_of(people[2]), system_of(form.organization_id)):
        with pytest.raises(Conflict, match="ticket_running"):
            update(form, ticket, actor, **values)
    assert data_of(ticket) == before
    assert edits(ticket) == []
    ticket_push(flow=flow, data_id=data_id(ticket.id, "review"), values={"amount": 3}, actor=actor_of(people[1]))
    assert data_of(ticket)["double"] == 6
    update(form, ticket, actor_of(people[1]), **values)
    assert data_of(ticket) != before
    consistent(ticket.id)


def test_a_ticket_that_was_closed_holds_nothing(form: CustomForm, alice: Member) -> None:
    ticket = ticket_open(flow=review(form), values={}, actor=actor_of(alice))
    ticket_close(form_id=form.pk, ticket_id=ticket.id, uid=None)
    update(form, ticket, actor_of(alice), title="free")
    assert data_of(ticket)["title"] == "free"


def test_the_refusal_names_the_record_and_its_ticket(form: CustomForm, alice: Member) -> None:
    ticket = ticket_open(flow=review(form), values={}, actor=actor_of(alice))
    with pytest.raises(Conflict) as caught:
        update(form, ticket, actor_of(alice), title="x")
    (fault,) = caught.value.faults
    assert (fault.field, fault.got) == ("id", ticket.entity_id)
    assert f" {ticket.data_no} " in fault.message


def test_other_records_of_the_form_stay_open(form: CustomForm, alice: Member) -> None:
    flow = review(form)
    ended, running = (ticket_open(flow=flow, values={}, actor=actor_of(alice)) for _ in range(2))
    ticket_push(flow=flow, data_id=data_id(ended.id, "review"), values={}, actor=actor_of(alice))
    update(form, ended, actor_of(alice), title="x")
    with pytest.raises(Conflict, match="ticket_running"):
        update(form, running, actor_of(alice), title="x")


def test_a_flow_may_leave_records_open_and_then_tells_each_change(form: CustomForm, people: Any) -> None:
    flow = review(form, locks_record=False)
    ticket = ticket_open(flow=flow, values={"title": "a", "amount": 1}, actor=actor_of(people[1]))
    update(form, ticket, actor_of(people[2]), title="b")
    update(form, ticket, system_of(form.organization_id), amount=5, title="b")
    update(form, ticket, actor_of(people[2]), title="b")  # it is that already
    assert edits(ticket) == [
        (2, {"title": ["a", "b"]}),
        (None, {"amount": [1, 5], "double": [2, 10]}),
    ]
    last = TicketStep.objects.filter(ticket_id=ticket.id).order_by("-id")[0]
    assert last.entity_version == 3
    consistent(ticket.id)
    ticket_push(flow=flow, data_id=data_id(ticket.id, "review"), values={}, actor=actor_of(people[1]))
    update(form, ticket, actor_of(people[2]), title="c")
    assert len(edits(ticket)) == 2


def test_the_setting_holds_for_tickets_that_run(form: CustomForm, alice: Member) -> None:
    flow = review(form)
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    Flow.objects.filter(pk=flow.pk).update(locks_record=False)
    update(form, ticket, actor_of(alice), title="x")
    Flow.objects.filter(pk=flow.pk).update(locks_record=True)
    with pytest.raises(Conflict, match="ticket_running"):
        update(form, ticket, actor_of(alice), title="y")


def test_who_designs_the_form_mends_what_a_stopped_ticket_needs(form: CustomForm, people: Any) -> None:
    Role.objects.filter(organization_id=form.organization_id).exclude(everyone=True).delete()
    grants = Grant.objects.filter(role__organization_id=form.organization_id)
    grants.update(verbs=["read", "create", "update"])
    admin = Role.objects.create(organization_id=form.organization_id, name="designers")
    Grant.objects.create(role=admin, verbs=["read", "update", "design"])
    admin.members.add(people[2])
    flow = make_flow(form, definition("start > review > end", review={"assignees": {"fields": ["reviewer"]}}))
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(people[1]))
    assert standing(ticket.id) == {"review": "stopped"}
    with pytest.raises(Conflict, match="ticket_running"):
        update(form, ticket, actor_of(people[1]), reviewer=[{"uid": 1}])
    update(form, ticket, actor_of(people[2]), reviewer=[{"uid": 1}])
    assert edits(ticket) == [(2, {"reviewer": [None, [1]]})]
    ticket_resume(
        form_id=form.pk, ticket_id=ticket.id, token_id=data_id(ticket.id, "review"), variables={}, uid=people[2].uid
    )
    with pytest.raises(Conflict, match="ticket_running"):
        update(form, ticket, actor_of(people[2]), reviewer=[{"uid": 2}])
    consistent(ticket.id)


def test_what_the_flow_sets_and_a_quick_action_sets_is_the_tickets_own(form: CustomForm, alice: Member) -> None:
    source = definition(
        "start > set > review > end",
        set={"values": [{"target": "title", "value": "set"}]},
        review={"actions": [{"name": "ok", "values": [{"target": "amount", "value": 4}]}]},
    )
    flow = make_flow(form, source)
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    assert data_of(ticket)["title"] == "set"
    waiting = data_id(ticket.id, "review")
    ticket_push(flow=flow, data_id=waiting, values={}, actor=actor_of(alice), quick_action="action1")
    assert data_of(ticket) == {"title": "set", "amount": 4, "double": 8}
    assert edits(ticket) == []


def test_what_is_wrong_with_values_is_told_first(form: CustomForm, alice: Member) -> None:
    ticket = ticket_open(flow=review(form), values={}, actor=actor_of(alice))
    with pytest.raises(Refused):
        update(form, ticket, actor_of(alice), amount="many")


def test_a_record_changes_hands_and_the_history_tells_it(form: CustomForm, people: Any) -> None:
    ticket = ticket_open(flow=review(form), values={}, actor=actor_of(people[1]))
    entity_transfer(schema=schema_of(form), ids=[ticket.entity_id], to_user_uid=2, actor=actor_of(people[1]))
    member_leave(member=people[2], successor=people[3], actor=system_of(form.organization_id))
    steps = TicketStep.objects.filter(ticket_id=ticket.id, action="transfer")
    assert list(steps.values_list("uid", "message", "entity_version")) == [(1, "2", 2), (None, "3", 3)]
    assert FormEntity.objects.get(custom_form=form).owner_uid == 3
    consistent(ticket.id)
