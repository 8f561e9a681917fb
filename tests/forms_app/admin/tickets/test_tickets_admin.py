"""Who sees tickets, and the list of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.models import CustomForm, Flow, Member, Ticket
from forms_app.tickets.care import ticket_close
from tests.accounts import administrator, linked
from tests.factories import CustomAppFactory, make_form
from tests.forms_app.admin.tickets.ticket_pages import (
    LIST,
    opened,
    review_flow,
    stage_page,
    statements,
    stopping_flow,
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
def stopped(form: CustomForm, alice: Member) -> Ticket:
    return opened(stopping_flow(form), alice, {"divisor": 0, "a_text": "<i>"}, amount=4)


@pytest.fixture
def reader(client: Client, bob: Member) -> Client:
    """Staff without a permission, who is the member 2."""
    return linked(client, bob)


def test_for_strangers_there_is_no_such_ticket(clerk: Client, ticket: Ticket, charlie: Member, alice: Member) -> None:
    url = ticket_page(ticket)
    assert clerk.get(url).status_code == 302
    stranger = linked(Client(), administrator(charlie))
    assert stranger.get(url).status_code == 404
    assert Client().get(url).status_code == 302
    viewer = linked(Client(), administrator(alice))
    assert viewer.get(f"/admin/forms_app/ticket/{2**63}/").status_code == 404
    assert viewer.get("/admin/forms_app/ticket/1/").status_code == 404


def test_the_list_is_for_who_may_view_tickets(admin: Client, reader: Client, clerk: Client, ticket: Ticket) -> None:
    assert text_of(admin.get(LIST)).count(ticket_page(ticket)) == 1
    assert reader.get(LIST).status_code == 403
    assert clerk.get(LIST).status_code == 302
    for wrong in ("add/", f"{ticket.pk}/delete/"):
        assert admin.get(LIST + wrong).status_code in (403, 404)
    assert admin.get(f"{LIST}{ticket.pk}/change/").headers["Location"] == ticket_page(ticket)


def test_the_list_takes_as_many_statements_for_many_tickets(
    admin: Client, flow: Flow, alice: Member, people: dict[int, Member]
) -> None:
    opened(flow, alice)
    first = statements(admin, LIST)
    for number in range(29):
        opened(flow, people[number % 4 + 1], title=f"第 {number}")
    assert statements(admin, LIST) == first


def test_the_list_is_narrowed_and_searched(
    admin: Client, flow: Flow, ticket: Ticket, stopped: Ticket, form: CustomForm, alice: Member
) -> None:
    second = opened(flow, alice)
    ticket_close(form_id=form.pk, ticket_id=ticket.pk, uid=None)

    def listed(**given: Any) -> set[int]:
        response = admin.get(LIST, given)
        assert response.status_code == 200
        return {row.pk for row in response.context["cl"].result_list}

    assert listed() == {ticket.pk, stopped.pk, second.pk}
    assert listed(stopped="yes") == {stopped.pk}
    assert listed(state__exact="closed") == {ticket.pk}
    assert listed(flow__id__exact=flow.pk) == {ticket.pk, second.pk}
    assert listed(q="2") == {second.pk} and listed(q=" #2 ") == {second.pk}
    assert listed(q="甲") == set() and listed(q="9" * 30) == set()


def test_a_flow_in_the_list_leads_to_its_tickets(admin: Client, flow: Flow, ticket: Ticket) -> None:
    page = text_of(admin.get(reverse("admin:forms_app_flow_changelist")))
    assert f"{LIST}?flow__id__exact={flow.pk}" in page


def test_a_form_of_tickets_of_another_organization_has_none_here(
    reader: Client, form: CustomForm, charlie: Member
) -> None:
    fields = {"title": "text_field", "amount": "float_field", "papers": "file_field"}
    theirs = make_form(CustomAppFactory(organization=charlie.organization), fields)
    ticket = opened(review_flow(theirs), charlie)
    assert reader.get(ticket_page(ticket)).status_code == 404
    assert reader.get(stage_page(ticket)).status_code == 404
