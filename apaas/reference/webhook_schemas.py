"""The schemas of the calls on webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from apaas.reference.openapi_schemas import ID, NATURAL, TEXT_OR_NULL, TIME, paged, success
from apaas.reference.people_schemas import FLAG, NUMBER_OR_NULL, TIME_OR_NULL
from apaas.reference.term_schemas import TEXT, Schema, ref, thing
from forms_app.models import WebhookDelivery, WebhookState
from forms_app.webhooks.events import EVENTS

WEBHOOK: Schema = {
    "id": ID,
    "custom_form_id": NUMBER_OR_NULL,
    "custom_app_id": NUMBER_OR_NULL,
    "url": TEXT,
    "events": {"type": "array", "items": {"type": "string", "enum": list(EVENTS)}},
    "filters": {"type": "array", "items": {"type": "object"}},
    "enabled": FLAG,
    "state": {"type": "string", "enum": ["on", "off", "failing", "stopped"]},
    "stopped": {"type": ["string", "null"], "enum": [*WebhookState.Stopped.values, None]},
    "error": TEXT_OR_NULL,
    "failing_since": TIME_OR_NULL,
    "next_at": TIME_OR_NULL,
    "delivered_at": TIME_OR_NULL,
    "waiting": thing({"events": NATURAL, "records": NATURAL}, ["events", "records"]),
    "uid": ID,
    "created_at": TIME,
    "updated_at": TIME,
}
DELIVERY: Schema = {
    "id": ID,
    "message_id": TEXT,
    "event": TEXT,
    "custom_form_id": NUMBER_OR_NULL,
    "record_id": NUMBER_OR_NULL,
    "status": {"type": "string", "enum": WebhookDelivery.Status.values},
    "attempts": NATURAL,
    "answer_status": NUMBER_OR_NULL,
    "answer": TEXT,
    "error": TEXT_OR_NULL,
    "milliseconds": {"type": "number", "minimum": 0},
    "at": TIME,
    "again": FLAG,
}
WEBHOOK_SCHEMAS: Mapping[str, Schema] = {
    "Webhook": thing(WEBHOOK, list(WEBHOOK)),
    "WebhookDelivery": thing(DELIVERY, list(DELIVERY)),
    "WebhooksAnswer": success(paged(ref("Webhook"))),
    "WebhookAnswer": success(ref("Webhook")),
    "NewWebhookAnswer": success(thing({**WEBHOOK, "secret": TEXT}, [*WEBHOOK, "secret"])),
    "WebhookDeliveriesAnswer": success(paged(ref("WebhookDelivery"))),
    "WebhookReplayAnswer": success(thing({"count": NATURAL}, ["count"])),
}
WEBHOOK_ANSWERS: Mapping[str, str] = {
    "webhooks": "WebhooksAnswer",
    "webhook": "WebhookAnswer",
    "webhook_create": "NewWebhookAnswer",
    "webhook_update": "WebhookAnswer",
    "webhook_delete": "DoneAnswer",
    "webhook_deliveries": "WebhookDeliveriesAnswer",
    "webhook_replay": "WebhookReplayAnswer",
}
