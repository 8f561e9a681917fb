"""A member who has left acts on no page of tickets, whatever their account was; who stays goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from forms_app.admin.people.acting import member_of, own_actor, own_member
from forms_app.models import CustomForm, Flow, Member, Ticket
from tests.accounts import administrator, linked
from tests.factories import UserFactory
from tests.flows import history
from tests.forms_app.admin.records.entry_form import posted_by
from tests.forms_app.admin.tickets.ticket_pages import (
    WORKLIST,
    open_page,
    opened,
    review_flow,
    stage_page,
    ticket_page,
)


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    return review_flow(form, assignees={"members": [2], "departments": [4]}, attachments=True)


@pytest.fixture
def ticket(flow: Flow, alice: Member) -> Ticket:
    return opened(flow, alice, title="三天", amount=1)


def signed_in(member: Member, **account: bool) -> Client:
    """A client of the member's account."""
    client = Client()
    member.user = UserFactory(**{"is_staff": False, **account})
    member.save()
    client.force_login(member.user)
    return client


def leave(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(is_active=False)  # as another process does it


ACCOUNTS: dict[str, Callable[[Member], Client]] = {
    "member": signed_in,
    "staff": lambda member: signed_in(member, is_staff=True),
    "administrator": lambda member: signed_in(administrator(member)),
    "superuser": lambda member: signed_in(member, is_staff=True, is_superuser=True),
}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_who_has_left_pushes_opens_and_reassigns_nothing(
    account: str, flow: Flow, ticket: Ticket, bob: Member, form: CustomForm
) -> None:
    client = ACCOUNTS[account](bob)
    url, token = stage_page(ticket), ticket.tokens.get()
    push = {**posted_by(client, url), "amount": "9"}
    opening = {**posted_by(client, open_page(flow)), "title": "x"}
    assert client.get(WORKLIST).status_code == 200
    leave(bob)
    before = (history(ticket.pk), Ticket.objects.count())
    for page, sent in (
        (url, push),
        (url, {**push, "quick_action": "action1"}),
        (open_page(flow), opening),
        (ticket_page(ticket, "reassign"), {"token": str(token.pk), f"members:{token.pk}": '[{"uid": "1"}]'}),
        (ticket_page(ticket, "close"), {"reason": "x"}),
    ):
        assert client.post(page, sent).status_code in (302, 403, 404), page
        assert (history(ticket.pk), Ticket.objects.count()) == before, page
    for page in (url, open_page(flow), WORKLIST):
        assert client.get(page).status_code in (302, 403, 404), page


def test_who_stays_pushes_on(flow: Flow, ticket: Ticket, bob: Member, people: dict[int, Member]) -> None:
    stays = linked(Client(), people[4])
    leave(bob)
    url = stage_page(ticket)
    assert stays.post(url, {**posted_by(stays, url), "amount": "9"}).status_code == 302
    assert history(ticket.pk)[-1] == ("end", "end")


def test_who_comes_back_acts_again(flow: Flow, ticket: Ticket, bob: Member) -> None:
    client = signed_in(bob)
    leave(bob)
    assert client.get(WORKLIST).status_code == 302
    Member.objects.filter(pk=bob.pk).update(is_active=True)
    assert client.get(WORKLIST).status_code == 200
    assert client.get(stage_page(ticket)).status_code == 200


@pytest.mark.parametrize("superuser", [False, True])
def test_an_account_stands_for_its_member_while_they_are_active(bob: Member, superuser: bool) -> None:
    request: HttpRequest = RequestFactory().get("/")
    signed_in(bob, is_superuser=superuser)
    assert bob.user is not None
    request.user = type(bob.user).objects.get(pk=bob.user.pk)
    assert own_member(request) == member_of(request, bob.organization_id) == bob
    assert own_actor(request) is not None
    leave(bob)
    request.user = type(bob.user).objects.get(pk=bob.user.pk)
    assert own_member(request) is member_of(request, bob.organization_id) is own_actor(request) is None
