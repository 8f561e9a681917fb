"""Counting calls in windows of time, shared by all workers."""

from __future__ import annotations

from forms_app.database.cursor import fetch

# By hand: Django has neither ON CONFLICT with an expression nor RETURNING of an update.
HIT = """
INSERT INTO forms_app_callwindow AS held (organization_id, "window", calls) VALUES (%s, %s, 1)
ON CONFLICT (organization_id) DO UPDATE
SET calls = CASE WHEN held."window" = excluded."window" THEN held.calls + 1 ELSE 1 END, "window" = excluded."window"
RETURNING calls
"""


def hit(*, organization_id: int, window: int) -> int:
    """Count one call of the organization in this window; gives how many it were by now."""
    return int(fetch(HIT, [organization_id, window])[0][0])
