"""The page of deliveries: request, answer and time of each, and sending one or a range again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.models import CustomForm, Member, Webhook
from forms_app.webhooks import source
from forms_app.webhooks.delivering import deliver
from tests.accounts import only
from tests.factories import make_entity, make_webhook
from tests.forms_app.webhooks.receivers import LocalReceiver


def address(webhook: Webhook, query: str = "") -> str:
    return reverse("admin:forms_app_webhook_deliveries", args=[webhook.pk]) + query


@pytest.fixture
def webhook(form: CustomForm, designer: Member, receiver: LocalReceiver, monkeypatch: pytest.MonkeyPatch) -> Webhook:
    """One that has told of three records, of which the last was refused."""
    monkeypatch.setattr(source, "horizon", lambda: ("9223372036854775807::bigint", []))
    monkeypatch.setattr(source, "horizon_now", lambda: 2**63 - 1)
    webhook = make_webhook(form, designer, url=receiver.url, enabled=True)
    webhook.state.began = 0
    webhook.state.save()
    records = [make_entity(form, designer, title=title) for title in ("甲", "乙", "丙")]
    receiver.reply = lambda m: (500, {}, b"<b>broken</b>") if m.data["id"] == records[2] else (200, {}, b"fine")
    deliver(webhook.pk)
    receiver.reply = lambda message: (200, {}, b"fine")
    return webhook


def test_each_delivery_shows_its_request_and_its_answer(signed: Client, webhook: Webhook) -> None:
    shown = signed.get(address(webhook)).content.decode()
    for text in ("form_entity.created", "&quot;甲&quot;", "&lt;b&gt;broken&lt;/b&gt;", "500", "fine", "msg_"):
        assert text in shown
    assert "<b>broken" not in shown
    failed = signed.get(address(webhook, "?status=failed")).content.decode()
    assert "broken" in failed and "fine" not in failed
    assert signed.get(address(webhook, "?status=nothing&p=99")).status_code == 200


def test_one_is_sent_again(signed: Client, webhook: Webhook, receiver: LocalReceiver) -> None:
    row = webhook.deliveries.filter(status="delivered").first()
    assert row is not None
    response = signed.post(address(webhook), {"one": row.pk})
    assert response.status_code == 302
    receiver.seen.clear()
    deliver(webhook.pk)
    assert [message.id for message in receiver.seen] == [row.message_id]
    row.refresh_from_db()
    assert (row.attempts, row.again_at) == (2, None)


def test_a_range_is_sent_again(signed: Client, webhook: Webhook, receiver: LocalReceiver) -> None:
    first, *_between, last = webhook.deliveries.order_by("at", "id")
    signed.post(address(webhook), {"ids": [first.pk, last.pk]})
    receiver.seen.clear()
    deliver(webhook.pk)
    assert {message.id for message in receiver.seen} == set(webhook.deliveries.values_list("message_id", flat=True))
    signed.post(address(webhook), {"ids": ["x"]})
    assert not webhook.deliveries.filter(again_at__isnull=False).exists()


def test_who_reads_less_sees_no_more_of_the_request(
    signed: Client, webhook: Webhook, form: CustomForm, designer: Member
) -> None:
    only(designer, {"custom_form": form, "verbs": ["read", "design"], "rows": "all", "hidden": ["title"]})
    shown = signed.get(address(webhook)).content.decode()
    assert "form_entity.created" in shown and "甲" not in shown
    only(designer, {"custom_form": form, "verbs": ["read", "design"], "rows": "own"})
    shown = signed.get(address(webhook)).content.decode()
    assert "甲" not in shown and "custom_form_id" not in shown
