"""Notes are kept for so many days: ACCESS_EVENT_DAYS, CALL_LOG_DAYS."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

BATCH = 10_000
"""So many rows go at a time: nobody waits for them, and vacuum may come in between."""
MOST_UNKNOWN = 1_000_000
"""So many events of nobody's organization are kept, whatever comes: the newest."""
# By hand: Django's deletes fetch the rows, or delete all at once.
OLD = """
DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE at < %s ORDER BY at LIMIT %s)
"""
BEYOND = """
DELETE FROM forms_app_accessevent WHERE id IN (
    SELECT id FROM forms_app_accessevent WHERE organization_id IS NULL ORDER BY id DESC OFFSET %s LIMIT %s)
"""
EXPIRED = """
DELETE FROM django_session WHERE session_key IN (
    SELECT session_key FROM django_session WHERE expire_date < %s ORDER BY expire_date LIMIT %s)
"""
FORGIVEN = """
DELETE FROM axes_accessattempt WHERE id IN (SELECT id FROM axes_accessattempt WHERE attempt_time < %s LIMIT %s)
"""


def purge() -> dict[str, int]:
    """Remove what was kept for long enough: how many rows of each table."""
    now = timezone.now()
    kept = {
        "forms_app_accessevent": settings.ACCESS_EVENT_DAYS,
        "forms_app_apicall": settings.CALL_LOG_DAYS,
    }
    gone = {
        table: _in_batches(OLD.format(table=table), now - timedelta(days=days), BATCH) for table, days in kept.items()
    }
    gone["forms_app_accessevent"] += _in_batches(BEYOND, MOST_UNKNOWN, BATCH)
    return gone


def purge_sessions() -> int:
    """Remove expired sessions, and wrong passwords for which nobody waits any more: how many rows."""
    now = timezone.now()
    lock = now - timedelta(seconds=settings.SIGN_IN_LOCK_SECONDS)
    return _in_batches(EXPIRED, now, BATCH) + _in_batches(FORGIVEN, lock, BATCH)


def _in_batches(statement: str, *values: Any) -> int:
    """Run the statement until it finds fewer rows than a batch."""
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            found: int = cursor.rowcount
        total += found
        if found < BATCH:
            return total
