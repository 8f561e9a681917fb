"""Old entries go by night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from forms_app.audit import jobs
from forms_app.models import AuditEntry


@pytest.mark.django_db
def test_entries_go_when_they_are_older_than_the_setting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    settings.AUDIT_DAYS = 10
    now = timezone.now()
    for days in (1, 9.9, 10.1, 11, 400):
        AuditEntry.objects.create(
            kind="member", object_id=1, page_kind="member", page_id=1, action="changed", at=now - timedelta(days=days)
        )
    jobs.purge(timestamp=0)
    assert [(now - each.at) / timedelta(days=1) for each in AuditEntry.objects.order_by("-at")] == [1, 9.9]
    settings.AUDIT_DAYS = 0
    AuditEntry.objects.update(at=now - timedelta(days=9_000))
    jobs.purge(timestamp=0)
    assert AuditEntry.objects.count() == 2
