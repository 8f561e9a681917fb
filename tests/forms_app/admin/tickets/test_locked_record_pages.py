"""A record whose ticket is running, on its pages: it says why it can't be changed there, and where it can."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.models import CustomForm, FormEntity, Member, Ticket
from forms_app.records.writes import entity_transfer, entity_update
from tests.accounts import linked
from tests.factories import actor_of, schema_of
from tests.forms_app.admin.records.entry_form import posted_by
from tests.forms_app.admin.tickets.ticket_pages import (
    ENGLISH,
    changes,
    entries,
    opened,
    review_flow,
    text_of,
    ticket_page,
)

HELD = "ticket 1 is running: its values change only through the ticket."


@pytest.fixture
def reader(client: Client, bob: Member) -> Client:
    return linked(client, bob)


def pages(ticket: Ticket) -> tuple[str, str]:
    """The record's page and that of its form."""
    key = [ticket.custom_form_id, ticket.entity_id]
    return (
        reverse("admin:forms_app_customform_record", args=key),
        reverse("admin:forms_app_customform_record_edit", args=key),
    )


def test_a_locked_record_offers_its_ticket_and_no_form(reader: Client, form: CustomForm, alice: Member) -> None:
    ticket = opened(review_flow(form), alice)
    shown, edit = pages(ticket)
    content = text_of(reader.get(shown, headers=ENGLISH))
    assert HELD in content
    assert ticket_page(ticket) in content
    assert edit not in content
    led = reader.get(edit, headers=ENGLISH, follow=True)
    assert (led.redirect_chain[-1][0], HELD in text_of(led)) == (shown, True)


def test_a_form_that_was_open_already_is_refused_with_what_was_typed(
    reader: Client, form: CustomForm, alice: Member
) -> None:
    flow = review_flow(form, locks_record=False)
    ticket = opened(flow, alice)
    edit = pages(ticket)[1]
    posted = {**posted_by(reader, edit), "title": "typed"}
    flow.locks_record = True
    flow.save()
    answer = reader.post(edit, posted, headers=ENGLISH)
    content = text_of(answer, answer.status_code)
    assert answer.status_code in (409, 422)
    assert HELD in content
    assert "typed" in content
    assert FormEntity.objects.get(custom_form=form).data["title"] == "甲"


def test_the_history_shows_what_was_done_outside(reader: Client, form: CustomForm, people: dict[int, Member]) -> None:
    ticket = opened(review_flow(form, locks_record=False), people[1])
    key = {"schema": schema_of(form), "actor": actor_of(people[2])}
    entity_update(record_id=ticket.entity_id, values={"title": "乙"}, **key)
    entity_transfer(ids=[ticket.entity_id], to_user_uid=3, **key)
    edited, given = entries(reader, ticket)[-2:]
    assert (edited.who, edited.text, edited.person) == ("member 2", "changed the record outside of the ticket", True)
    assert changes(edited) == {"label of title": ("甲", "乙")}
    assert (given.who, given.text) == ("member 2", "gave the record to member 3")
