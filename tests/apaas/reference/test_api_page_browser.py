"""The API page in a browser: calls, languages, copying; wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from apaas.reference.pages.form_tabs import NAMES
from forms_app.models import CustomForm
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def opened(
    browser: Browser, live_server: Any, form: CustomForm, hash: str = "", **options: Any
) -> tuple[Page, list[str]]:
    """The form's page, and the errors of its scripts."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    context = browser.new_context(base_url=live_server.url, locale="en-US", **options)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(reverse("form-api", args=[form.pk]) + hash)
    return page, errors


def shown(page: Page) -> list[str]:
    """The calls that are visible."""
    calls = page.locator("[data-call]").all()
    return [call.get_attribute("data-call") or "" for call in calls if call.is_visible()]


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_developer_chooses_a_call_and_a_language_and_copies_the_sample(
    browser: Browser, live_server: Any, full: CustomForm
) -> None:
    page, errors = opened(browser, live_server, full)
    expect(page.locator("[data-call=list]")).to_be_visible()
    assert shown(page) == ["list"]
    page.click("[data-tab=create]")
    assert shown(page) == ["create"]
    assert page.url.endswith("#create")
    create = page.locator("[data-call=create]")
    create.locator("[data-copy-sample]").click()
    expect(create.locator("[data-copy-sample]")).to_have_attribute("data-said", "Copied")
    assert copied(page) == create.locator("[data-sample=curl]").inner_text()
    create.locator("[data-language=python]").click()
    expect(create.locator("[data-sample=curl]")).to_be_hidden()
    create.locator("[data-copy-sample]").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('import requests'))")
    assert copied(page) == create.locator("[data-sample=python]").text_content()
    expect(create.locator("[data-answer] .key").first).to_have_text('"code"')
    page.go_back()
    expect(page.locator("[data-call=list]")).to_be_visible()
    page.reload()
    expect(page.locator("[data-call=list] [data-sample=python]")).to_be_visible()  # the language is kept
    page.locator(".ap-fields > summary").click()
    page.locator(".ap-fields code[data-copy]", has_text="a_select_field").first.click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text === 'a_select_field')")
    assert errors == []


def test_an_address_with_a_call_opens_it(browser: Browser, live_server: Any, full: CustomForm) -> None:
    page, errors = opened(browser, live_server, full, "#mass_destroy")
    expect(page.locator("[data-call=mass_destroy]")).to_be_visible()
    assert shown(page) == ["mass_destroy"]
    expect(page.locator("[data-call=mass_destroy] .fa-warning")).to_contain_text("destroys record")
    assert errors == []


def test_a_narrow_page_does_not_scroll_sideways(browser: Browser, live_server: Any, full: CustomForm) -> None:
    page, errors = opened(browser, live_server, full, viewport={"width": 400, "height": 800})
    for name in NAMES:
        page.click(f"[data-tab={name}]")
        for refusal in page.locator(f"[data-call={name}] summary").all():
            refusal.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, name
    page.locator(".ap-fields > summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert errors == []
