"""The API page of a flow in a browser: choosing a stage, copying its sample; wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from forms_app.models import CustomForm, Flow
from tests.apaas.reference.test_api_page_browser import copied
from tests.factories import UserFactory
from tests.flows import definition, make_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def flow(full: CustomForm) -> Flow:
    """Two stages, the first with a quick action."""
    actions = [{"name": "agree", "values": [{"target": "a_text_field", "value": "yes"}]}]
    return make_flow(full, definition("start > review > approve > end", review={"actions": actions}), attachments=True)


def opened(browser: Browser, live_server: Any, flow: Flow, hash: str, **options: Any) -> tuple[Page, list[str]]:
    """The flow's page, and the errors of its scripts."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    context = browser.new_context(base_url=live_server.url, locale="en-US", **options)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(reverse("flow-api", args=[flow.pk]) + hash)
    return page, errors


def test_a_stage_is_chosen_and_its_sample_copied(browser: Browser, live_server: Any, flow: Flow) -> None:
    page, errors = opened(browser, live_server, flow, "#push")
    push = page.locator("[data-call=push]")
    expect(push.locator("[data-variant=review]")).to_be_visible()
    expect(push.locator("[data-variant=approve]")).to_be_hidden()
    push.get_by_role("button", name="review → agree").click()
    chosen = push.locator("[data-variant='review.action1']")
    expect(chosen).to_be_visible()
    expect(push.locator("[data-variant=review]")).to_be_hidden()
    chosen.get_by_role("button", name="Python").click()
    chosen.get_by_role("button", name="Copy").click()
    assert '"quick_action": "action1"' in copied(page)
    assert copied(page).startswith("# First, in the shell: export SECURITY=")
    page.click("[data-tab=open]")
    page.get_by_role("button", name="With files").click()
    files = page.locator("[data-call=open] [data-variant=files] [data-sample=python]")  # the language is kept
    expect(files).to_contain_text('"files": open("contract.pdf", "rb")')
    page.locator(".ap-fields code[data-copy]", has_text="FORMITM_1").first.click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text === 'FORMITM_1')")
    assert errors == []


def test_a_narrow_page_does_not_scroll_sideways(browser: Browser, live_server: Any, flow: Flow) -> None:
    page, errors = opened(browser, live_server, flow, "", viewport={"width": 400, "height": 800})
    for name in ("security", "open", "query", "push"):
        page.click(f"[data-tab={name}]")
        for refusal in page.locator(f"[data-call={name}] summary").all():
            refusal.click()
        for choice in page.locator(f"[data-call={name}] .ap-choice button").all():
            choice.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 400, name
    assert errors == []
