"""Tickets through their services: opened, queried, pushed."""

from __future__ import annotations

import pytest

from forms_app.exceptions import Conflict, Forbidden, NotFound, Refused
from forms_app.models import CustomApp, CustomForm, FormEntity, Member, Ticket, TicketStep
from forms_app.records.writes import entity_mass_destroy
from forms_app.tickets.pushing import ticket_open, ticket_push, ticket_stages
from tests.factories import actor_of, make_form, schema_of
from tests.flows import consistent, data_id, definition, history, make_flow, standing


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(
        custom_app, {"title": "text_field", "amount": "float_field", "note": "text_field", "reviewer": "user_field"}
    )


def test_a_ticket_is_a_record_that_waits_at_the_first_stage(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end"))
    ticket = ticket_open(flow=flow, values={"title": "printer"}, actor=actor_of(alice))
    assert ticket.data_no == 1
    assert FormEntity.objects.get(custom_form=form).data == {"title": "printer"}
    stages = ticket_stages(flow=flow, data_no=1, actor=actor_of(alice))
    assert [stage.name for stage in stages] == ["review"]
    consistent(ticket.id)


def test_numbers_are_the_flows_own_and_have_no_gap(form: CustomForm, alice: Member) -> None:
    first = make_flow(form, definition("start > review > end", start={"validation": POSITIVE}), name="a")
    second = make_flow(form, definition("start > review > end"), name="b")
    numbers = []
    for flow, amount in ((first, 1), (second, 1), (first, -1), (first, 2)):
        try:
            numbers.append(ticket_open(flow=flow, values={"amount": amount}, actor=actor_of(alice)).data_no)
        except Refused:
            numbers.append(0)
    assert numbers == [1, 1, 0, 2]


POSITIVE = {"formula": "{amount} > 0", "message": "must be positive"}


def test_what_the_start_refuses_leaves_nothing(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end", start={"validation": POSITIVE}))
    with pytest.raises(Refused) as caught:
        ticket_open(flow=flow, values={"amount": -1}, actor=actor_of(alice))
    assert [(fault.code, fault.message) for fault in caught.value.faults] == [("validation", "must be positive")]
    assert not Ticket.objects.exists()
    assert not FormEntity.objects.exists()


def test_a_push_writes_and_moves_on(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > approve > end"))
    ticket = ticket_open(flow=flow, values={"title": "printer"}, actor=actor_of(alice))
    first = data_id(ticket.id, "review")
    ticket_push(flow=flow, data_id=first, values={"note": "fine"}, actor=actor_of(alice))
    assert standing(ticket.id) == {"approve": "waiting"}
    second = data_id(ticket.id, "approve")
    assert second != first
    ticket_push(flow=flow, data_id=second, values={}, actor=actor_of(alice))
    assert standing(ticket.id) == {}
    assert Ticket.objects.get(pk=ticket.id).state == "ended"
    assert ticket_stages(flow=flow, data_no=1, actor=actor_of(alice)) == []
    assert history(ticket.id) == [
        ("open", "start"),
        ("arrive", "review"),
        ("push", "review"),
        ("arrive", "approve"),
        ("push", "approve"),
        ("end", "end"),
    ]
    pushed = TicketStep.objects.get(ticket_id=ticket.id, component="review", action="push")
    assert (pushed.uid, pushed.changed) == (alice.uid, {"note": [None, "fine"]})
    consistent(ticket.id)


def test_a_stage_is_pushed_once(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > approve > end"))
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    first = data_id(ticket.id, "review")
    ticket_push(flow=flow, data_id=first, values={}, actor=actor_of(alice))
    before = history(ticket.id)
    with pytest.raises(Conflict, match="stale_data_id") as caught:
        ticket_push(flow=flow, data_id=first, values={"note": "again"}, actor=actor_of(alice))
    assert caught.value.faults[0].allowed == ["approve"]
    ticket_push(flow=flow, data_id=data_id(ticket.id, "approve"), values={}, actor=actor_of(alice))
    with pytest.raises(Conflict, match="ticket_ended"):
        ticket_push(flow=flow, data_id=first, values={}, actor=actor_of(alice))
    assert before == history(ticket.id)[: len(before)]
    assert FormEntity.objects.get(custom_form=form).data == {}


def test_a_foreign_or_invented_data_id_is_unknown(form: CustomForm, alice: Member, charlie: Member) -> None:
    flow = make_flow(form, definition("start > review > end"))
    other = make_flow(form, definition("start > review > end"), name="other")
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    waiting = data_id(ticket.id, "review")
    for asked, number, who in ((other, waiting, alice), (flow, 10**15, alice), (flow, waiting, charlie)):
        with pytest.raises(NotFound):
            ticket_push(flow=asked, data_id=number, values={}, actor=actor_of(who))
    assert standing(ticket.id) == {"review": "waiting"}


def test_parallel_branches_are_collected_once(form: CustomForm, alice: Member) -> None:
    source = definition(
        "start > parallel", "parallel > left > collection", "parallel > right > collection", "collection > last > end"
    )
    flow = make_flow(form, source)
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    assert standing(ticket.id) == {"left": "waiting", "right": "waiting"}
    ticket_push(flow=flow, data_id=data_id(ticket.id, "right"), values={}, actor=actor_of(alice))
    assert standing(ticket.id) == {"left": "waiting", "collection": "joining"}
    assert [s.name for s in ticket_stages(flow=flow, data_no=1, actor=actor_of(alice))] == ["left"]
    ticket_push(flow=flow, data_id=data_id(ticket.id, "left"), values={}, actor=actor_of(alice))
    assert standing(ticket.id) == {"last": "waiting"}
    consistent(ticket.id)


@pytest.mark.parametrize(
    ("match", "amount", "stage"), [("last", 50, "big"), ("first", 50, "some"), ("last", 5, "small")]
)
def test_a_condition_takes_the_last_or_the_first_rule_that_is_true(
    form: CustomForm, alice: Member, match: str, amount: int, stage: str
) -> None:
    source = definition(
        "start > condition",
        "condition > some : {amount} > 10",
        "condition > big : {amount} > 20",
        "condition > small",
        "some > end",
        "big > end",
        "small > end",
        condition={"match": match},
    )
    ticket = ticket_open(flow=make_flow(form, source), values={"amount": amount}, actor=actor_of(alice))
    assert standing(ticket.id) == {stage: "waiting"}


def test_a_set_field_writes_by_itself(form: CustomForm, alice: Member) -> None:
    values = [
        {"target": "note", "formula": '{title} & "!"'},
        {"target": "amount", "value": 7},
        {"target": "reviewer", "formula": "{$creator}"},
        {"target": "$seen", "formula": "TRUE"},
    ]
    source = definition(
        "start > set > review > end",
        set={"values": values},
        start={"variables": [{"name": "seen", "kind": "boolean"}]},
    )
    ticket = ticket_open(flow=make_flow(form, source), values={"title": "hello"}, actor=actor_of(alice))
    assert FormEntity.objects.get(custom_form=form).data == {
        "title": "hello",
        "note": "hello!",
        "amount": 7,
        "reviewer": [alice.uid],
    }
    assert Ticket.objects.get(pk=ticket.id).variables == {"seen": True}
    step = TicketStep.objects.get(ticket_id=ticket.id, action="set")
    assert step.uid is None
    assert step.changed["note"] == [None, "hello!"]


def test_who_is_not_named_may_not_push(form: CustomForm, people: dict[int, Member]) -> None:
    source = definition(
        "start > byname > bydepartment > byfield > bycreator > end",
        byname={"assignees": {"members": [2]}},
        bydepartment={"assignees": {"departments": [3]}},
        byfield={"assignees": {"fields": ["reviewer"]}},
        bycreator={"assignees": {"creator": True}},
    )
    flow = make_flow(form, source)
    ticket = ticket_open(flow=flow, values={"reviewer": [{"uid": 4}]}, actor=actor_of(people[1]))
    for stage, may in (("byname", {2}), ("bydepartment", {3, 4}), ("byfield", {4}), ("bycreator", {1})):
        waiting = data_id(ticket.id, stage)
        for uid in set(people) - may:
            with pytest.raises(Forbidden):
                ticket_push(flow=flow, data_id=waiting, values={}, actor=actor_of(people[uid]))
        ticket_push(flow=flow, data_id=waiting, values={}, actor=actor_of(people[max(may)]))
    assert standing(ticket.id) == {}


def test_a_record_is_not_destroyed_while_its_ticket_runs(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end"))
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    actor = actor_of(alice)
    with pytest.raises(Conflict, match="ticket_running"):
        entity_mass_destroy(schema=schema_of(form), ids=[ticket.entity_id], actor=actor)
    ticket_push(flow=flow, data_id=data_id(ticket.id, "review"), values={}, actor=actor)
    entity_mass_destroy(schema=schema_of(form), ids=[ticket.entity_id], actor=actor)
    assert not FormEntity.objects.exists()
    assert len(history(ticket.id)) == 4
