"""Background work on webhooks: looking what waits, delivering it, and removing old deliveries."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from procrastinate.contrib.django import app

from forms_app.database.queue import defer_once
from forms_app.models import WebhookDelivery
from forms_app.webhooks import delivering, schedule
from forms_app.webhooks.due import due

AT_ONCE = 10_000


@app.periodic(cron="* * * * * */2")
@app.task(name="webhooks.look", queue="webhooks", queueing_lock="webhooks.look")
def look(timestamp: int) -> None:
    """Every two seconds: a job for each webhook that something waits for."""
    for webhook_id in due():
        defer_once("webhooks.deliver", f"webhooks.deliver {webhook_id}", webhook_id=webhook_id)


@app.task(name="webhooks.deliver", queue="webhooks")
def deliver(*, webhook_id: int) -> None:
    """Deliver for one webhook for some seconds; where more waits then, others come first."""
    if delivering.deliver(webhook_id):
        defer_once("webhooks.deliver", f"webhooks.deliver {webhook_id}", webhook_id=webhook_id)


@app.periodic(cron="53 19 * * *")
@app.task(name="webhooks.purge", queue="purge", queueing_lock="webhooks.purge")
def purge(timestamp: int) -> int:
    """Each day: deliveries older than WEBHOOK_DELIVERY_DAYS go, some at a time, each lot in its own transaction; how
    many."""
    gone = 0
    old = WebhookDelivery.objects.filter(at__lt=schedule.now() - timedelta(days=settings.WEBHOOK_DELIVERY_DAYS))
    while keys := list(old.order_by("at").values_list("pk", flat=True)[:AT_ONCE]):
        gone += WebhookDelivery.objects.filter(pk__in=keys).delete()[0]
    return gone
