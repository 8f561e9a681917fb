"""A ticket's page puts a stage to others."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from forms_app.models import CustomForm, Department, Member, Ticket, TicketToken
from tests.accounts import administrator, linked
from tests.forms_app.admin.tickets.ticket_pages import ENGLISH, entries, opened, review_flow, text_of, ticket_page


@pytest.fixture
def ticket(form: CustomForm, alice: Member) -> Ticket:
    return opened(review_flow(form, assignees={"members": [2]}), alice)


@pytest.fixture
def boss(client: Client, alice: Member) -> Client:
    return linked(client, administrator(alice))


def posted(token: TicketToken, members: object = (), departments: object = (), **more: str) -> dict[str, str]:
    chosen = {f"members:{token.pk}": json.dumps(members), f"departments:{token.pk}": json.dumps(departments)}
    return {"token": str(token.pk), **chosen, **more}


def test_the_form_shows_who_it_waits_for_and_puts_it_to_others(boss: Client, ticket: Ticket, bob: Member) -> None:
    token = ticket.tokens.get()
    content = text_of(boss.get(ticket_page(ticket), headers=ENGLISH))
    assert f'name="members:{token.pk}"' in content
    assert ticket_page(ticket, "reassign") in content
    given = posted(token, [{"uid": "3", "name": "member 3"}], [{"did": "3"}], reason="holiday")
    answer = boss.post(ticket_page(ticket, "reassign"), given, headers=ENGLISH, follow=True)
    assert "The stage now waits for: member 3, #3." in text_of(answer)
    waiting = ticket.tokens.get(state="waiting")
    assert (waiting.member_uids, waiting.department_dids) == ([3], [3])
    entry = entries(boss, ticket)[-1]
    department = Department.objects.get(organization_id=ticket.organization_id, did=3).name
    assert (entry.who, entry.person, entry.note, entry.changes) == ("member 1", True, "holiday", [])
    assert entry.text == f"put it to member 3, department {department} instead of member 2"


@pytest.mark.parametrize("members", [[], [{"uid": "77"}], [{"uid": "x"}], {"uid": 3}, "3", [3], [{"did": "3"}]])
def test_who_cannot_be_put_there_is_refused(boss: Client, ticket: Ticket, members: object) -> None:
    token = ticket.tokens.get()
    answer = boss.post(ticket_page(ticket, "reassign"), posted(token, members), headers=ENGLISH, follow=True)
    content = text_of(answer)
    assert "A member or a department is needed." in content or "There is no active member" in content
    assert ticket.tokens.get().member_uids == [2]


def test_who_may_not_design_the_form_is_offered_nothing(client: Client, ticket: Ticket, bob: Member) -> None:
    reader = linked(client, bob)
    assert ticket_page(ticket, "reassign") not in text_of(reader.get(ticket_page(ticket)))
    token = ticket.tokens.get()
    assert reader.post(ticket_page(ticket, "reassign"), posted(token, [{"uid": "2"}])).status_code == 403
    assert reader.get(ticket_page(ticket, "reassign")).status_code == 405


def test_a_stage_that_was_pushed_meanwhile_is_refused(boss: Client, ticket: Ticket) -> None:
    given = posted(ticket.tokens.get(), [{"uid": "3"}])
    boss.post(ticket_page(ticket, "reassign"), given)
    answer = boss.post(ticket_page(ticket, "reassign"), given, headers=ENGLISH, follow=True)
    assert "The ticket waits for nobody there (any more)." in text_of(answer)
