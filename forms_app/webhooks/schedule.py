"""When what was refused is sent again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

RETRIES = (5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600)
"""Seconds until one record's event is sent again: the schedule of Standard Webhooks, 75 hours in all."""
PAUSES = (5, 30, 2 * 60, 5 * 60, 10 * 60)
"""Seconds until an address that accepts nothing is tried again; then always the last. One try is a few messages, and so
it is caught up soon after it is back."""
LONGEST = timedelta(hours=75)
"""So long nothing may be accepted."""


def now() -> datetime:
    """The time of what is scheduled. Tests set it."""
    return timezone.now()


def retry_at(attempts: int, wait: int = 0) -> datetime | None:
    """When an event that was refused so often is sent again, not before `wait` seconds; None: never."""
    return now() + timedelta(seconds=max(RETRIES[attempts - 1], wait)) if attempts <= len(RETRIES) else None


def pause_until(failures: int, wait: int = 0) -> datetime:
    """When an address is tried again that accepted nothing so often, not before `wait` seconds."""
    return now() + timedelta(seconds=max(PAUSES[min(failures, len(PAUSES)) - 1], wait))
