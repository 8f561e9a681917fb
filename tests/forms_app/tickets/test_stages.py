"""What a stage lets be written, what it requires, its validation, its quick actions, the start's variables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.exceptions import Forbidden, Refused
from forms_app.field_types import Text
from forms_app.models import CustomApp, CustomForm, Flow, FormEntity, Member, StoredFile, Ticket, TicketStep
from forms_app.people.rights import READING
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, make_form
from tests.flows import consistent, data_id, definition, make_flow, standing


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(
        custom_app, {"title": ("text_field", {"required": True}), "amount": "float_field", "note": "text_field"}
    )


def flow_of(form: CustomForm, **stage: Any) -> Flow:
    return make_flow(form, definition("start > review > next > end", review=stage))


def opened(flow: Flow, alice: Member, **values: Any) -> Ticket:
    return ticket_open(flow=flow, values={"title": "t", **values}, actor=actor_of(alice))


def push(flow: Flow, ticket: Ticket, alice: Member, **values: Any) -> None:
    ticket_push(flow=flow, data_id=data_id(ticket.id, "review"), values=values, actor=actor_of(alice))


def refused(flow: Flow, ticket: Ticket, alice: Member, **values: Any) -> list[tuple[str, str]]:
    """The faults of a refused push, which changed nothing."""
    before = FormEntity.objects.get(id=ticket.entity_id).data, TicketStep.objects.count()
    with pytest.raises(Refused) as caught:
        push(flow, ticket, alice, **values)
    assert before == (FormEntity.objects.get(id=ticket.entity_id).data, TicketStep.objects.count())
    assert standing(ticket.id) == {"review": "waiting"}
    return [(fault.field, fault.code) for fault in caught.value.faults]


VIEW = [{"name": "title", "access": "read"}, {"name": "amount", "access": "write", "required": True}]


def test_only_what_the_stage_lets_be_written_is(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form, fields=VIEW)
    ticket = opened(flow, alice, note="n")
    faults = refused(flow, ticket, alice, title="other", note="mine", amount=1)
    assert faults == [("title", "read_only_field"), ("note", "hidden_field")]


def test_what_was_read_may_be_sent_back(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form, fields=VIEW)
    ticket = opened(flow, alice)
    push(flow, ticket, alice, title="t", amount=2)
    assert standing(ticket.id) == {"next": "waiting"}
    step = TicketStep.objects.get(ticket_id=ticket.id, action="push")
    assert step.changed == {"amount": [None, 2]}


def test_all_faults_of_a_push_are_told_at_once(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form, fields=VIEW)
    ticket = opened(flow, alice)
    faults = refused(flow, ticket, alice, title="other", amount="much", nothing=1)
    assert faults == [("title", "read_only_field"), ("amount", "wrong_type"), ("nothing", "unknown_field")]


def test_a_required_field_must_hold_something_afterwards(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form, fields=VIEW)
    ticket = opened(flow, alice)
    assert refused(flow, ticket, alice) == [("amount", "required")]
    assert refused(flow, ticket, alice, amount=None) == [("amount", "required")]
    held = opened(flow, alice, amount=5)
    push(flow, held, alice)
    assert standing(held.id) == {"next": "waiting"}


def test_the_forms_own_required_field_is_required_at_every_stage(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form)
    ticket = opened(flow, alice)
    assert refused(flow, ticket, alice, title="") == [("title", "required")]
    assert refused(flow, ticket, alice, title=" \u3000\u200b") == [("title", "required")]


def test_a_validation_that_does_not_hold_refuses_the_push(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form, validation={"formula": "{amount} < 10", "message": "too much"})
    ticket = opened(flow, alice)
    assert refused(flow, ticket, alice, amount=11) == [("", "validation")]
    push(flow, ticket, alice, amount=9)


def test_a_validation_that_can_not_be_computed_refuses_too(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form, validation={"formula": "1 / {amount} > 0", "message": "no"})
    ticket = opened(flow, alice)
    assert refused(flow, ticket, alice, amount=0) == [("", "validation")]


ACTIONS = [
    {"name": "yes", "values": [{"target": "note", "value": "ok"}, {"target": "amount", "formula": "{amount} + 1"}]},
    {"name": "no", "values": [{"target": "note", "value": None}]},
]


def test_a_quick_action_sets_its_values_instead(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form, fields=VIEW, actions=ACTIONS)
    ticket = opened(flow, alice, amount=1)
    action: dict[str, Any] = {"flow": flow, "data_id": data_id(ticket.id, "review"), "actor": actor_of(alice)}
    for name, values, code in (("action3", {}, "unknown_action"), ("action1", {"amount": 3}, "values_with_action")):
        with pytest.raises(Refused, match=code):
            ticket_push(**action, values=values, quick_action=name)
    ticket_push(**action, values={}, quick_action="action1")
    assert FormEntity.objects.get(id=ticket.entity_id).data == {"title": "t", "note": "ok", "amount": 2}
    assert TicketStep.objects.get(ticket_id=ticket.id, action="push").message == "yes"


def test_the_starts_view_holds_for_who_opens(form: CustomForm, alice: Member) -> None:
    source = definition("start > review > end", start={"fields": [{"name": "title"}]})
    with pytest.raises(Refused, match="amount: hidden_field"):
        opened(make_flow(form, source), alice, amount=1)


VARIABLES = [
    {"name": "reason", "required": True},
    {"name": "limit", "kind": "number", "formula": "{amount} * 2"},
    {"name": "day", "kind": "date"},
    {"name": "sure", "kind": "boolean"},
    {"name": "at", "kind": "datetime"},
]


def test_variables_are_sent_or_computed(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end", start={"variables": VARIABLES}))
    sent = {"reason": "x", "day": "2026-01-31", "sure": "true", "at": "2026-01-31 08:00"}
    ticket = ticket_open(flow=flow, values={"title": "t", "amount": 4}, actor=actor_of(alice), start_input=sent)
    assert Ticket.objects.get(pk=ticket.id).variables == {
        "reason": "x",
        "day": "2026-01-31",
        "sure": True,
        "at": "2026-01-31T00:00:00.000Z",
        "limit": 8,
    }
    other = {"reason": "x", "limit": "7.50"}
    ticket = ticket_open(flow=flow, values={"title": "t"}, actor=actor_of(alice), start_input=other)
    assert ticket.variables["limit"] == Decimal("7.50")


def test_wrong_variables_are_told_each(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end", start={"variables": VARIABLES}))
    sent = {"limit": "many", "day": "2026-02-30", "sure": 1, "boss": "me"}
    with pytest.raises(Refused) as caught:
        ticket_open(flow=flow, values={"title": "t"}, actor=actor_of(alice), start_input=sent)
    assert [(fault.field, fault.code) for fault in caught.value.faults] == [
        ("limit", "wrong_type"),
        ("day", "wrong_type"),
        ("sure", "wrong_type"),
        ("start_input", "unknown_variable"),
        ("start_input", "required_variable"),
    ]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("blank", ["\u3000", "\u200b", " \n", "\u00a0\ufe0f", None, ""])
@pytest.mark.parametrize("formula", [None, '"\u3000"'])
def test_blanks_fill_no_required_variable(
    form: CustomForm, alice: Member, blank: str | None, formula: str | None
) -> None:
    variable = {"name": "reason", "required": True, **({"formula": formula} if formula else {})}
    flow = make_flow(form, definition("start > review > end", start={"variables": [variable]}))
    with pytest.raises(Refused) as caught:
        ticket_open(flow=flow, values={"title": "t"}, actor=actor_of(alice), start_input={"reason": blank})
    assert [fault.code for fault in caught.value.faults] == ["required_variable"]


def test_values_come_as_text_too(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form)
    ticket = ticket_open(flow=flow, values={"title": Text("5"), "amount": Text("5")}, actor=actor_of(alice))
    assert FormEntity.objects.get(id=ticket.entity_id).data == {"title": "5", "amount": 5}


def test_attachments_need_the_flows_leave(form: CustomForm, alice: Member) -> None:
    stored = StoredFile.objects.create(organization=alice.organization, member=alice, name="a", size=1)
    flow = flow_of(form)
    with pytest.raises(Refused, match="no_attachments"):
        ticket_open(flow=flow, values={"title": "t"}, actor=actor_of(alice), files=[stored])
    taking = make_flow(form, definition("start > review > end"), name="taking", attachments=True)
    ticket = ticket_open(flow=taking, values={"title": "t"}, actor=actor_of(alice), files=[stored])
    assert list(Ticket.objects.get(pk=ticket.id).attachments.values_list("stored_file", "uid")) == [(stored.pk, 1)]


def test_a_read_only_token_neither_opens_nor_pushes(form: CustomForm, alice: Member) -> None:
    flow = flow_of(form)
    reader = actor_of(alice, verbs=READING)
    with pytest.raises(Forbidden):
        ticket_open(flow=flow, values={"title": "t"}, actor=reader)
    ticket = opened(flow, alice)
    with pytest.raises(Forbidden):
        ticket_push(flow=flow, data_id=data_id(ticket.id, "review"), values={}, actor=reader)


def test_who_supervises_pushes_every_stage(form: CustomForm, people: dict[int, Member]) -> None:
    flow = flow_of(form, assignees={"members": [2]})
    ticket = opened(flow, people[1])
    waiting = data_id(ticket.id, "review")
    people[1].organization.roles.get(name="管理员").members.add(people[1])
    ticket_push(flow=flow, data_id=waiting, values={}, actor=actor_of(people[1]))
    assert standing(ticket.id) == {"next": "waiting"}
    consistent(ticket.id)


def test_a_fixed_fraction_keeps_its_digits(form: CustomForm, alice: Member) -> None:
    source = definition("start > set > review > end", set={"values": [{"target": "amount", "value": 0.1}]})
    ticket = opened(make_flow(form, source), alice)
    assert standing(ticket.id) == {"review": "waiting"}
    assert FormEntity.objects.get(id=ticket.entity_id).data["amount"] == 0.1
