"""Keys are kept for IDEMPOTENCY_HOURS; then they are free again."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from forms_app.models import CustomForm, IdempotencyKey


def keys_purge() -> int:
    """Remove the keys that were kept for long enough, form by form; how many."""
    before = timezone.now() - timedelta(hours=settings.IDEMPOTENCY_HOURS)
    gone = 0
    for form_id in [0, *CustomForm.objects.values_list("pk", flat=True)]:
        gone += IdempotencyKey.objects.of_form(form_id).filter(made_at__lt=before).delete()[0]
    return gone
