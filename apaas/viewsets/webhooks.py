"""Webhooks, for who designs the form or the app (docs/contract.md §5.5)."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from apaas.envelope import NO_DATA
from apaas.viewsets.custom_apps import answered
from apaas.viewsets.exactly_once import exactly_once
from apaas.viewsets.people import PeopleViewSet
from apaas.webhook_definitions import delivery_of, webhook_of
from forms_app.models import Webhook
from forms_app.webhooks import writes
from forms_app.webhooks.standing import webhooks_of


class WebhookViewSet(PeopleViewSet):
    """The webhooks of what the caller designs."""

    calls = {
        "list": "webhooks",
        "retrieve": "webhook",
        "create": "webhook_create",
        "update": "webhook_update",
        "destroy": "webhook_delete",
        "deliveries": "webhook_deliveries",
        "replay": "webhook_replay",
    }

    def list(self, request: Request) -> HttpResponseBase:
        """All of them."""
        return answered(self, webhooks_of(self.actor).select_related("member", "state").order_by("id"), webhook_of)

    def retrieve(self, request: Request, webhook_id: int) -> HttpResponseBase:
        """One webhook, and what waits for it."""
        row = self.found(webhook_id)
        self.checked_values()
        return self.answer(webhook_of(row))

    def create(self, request: Request) -> HttpResponseBase:
        """A new webhook; this answer alone holds its secret."""
        row, secret = writes.webhook_make(values=self.sent, actor=self.actor)
        return self.answer({**webhook_of(row), "secret": secret})

    @exactly_once
    def update(self, request: Request, webhook_id: int) -> HttpResponseBase:
        """The webhook with what was sent, and the rest as it was. From now on it reads as the caller."""
        row = self.found(webhook_id)
        writes.webhook_change(webhook=row, values=self.sent, actor=self.actor)
        return self.answer(webhook_of(self.found(webhook_id)))

    @exactly_once
    def destroy(self, request: Request, webhook_id: int) -> HttpResponseBase:
        """Remove it, with its deliveries."""
        row = self.found(webhook_id)
        self.checked_values()
        writes.webhook_delete(webhook=row, actor=self.actor)
        return self.answer(NO_DATA)

    def deliveries(self, request: Request, webhook_id: int) -> HttpResponseBase:
        """What was sent, the last first."""
        rows = self.found(webhook_id).deliveries.order_by("-at", "-id")
        status = self.checked_values()["status"]
        return answered(self, rows.filter(status=status) if status else rows, delivery_of)

    @exactly_once
    def replay(self, request: Request, webhook_id: int) -> HttpResponseBase:
        """Have one delivery, or those of a span of time, sent again."""
        row, values = self.found(webhook_id), self.checked_values()
        count = writes.webhook_replay(webhook=row, actor=self.actor, **{name: values[name] for name in self.own_names})
        return self.answer({"count": count})

    def found(self, webhook_id: int) -> Webhook:
        return writes.webhook_of(self.actor, webhook_id)
