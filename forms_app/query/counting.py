"""Exact totals: of the whole form by its counters, of a selection counted once until the form changes."""

from __future__ import annotations

import time
from typing import Any

from forms_app.query.cursor import fetch
from forms_app.query.remembered import CHANGES, WORTH_SECONDS, key_of, remember, usable


def whole(form_id: int) -> int:
    """How many records the form holds."""
    sql = f"SELECT coalesce(sum(live), 0)::bigint FROM form_counter WHERE custom_form_id = {int(form_id)}"
    return int(fetch(sql, [])[0][0])


def matching(form_id: int, where: str, values: list[Any]) -> int:
    """How many records satisfy the condition: remembered, or counted in the same statement."""
    form = int(form_id)
    counting = f"SELECT count(*) FROM form_entity WHERE custom_form_id = {form} AND {where}"
    if not usable():
        return int(fetch(counting, values)[0][0])
    key = key_of(where, values)
    # The CASE counts only where nothing is remembered; all of it sees one snapshot.
    sql = (
        f"SELECT CASE WHEN held.answer IS NULL THEN ({counting}) ELSE held.answer::bigint END, held.answer IS NULL, "
        f"now.changes FROM (SELECT {CHANGES.format(form=form)} AS changes OFFSET 0) now LEFT JOIN form_remembered held "
        f"ON held.custom_form_id = {form} AND held.key = %s AND held.place = 0 AND held.changes = now.changes"
    )
    began = time.perf_counter()
    ((found, counted, changes),) = fetch(sql, [*values, key])
    if counted and time.perf_counter() - began >= WORTH_SECONDS:
        remember(form, key, changes, found)
    return int(found)
