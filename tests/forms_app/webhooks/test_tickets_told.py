"""What happens to tickets is told too, in the order of each ticket."""

from __future__ import annotations

import pytest

from forms_app.models import CustomForm, Member, TicketToken
from forms_app.tickets.pushing import ticket_open, ticket_push
from forms_app.webhooks.delivering import deliver
from tests.factories import actor_of
from tests.flows import definition, make_flow
from tests.forms_app.webhooks.conftest import Hook
from tests.forms_app.webhooks.receivers import LocalReceiver


def test_a_ticket_is_told_from_its_opening_to_its_end(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    events = [f"ticket.{event}" for event in ("opened", "arrived", "pushed", "stopped", "ended")]
    webhook = hook(events=events)
    flow = make_flow(form, definition("start > review > end", review={"name": "审核"}), name="请假")
    actor = actor_of(designer)
    ticket = ticket_open(flow=flow, values={"title": "甲", "amount": 1}, actor=actor)
    deliver(webhook.pk)
    assert [message.body["type"] for message in receiver.accepted] == ["ticket.opened", "ticket.arrived"]
    opened, arrived = (message.data for message in receiver.accepted)
    assert opened["ticket"] == {
        "id": ticket.id,
        "number": ticket.data_no,
        "flow": "请假",
        "state": "running",
        "step": {"action": "open", "stage": "start", "message": ""},
    }
    assert (opened["user"]["uid"], arrived["user"]) == (designer.uid, None)
    assert arrived["ticket"]["step"]["stage"] == "审核"
    assert opened["record"]["title"] == "甲" and opened["id"] == arrived["id"]
    receiver.accepted.clear()
    stage = TicketToken.objects.get(ticket_id=ticket.pk, state="waiting")
    ticket_push(flow=flow, data_id=stage.pk, values={"amount": 2}, actor=actor)
    deliver(webhook.pk)
    assert [message.body["type"] for message in receiver.accepted] == ["ticket.pushed", "ticket.ended"]
    pushed = receiver.accepted[0].data
    assert [(c["field"], c["before"], c["after"]) for c in pushed["changes"]] == [("amount", 1, 2)]
    assert (pushed["record"]["amount"], pushed["version"]) == (2, 2)
    assert opened["record"]["amount"] == 1
    assert pushed["ticket"]["state"] == "ended"


@pytest.mark.parametrize("event", ["ticket.opened", "form_entity.created"])
def test_the_two_streams_are_told_apart(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, event: str
) -> None:
    webhook = hook(events=[event])
    flow = make_flow(form, definition("start > review > end"))
    ticket_open(flow=flow, values={"title": "甲"}, actor=actor_of(designer))
    deliver(webhook.pk)
    assert [message.body["type"] for message in receiver.accepted] == [event]
