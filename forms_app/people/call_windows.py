"""Counting calls in windows of time, shared by all workers: those of an organization, and those of a token."""

from __future__ import annotations

from forms_app.database.cursor import fetch

# By hand: Django has neither ON CONFLICT with an expression nor RETURNING of an update.
HIT = """
INSERT INTO {table} AS held ({counted}, "window", calls) VALUES (%s, %s, 1)
ON CONFLICT ({counted}) DO UPDATE
SET calls = CASE WHEN held."window" = excluded."window" THEN held.calls + 1 ELSE 1 END, "window" = excluded."window"
RETURNING calls
"""
OF_ORGANIZATIONS = HIT.format(table="forms_app_callwindow", counted="organization_id")
OF_TOKENS = HIT.format(table="forms_app_tokencallwindow", counted="access_token_id")


def hit(*, organization_id: int, window: int) -> int:
    """Count one call of the organization in this window; gives how many it were by now."""
    return int(fetch(OF_ORGANIZATIONS, [organization_id, window])[0][0])


def token_hit(*, access_token_id: int, window: int) -> int:
    """The same for a token."""
    return int(fetch(OF_TOKENS, [access_token_id, window])[0][0])
