"""The pages of webhooks in a browser: nothing serious for axe, light and dark, on a screen and on a phone; a webhook is
set up, tried and read about by clicks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from forms_app.models import CustomApp, CustomForm, Member, Webhook
from forms_app.webhooks.delivering import deliver
from tests.factories import make_entity, make_form, make_webhook
from tests.forms_app.admin.people.test_people_browser import boss, looked_at, signed_in
from tests.forms_app.webhooks.receivers import LocalReceiver

__all__ = ["boss", "signed_in"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def told(form: CustomForm, member: Member, receiver: LocalReceiver) -> Webhook:
    """A webhook that has delivered one record and had one refused."""
    webhook = make_webhook(form, member, url=receiver.url, enabled=True)
    good = make_entity(form, member, title="甲")
    make_entity(form, member, title="乙")
    receiver.reply = lambda m: (200, {}, b"ok") if m.data.get("id", good) == good else (500, {}, b"<p>broken</p>")
    deliver(webhook.pk)
    return webhook


def test_axe_finds_nothing_serious_on_them(
    boss: Any,
    people: dict[int, Member],
    custom_app: CustomApp,
    receiver: LocalReceiver,
    signed_in: Callable[[Any], Page],
) -> None:
    form = make_form(custom_app, {"title": "text_field"}, name="客户")
    webhook = told(form, people[1], receiver)
    stopped = make_webhook(form, people[1], url="https://hooks.example.com/a/rather/long/path/of/an/address")
    stopped.state.stopped, stopped.state.stopped_at, stopped.state.error = "undelivered", timezone.now(), "too_slow"
    stopped.state.save()
    page, wrong = signed_in(boss), []
    for address in (
        reverse("admin:forms_app_webhook_changelist"),
        reverse("admin:forms_app_webhook_add"),
        reverse("admin:forms_app_webhook_change", args=[stopped.pk]),
        reverse("admin:forms_app_webhook_deliveries", args=[webhook.pk]),
    ):
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        wrong += looked_at(page)
    page.locator("summary").first.click()
    wrong += looked_at(page)
    assert not wrong, "\n".join(wrong)


def test_one_is_set_up_and_tried_by_clicks(
    boss: Any,
    people: dict[int, Member],
    custom_app: CustomApp,
    receiver: LocalReceiver,
    signed_in: Callable[[Any], Page],
) -> None:
    make_form(custom_app, {"title": "text_field"}, name="客户")
    page = signed_in(boss)
    page.goto(reverse("admin:forms_app_webhook_add"))
    page.locator(".select2-container").first.click()
    page.locator(".select2-results__option", has_text="客户").click()
    page.get_by_label("发送到").fill(receiver.url)
    page.get_by_label("记录被创建").check()
    page.get_by_role("button", name="保存", exact=True).click()
    secret = page.get_by_label("密钥").input_value()
    assert secret.startswith("whsec_")
    page.get_by_role("link", name="我已保存").click()
    page.get_by_role("button", name="保存并发送测试").click()
    expect(page.get_by_text("200", exact=False).first).to_be_visible()
    assert receiver.accepted[0].body["type"] == "webhook.test"
