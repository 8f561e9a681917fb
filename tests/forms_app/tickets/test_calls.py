"""Flows that call flows."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.flows.language import CALLING
from forms_app.flows.publishing import flow_publish, flow_save
from forms_app.models import CustomApp, CustomForm, Flow, FormEntity, Member, Ticket
from forms_app.tickets.care import ticket_close, ticket_resume
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, make_form
from tests.flows import consistent, data_id, definition, history, make_flow, standing
from tests.jobs import run_jobs


@pytest.fixture
def orders(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"item": "text_field", "price": "float_field"}, name="orders")


@pytest.fixture
def requests(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": "text_field", "cost": "float_field", "note": "text_field"}, name="requests")


@pytest.fixture
def called(orders: CustomForm) -> Flow:
    source = definition(
        "start > buy > end",
        start={
            "variables": [{"name": "limit", "kind": "number"}],
            "validation": {"formula": "LEN({item}) > 0", "message": "an item is needed"},
        },
    )
    return make_flow(orders, source, api_path="orders")


@pytest.fixture
def calling(requests: CustomForm, called: Flow) -> Flow:
    call: dict[str, Any] = {
        "flow": "orders",
        "inputs": [{"target": "item", "formula": "{title}"}, {"target": "$limit", "value": 10}],
        "outputs": [
            {"target": "cost", "formula": "{price} * 2"},
            {"target": "note", "formula": '"limit " & {$limit}'},
        ],
    }
    return make_flow(requests, definition("start > call > review > end", call=call), name="requests")


def opened(calling: Flow, alice: Member, **values: Any) -> Ticket:
    ticket = ticket_open(flow=calling, values=values, actor=actor_of(alice))
    run_jobs()
    return ticket


def test_the_called_flows_end_lets_the_ticket_go_on(calling: Flow, called: Flow, alice: Member) -> None:
    ticket = ticket_open(flow=calling, values={"title": "paper"}, actor=actor_of(alice))
    assert standing(ticket.id) == {"call": CALLING}
    run_jobs()
    inner = Ticket.objects.get(flow=called)
    assert FormEntity.objects.get(custom_form=called.custom_form).data == {"item": "paper"}
    assert (inner.variables, inner.creator_uid, inner.depth) == ({"limit": 10}, alice.uid, 1)
    assert standing(ticket.id) == {"call": CALLING}
    ticket_push(flow=called, data_id=data_id(inner.pk, "buy"), values={"price": 4}, actor=actor_of(alice))
    run_jobs()
    assert standing(ticket.id) == {"review": "waiting"}
    record = FormEntity.objects.get(custom_form=calling.custom_form)
    assert record.data == {"title": "paper", "cost": 8, "note": "limit 10"}
    assert ("return", "call") in history(ticket.id)
    consistent(ticket.id)
    consistent(inner.pk)


def test_a_refused_call_stops_the_ticket_and_can_be_resumed(calling: Flow, called: Flow, alice: Member) -> None:
    ticket = opened(calling, alice)
    assert standing(ticket.id) == {"call": "stopped"}
    assert not Ticket.objects.filter(flow=called).exists()
    row = Ticket.objects.get(pk=ticket.id).tokens.get(state="stopped")
    assert "an item is needed" in row.message
    FormEntity.objects.filter(custom_form=calling.custom_form, id=ticket.entity_id).update(data={"title": "ink"})
    ticket_resume(form_id=calling.custom_form_id, ticket_id=ticket.id, token_id=row.pk, variables={}, uid=alice.uid)
    run_jobs()
    assert standing(ticket.id) == {"call": CALLING}
    assert Ticket.objects.filter(flow=called).count() == 1
    consistent(ticket.id)


def test_a_called_ticket_that_is_closed_stops_the_caller(calling: Flow, called: Flow, alice: Member) -> None:
    ticket = opened(calling, alice, title="paper")
    inner = Ticket.objects.get(flow=called)
    ticket_close(form_id=called.custom_form_id, ticket_id=inner.pk, reason="no", uid=None)
    run_jobs()
    assert standing(ticket.id) == {"call": "stopped"}
    stopped = data_id(ticket.id, "call")
    ticket_resume(form_id=calling.custom_form_id, ticket_id=ticket.id, token_id=stopped, variables={}, uid=None)
    run_jobs()
    assert Ticket.objects.filter(flow=called).count() == 2  # the closed one is of no use: another was opened
    consistent(ticket.id)


def test_outputs_that_do_not_fit_stop_the_caller_and_the_call_is_not_repeated(
    calling: Flow, called: Flow, alice: Member
) -> None:
    ticket = opened(calling, alice, title="paper")
    inner = Ticket.objects.get(flow=called)
    FormEntity.objects.filter(custom_form=called.custom_form).update(data={"item": "paper", "price": 1})
    calling.custom_form.custom_fields.filter(name="cost").update(setting={"max": 1})
    form = calling.custom_form
    form.definition_version += 1
    form.save()
    ticket_push(flow=called, data_id=data_id(inner.pk, "buy"), values={}, actor=actor_of(alice))
    run_jobs()
    assert standing(ticket.id) == {"call": "stopped"}
    FormEntity.objects.filter(custom_form=called.custom_form).update(data={"item": "paper", "price": 0.5})
    stopped = data_id(ticket.id, "call")
    ticket_resume(form_id=calling.custom_form_id, ticket_id=ticket.id, token_id=stopped, variables={}, uid=None)
    assert standing(ticket.id) == {"review": "waiting"}
    assert Ticket.objects.filter(flow=called).count() == 1
    consistent(ticket.id)


def test_jobs_that_run_twice_find_their_work_done(calling: Flow, called: Flow, alice: Member) -> None:
    ticket = ticket_open(flow=calling, values={"title": "paper"}, actor=actor_of(alice))
    run_jobs(times=2)
    assert Ticket.objects.filter(flow=called).count() == 1
    inner = Ticket.objects.get(flow=called)
    ticket_push(flow=called, data_id=data_id(inner.pk, "buy"), values={}, actor=actor_of(alice))
    run_jobs(times=2)
    assert standing(ticket.id) == {"review": "waiting"}
    assert history(ticket.id).count(("return", "call")) == 1


def test_a_flow_that_calls_itself_is_stopped_in_the_end(requests: CustomForm, alice: Member) -> None:
    flow = make_flow(requests, definition("start > review > end"), api_path="mine")
    source = definition("start > call > end", call={"flow": "mine", "inputs": [], "outputs": []})
    flow_save(flow=flow, design={"definition": source})
    flow_publish(flow=flow)
    ticket_open(flow=flow, values={"title": "x"}, actor=actor_of(alice))
    for _round in range(20):
        run_jobs()
    assert Ticket.objects.filter(flow=flow).count() == 11
    assert [t.state for t in Ticket.objects.filter(flow=flow, depth=10)] == ["running"]
