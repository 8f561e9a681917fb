"""Which webhooks have something to do now, and how much waits for one."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q

from forms_app.models import Webhook, WebhookDelivery, WebhookStuck
from forms_app.webhooks import schedule, source
from forms_app.webhooks.cursors import cursor_of
from forms_app.webhooks.events import STREAMS, actions_of
from forms_app.webhooks.standing import Stopped, forms_of

MOST_COUNTED = 10_000


class Waiting(NamedTuple):
    """What waits for a webhook: entries of its events that are not settled yet, counted up to MOST_COUNTED, before its
    filters are asked; and records whose events wait for another try."""

    entries: int
    records: int


def due() -> list[int]:
    """The webhooks that are to be delivered for now: one statement, and a small one for each form of each of them."""
    now = schedule.now()
    own = {"webhook": OuterRef("pk")}
    asked = Exists(WebhookDelivery.objects.filter(**own, again_at__isnull=False))
    stuck = Exists(WebhookStuck.objects.filter(**own, next_at__lte=now))
    free = Q(state__leased_until__isnull=True) | Q(state__leased_until__lt=now)
    ready = Q(state__next_at__isnull=True) | Q(state__next_at__lte=now)
    rows = Webhook.objects.filter(free, ready, enabled=True).annotate(work=asked | stuck)
    rows = rows.select_related("member", "state").order_by(F("state__delivered_at").asc(nulls_first=True))
    return [row.pk for row in rows if row.work or _has_news(row)]


def _has_news(webhook: Webhook) -> bool:
    try:
        schemas = forms_of(webhook)
    except Stopped:
        return True  # the run says so
    state = webhook.state
    return any(
        source.is_waiting(stream, schema.id, cursor_of(state.cursors, schema.id, stream, state.began).position)
        for schema in schemas
        for stream in STREAMS
    )


def waiting(webhook: Webhook) -> Waiting:
    """How much waits; nothing that it could be told of where it may not go on."""
    records = webhook.stuck.count()
    state = webhook.state
    try:
        schemas = forms_of(webhook)
    except Stopped:
        return Waiting(0, records)
    entries = 0
    for schema in schemas:
        for stream in STREAMS:
            if entries < MOST_COUNTED and (actions := actions_of(stream, webhook.events)):
                position = cursor_of(state.cursors, schema.id, stream, state.began).position
                entries += source.count_after(stream, schema.id, position, actions, MOST_COUNTED - entries)
    return Waiting(entries, records)
