"""What webhooks sent, by API: listed, and sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forms_app.models import CustomForm, Member, Webhook, WebhookDelivery
from tests.apaas.conftest import Api, administer
from tests.factories import make_token, make_webhook

URL = "https://hooks.example.com/apaas"


@pytest.fixture
def admin(alice: Member) -> Api:
    administer(alice)
    return Api(make_token(alice)[1])


def deliveries(webhook: Webhook, count: int) -> list[WebhookDelivery]:
    now = timezone.now()
    return WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            webhook=webhook,
            message_id=f"msg_{number}",
            event="form_entity.created",
            custom_form_id=webhook.custom_form_id,
            stream="record",
            subject_id=number,
            entry_id=number,
            record_id=number,
            status="failed" if number % 2 else "delivered",
            answer_status=500 if number % 2 else 200,
            answer="so",
            milliseconds=1.5,
            at=now - timedelta(hours=number),
        )
        for number in range(1, count + 1)
    )


def test_deliveries_are_listed_and_sent_again(admin: Api, form: CustomForm, alice: Member) -> None:
    webhook = make_webhook(form, alice, url=URL, enabled=True)
    rows = deliveries(webhook, 4)
    path = f"webhooks/{webhook.pk}"
    listed = admin.ok("GET", f"{path}/deliveries?per_page=3")
    assert [row["record_id"] for row in listed["models"]] == [1, 2, 3]
    assert listed["models"][0] == {
        "id": rows[0].pk,
        "message_id": "msg_1",
        "event": "form_entity.created",
        "custom_form_id": form.pk,
        "record_id": 1,
        "status": "failed",
        "attempts": 1,
        "answer_status": 500,
        "answer": "so",
        "error": None,
        "milliseconds": listed["models"][0]["milliseconds"],
        "at": listed["models"][0]["at"],
        "again": False,
    }
    assert [row["record_id"] for row in admin.ok("GET", f"{path}/deliveries?status=failed")["models"]] == [1, 3]
    assert admin.ok("POST", f"{path}/replay", {"delivery_id": rows[3].pk}) == {"count": 1}
    span = {"since": (timezone.now() - timedelta(hours=2.5)).isoformat(), "until": timezone.now().isoformat()}
    assert admin.ok("POST", f"{path}/replay", span) == {"count": 2}
    again = [row["record_id"] for row in admin.ok("GET", f"{path}/deliveries")["models"] if row["again"]]
    assert again == [1, 2, 4]


def test_what_can_not_be_sent_again_is_refused(
    admin: Api, form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook, other = make_webhook(form, alice, url=URL, enabled=True), make_webhook(form, alice)
    (row, *_rest) = deliveries(webhook, 3)
    path = f"webhooks/{webhook.pk}/replay"
    assert admin.faults("POST", path) == [("delivery_id", "required", None)]
    both = {"delivery_id": row.pk, "since": "2020-01-01"}
    assert admin.faults("POST", path, both) == [("delivery_id", "required", None)]
    assert admin.faults("POST", path, {"delivery_id": row.pk + 99}, status=404) == [
        ("delivery_id", "unknown_delivery", None)
    ]
    assert admin.faults("POST", f"webhooks/{other.pk}/replay", {"since": "2020-01-01"}, status=409) == [
        ("id", "switched_off", None)
    ]
    monkeypatch.setattr("forms_app.webhooks.writes.MOST_AGAIN", 2)
    assert admin.faults("POST", path, {"since": "2020-01-01"}, status=413) == [("since", "too_many_items", None)]
