"""A ticket that was stopped by an error: it shows why, and can be resumed or closed."""

from __future__ import annotations

import pytest

from forms_app.exceptions import Conflict, Refused
from forms_app.models import CustomApp, CustomForm, FormEntity, Member, Ticket, TicketStep, TicketToken
from forms_app.tickets.care import ticket_close, ticket_resume
from forms_app.tickets.pushing import ticket_open, ticket_push, ticket_stages
from tests.factories import actor_of, make_form
from tests.flows import consistent, data_id, definition, make_flow, standing


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": "text_field", "amount": "float_field", "reviewer": "user_field"})


def stop_at_condition(form: CustomForm, alice: Member) -> tuple[Ticket, TicketToken]:
    source = definition(
        "start > condition",
        "condition > review : 10 / {$divisor} > 1",
        "condition > end",
        "review > end",
        start={"variables": [{"name": "divisor", "kind": "number"}]},
    )
    flow = make_flow(form, source)
    row = ticket_open(flow=flow, values={}, actor=actor_of(alice), start_input={"divisor": 0})
    return Ticket.objects.get(pk=row.id), TicketToken.objects.get(ticket_id=row.id, state="stopped")


def test_a_failing_component_stops_the_ticket_and_says_why(form: CustomForm, alice: Member) -> None:
    ticket, token = stop_at_condition(form, alice)
    assert standing(ticket.pk) == {"condition": "stopped"}
    assert "10 / {$divisor} > 1" in token.message
    assert ticket.state == "running"
    assert [s.name for s in ticket_stages(flow=ticket.flow, data_no=1, actor=actor_of(alice))] == ["condition"]
    with pytest.raises(Conflict, match="stopped"):
        ticket_push(flow=ticket.flow, data_id=token.pk, values={}, actor=actor_of(alice))
    consistent(ticket.pk)


def test_it_goes_on_with_mended_variables(form: CustomForm, alice: Member) -> None:
    ticket, token = stop_at_condition(form, alice)
    key = {"form_id": form.pk, "ticket_id": ticket.pk, "token_id": token.pk, "uid": alice.uid}
    with pytest.raises(Refused, match="wrong_type"):
        ticket_resume(**key, variables={"divisor": "none"})
    with pytest.raises(Refused, match="unknown_variable"):
        ticket_resume(**key, variables={"other": 1})
    ticket_resume(**key, variables={"divisor": "2"})
    assert standing(ticket.pk) == {"review": "waiting"}
    step = TicketStep.objects.get(ticket_id=ticket.pk, action="resume")
    assert (step.uid, step.changed) == (alice.uid, {"$divisor": [0, 2]})
    with pytest.raises(Conflict, match="not_stopped"):
        ticket_resume(**key, variables={})
    consistent(ticket.pk)


def test_what_was_not_mended_stops_it_again(form: CustomForm, alice: Member) -> None:
    ticket, token = stop_at_condition(form, alice)
    ticket_resume(form_id=form.pk, ticket_id=ticket.pk, token_id=token.pk, variables={}, uid=None)
    assert standing(ticket.pk) == {"condition": "stopped"}
    assert TicketToken.objects.get(ticket_id=ticket.pk, state="stopped").pk != token.pk
    consistent(ticket.pk)


def test_a_stage_that_nobody_may_push_is_stopped(form: CustomForm, people: dict[int, Member]) -> None:
    flow = make_flow(form, definition("start > review > end", review={"assignees": {"fields": ["reviewer"]}}))
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(people[1]))
    assert standing(ticket.id) == {"review": "stopped"}
    FormEntity.objects.filter(custom_form=form, id=ticket.entity_id).update(data={"reviewer": [2]})
    token_id = data_id(ticket.id, "review")
    ticket_resume(form_id=form.pk, ticket_id=ticket.id, token_id=token_id, variables={}, uid=None)
    assert standing(ticket.id) == {"review": "waiting"}
    assert TicketToken.objects.get(ticket_id=ticket.id, state="waiting").member_uids == [2]


def test_a_set_field_that_is_refused_writes_nothing_and_stops(form: CustomForm, alice: Member) -> None:
    values = [{"target": "title", "value": "done"}, {"target": "reviewer", "formula": "999"}]
    flow = make_flow(form, definition("start > set > end", set={"values": values}))
    ticket = ticket_open(flow=flow, values={"title": "t"}, actor=actor_of(alice))
    assert standing(ticket.id) == {"set": "stopped"}
    assert FormEntity.objects.get(custom_form=form).data == {"title": "t"}


def test_a_form_that_lost_a_field_stops_the_ticket_there(form: CustomForm, alice: Member) -> None:
    source = definition("start > review > condition", "condition > end : {amount} > 1", "condition > end_2")
    flow = make_flow(form, source)
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    form.custom_fields.filter(name="amount").update(status="disable")
    form.definition_version += 1
    form.save()
    ticket_push(flow=flow, data_id=data_id(ticket.id, "review"), values={}, actor=actor_of(alice))
    assert standing(ticket.id) == {"condition": "stopped"}


def test_a_closed_ticket_is_over(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > parallel", "parallel > a > end", "parallel > b > end_2"))
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    waiting = data_id(ticket.id, "a")
    ticket_close(form_id=form.pk, ticket_id=ticket.id, reason="nonsense", uid=alice.uid)
    assert Ticket.objects.get(pk=ticket.id).state == "closed"
    assert standing(ticket.id) == {}
    assert TicketStep.objects.get(ticket_id=ticket.id, action="close").message == "nonsense"
    assert ticket_stages(flow=flow, data_no=1, actor=actor_of(alice)) == []
    with pytest.raises(Conflict, match="ticket_ended"):
        ticket_push(flow=flow, data_id=waiting, values={}, actor=actor_of(alice))
    with pytest.raises(Conflict, match="ticket_ended"):
        ticket_close(form_id=form.pk, ticket_id=ticket.id, uid=None)
    assert FormEntity.objects.filter(custom_form=form).count() == 1
    consistent(ticket.id)
