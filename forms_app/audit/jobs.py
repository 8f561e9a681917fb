"""Background work on the audit."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from forms_app.models import AuditEntry

AT_ONCE = 10_000


@app.periodic(cron="17 3 * * *")
@app.task(name="audit.purge", queue="purge", queueing_lock="audit_purge")
def purge(timestamp: int) -> int:
    """Every night: entries older than AUDIT_DAYS go, some at a time, each lot in its own transaction; how many."""
    gone = 0
    if not settings.AUDIT_DAYS:
        return gone
    old = AuditEntry.objects.filter(at__lt=timezone.now() - timedelta(days=settings.AUDIT_DAYS)).order_by("at")
    while keys := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        gone += AuditEntry.objects.filter(pk__in=keys).delete()[0]
    return gone
