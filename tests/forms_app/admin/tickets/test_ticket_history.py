"""A ticket's history as people read it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from forms_app.admin.tickets import frame
from forms_app.models import CustomForm, Flow, Member, Ticket
from forms_app.tickets.care import ticket_close
from forms_app.tickets.pushing import ticket_push
from tests.accounts import linked
from tests.factories import actor_of
from tests.flows import data_id, definition, make_flow
from tests.forms_app.admin.tickets.ticket_pages import (
    ENGLISH,
    changes,
    entries,
    opened,
    review_flow,
    stage_page,
    statements,
    text_of,
    ticket_page,
)


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    return review_flow(form, assignees={"members": [2], "departments": [3]}, attachments=True)


@pytest.fixture
def ticket(flow: Flow, alice: Member) -> Ticket:
    return opened(flow, alice, title="三天", amount=Decimal("12345678901234567890.5"), people=[{"uid": 3}])


@pytest.fixture
def reader(client: Client, bob: Member) -> Client:
    """Staff without a permission, who is the member 2."""
    return linked(client, bob)


def test_the_history_tells_who_changed_what(reader: Client, ticket: Ticket, flow: Flow, bob: Member) -> None:
    ticket_push(flow=flow, data_id=ticket.tokens.get().pk, values={"amount": Decimal("7.50")}, actor=actor_of(bob))
    first, arrived, pushed, ended = entries(reader, ticket)
    assert (first.who, first.text, first.person, first.version) == ("member 1", "opened the ticket", True, 1)
    assert changes(first) == {
        "label of title": ("", "三天"),
        "label of amount": ("", "12345678901234567890.5"),
        "label of people": ("", "member 3"),
        "label of total": ("", "24691357802469135781"),
    }
    assert (arrived.person, arrived.who, arrived.name) == (False, "", "审核")
    assert (pushed.who, pushed.text, pushed.version) == ("member 2", "pushed", 2)
    assert changes(pushed)["label of amount"] == ("12345678901234567890.5", "7.50")
    assert (ended.text, ended.person) == ("came to an end", False)


def test_a_quick_action_is_named_and_options_have_their_labels(
    reader: Client, form: CustomForm, alice: Member, bob: Member
) -> None:
    review = {"actions": [{"name": "来自展会", "values": [{"target": "source", "formula": '"展会"'}]}]}
    flow = make_flow(form, definition("start > review > end", review=review))
    ticket = opened(flow, alice)
    ticket_push(flow=flow, data_id=ticket.tokens.get().pk, values={}, actor=actor_of(bob), quick_action="action1")
    entry = entries(reader, ticket)[2]
    assert entry.text == "pushed by “来自展会”"
    assert changes(entry) == {"label of source": ("", "展会")}


def test_nothing_in_a_ticket_is_markup(reader: Client, form: CustomForm, alice: Member, bob: Member) -> None:
    evil = "<script>alert(1)</script>"
    review = {"name": evil, "actions": [{"name": evil, "values": []}]}
    flow = make_flow(form, definition("start > review > end", review=review), name=evil)
    ticket = opened(flow, alice, title=evil)
    alice.name = evil
    alice.save()
    pages = [text_of(reader.get(url)) for url in (ticket_page(ticket), stage_page(ticket))]
    ticket_close(form_id=form.pk, ticket_id=ticket.pk, reason=evil, uid=alice.uid)
    pages.append(text_of(reader.get(ticket_page(ticket))))
    for page in pages:
        assert evil not in page and "&lt;script&gt;alert(1)" in page


def test_a_long_history_shows_its_end_and_on_demand_the_whole(reader: Client, ticket: Ticket, monkeypatch: Any) -> None:
    monkeypatch.setattr(frame, "MOST_STEPS", 1)
    response = reader.get(ticket_page(ticket), headers=ENGLISH)
    assert [entry.action for entry in response.context["entries"]] == ["arrive"]
    assert "1 earlier step is not shown" in text_of(response)
    assert response.context["diagram"]["marks"]["start"]["state"] == "done"
    response = reader.get(ticket_page(ticket) + "?all")
    assert [entry.action for entry in response.context["entries"]] == ["open", "arrive"]


def test_it_takes_as_many_statements_after_many_steps(
    reader: Client, form: CustomForm, alice: Member, people: dict[int, Member]
) -> None:
    source = definition("start > human_1 > condition", "condition > human_1 : {amount} < 100", "condition > end")
    flow = make_flow(form, source)
    ticket = opened(flow, alice, amount=0, people=[{"uid": 1}])
    counts = []
    for number in range(3):
        counts.append(statements(reader, ticket_page(ticket)))
        for member in people.values():
            values = {"amount": number * 5 + member.uid, "people": [{"uid": member.uid}]}
            ticket_push(flow=flow, data_id=data_id(ticket.pk, "human_1"), values=values, actor=actor_of(member))
    assert len(set(counts)) == 1


def test_a_field_that_the_form_has_no_more_keeps_its_history(reader: Client, ticket: Ticket, form: CustomForm) -> None:
    field = form.custom_fields.get(name="amount")
    field.status = "disable"
    field.save()
    found = changes(entries(reader, ticket)[0])
    assert found["amount"] == ("", "12345678901234567890.5")
