"""A stage is put to others by hand: the pickers are drawn, and what they chose is posted."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from forms_app.models import CustomForm, Member
from tests.accounts import administrator
from tests.forms_app.admin.tickets.ticket_pages import opened, review_flow, ticket_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_stage_is_put_to_somebody_else(page: Page, form: CustomForm, people: dict[int, Member]) -> None:
    people[1].user = get_user_model()._default_manager.get(username="designer")
    people[1].save()
    administrator(people[1])
    ticket = opened(review_flow(form, assignees={"members": [2]}), people[1], title="三天")
    page.goto(ticket_page(ticket))
    page.click(".ti-reassign summary")
    people_picker = page.locator(".ti-reassign [data-control=people]")
    expect(people_picker).to_contain_text("member 2")
    people_picker.locator("input:not([type=hidden])").fill("member 4")
    people_picker.get_by_text("member 4").first.click()
    page.fill(".ti-reassign textarea", "休假")
    page.click(".ti-reassign button[name=token]")
    expect(page.locator("[data-action=assign]")).to_contain_text("member 4")
    assert ticket.tokens.get(state="waiting").member_uids == [2, 4]
