"""What a page asks before it is sent: whether its session still stands."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from forms_app.models import CustomForm, Member
from tests.accounts import linked
from tests.forms_app.admin.records.entry_form import add_url
from tests.forms_app.worlds import query_of, stored_of


def state(client: Client) -> Any:
    response = client.get(reverse("session"))
    assert "no-store" in response["Cache-Control"]
    return response


def test_who_is_signed_in_is_told_with_a_token_that_posts(alice: Member, form: CustomForm) -> None:
    client = Client(enforce_csrf_checks=True)
    linked(client, alice)
    told = state(client).json()
    assert told["account"] == alice.user.pk  # type: ignore[union-attr]
    response = client.post(add_url(form), {"title": "a", "csrfmiddlewaretoken": told["token"]})
    assert response.status_code == 302
    assert len(query_of(form).ids()) == 1


def test_others_are_told_nothing(client: Client, clerk: Client, alice: Member) -> None:
    linked(client, alice)
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    for nobody in (Client(), clerk, client):
        response = state(nobody)
        assert (response.status_code, response.content) == (401, b"{}")
    assert Client().post(reverse("session")).status_code == 405


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_was_typed_outlives_the_session(
    page: Page, live_server: Any, form: CustomForm, alice: Member, bob: Member
) -> None:
    mine, others = (linked(Client(), member) for member in (alice, bob))
    context = page.context

    def signed_in(client: Client | None) -> None:
        context.clear_cookies()
        if client is not None:
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    signed_in(mine)
    page.goto(add_url(form))
    page.wait_for_selector("form[data-ready=true]")
    page.locator("[data-name=title] input[type=text]").fill("甲公司")
    dialog = page.get_by_role("dialog")
    for client, told in ((None, "You are signed out."), (others, "Another account is signed in now.")):
        signed_in(client)
        if client is None:
            page.click("[name=_save]")
        else:
            dialog.get_by_role("button", name="Save now").click()
        expect(dialog.get_by_text(told)).to_be_visible()
        assert query_of(form).ids() == []
    signed_in(mine)
    with page.expect_navigation():
        dialog.get_by_role("button", name="Save now").click()
    (record_id,) = query_of(form).ids()
    assert stored_of(form, record_id)["title"] == "甲公司"
