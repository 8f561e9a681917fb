"""Sessions and wrong passwords that count no more are removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from forms_app.journal.jobs import purge_sessions

pytestmark = pytest.mark.django_db


def test_what_is_over_goes_and_what_counts_stays() -> None:
    now = timezone.now()
    for name, days in (("over", -1), ("runs", 1)):
        Session.objects.create(session_key=name, session_data="", expire_date=now + timedelta(days=days))
    lock = settings.SIGN_IN_LOCK_SECONDS
    for name, seconds in (("forgiven", lock + 1), ("locked", lock - 60)):
        attempt = AccessAttempt.objects.create(username=name, ip_address="192.0.2.1", failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - timedelta(seconds=seconds))
    assert purge_sessions(0) == 2
    assert [session.pk for session in Session.objects.all()] == ["runs"]
    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["locked"]
    assert purge_sessions(0) == 0
