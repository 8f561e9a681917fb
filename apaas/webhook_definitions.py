"""Webhooks and their deliveries as clients read them (docs/contract.md §5.5)."""

from __future__ import annotations

from typing import Any

from apaas.definitions import time_of
from apaas.people_definitions import time_or_none
from forms_app.models import Webhook, WebhookDelivery
from forms_app.webhooks.due import waiting
from forms_app.webhooks.standing import condition


def webhook_of(row: Webhook) -> dict[str, Any]:
    """A webhook, without its secret."""
    state, left = row.state, waiting(row)
    return {
        "id": row.pk,
        "custom_form_id": row.custom_form_id,
        "custom_app_id": row.custom_app_id,
        "url": row.url,
        "events": row.events,
        "filters": row.filters,
        "enabled": row.enabled,
        "state": condition(row),
        "stopped": state.stopped or None,
        "error": state.error or None,
        "failing_since": time_or_none(state.failing_since),
        "next_at": time_or_none(state.next_at),
        "delivered_at": time_or_none(state.delivered_at),
        "waiting": {"events": left.entries, "records": left.records},
        "uid": row.member.uid,
        "created_at": time_of(row.created_at),
        "updated_at": time_of(row.updated_at),
    }


def delivery_of(row: WebhookDelivery) -> dict[str, Any]:
    """A delivery: what was sent when, and what was answered."""
    return {
        "id": row.pk,
        "message_id": row.message_id,
        "event": row.event,
        "custom_form_id": row.custom_form_id,
        "record_id": row.record_id,
        "status": row.status,
        "attempts": row.attempts,
        "answer_status": row.answer_status,
        "answer": row.answer,
        "error": row.error or None,
        "milliseconds": row.milliseconds,
        "at": time_of(row.at),
        "again": row.again_at is not None,
    }
