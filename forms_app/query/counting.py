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
    """How many records satisfy the condition: remembered, or counted."""
    form = int(form_id)
    counting = (
        f"SELECT count(*), {CHANGES.format(form=form)} FROM form_entity WHERE custom_form_id = {form} AND {where}"
    )
    if not usable():
        return int(fetch(counting, values, selective=True)[0][0])
    key = key_of(where, values)
    sql = (
        f"SELECT answer::bigint FROM form_remembered WHERE custom_form_id = {form} AND key = %s AND place = 0 "
        f"AND changes = {CHANGES.format(form=form)}"
    )
    if held := fetch(sql, [key]):
        return int(held[0][0])
    began = time.perf_counter()
    ((found, changes),) = fetch(counting, values, selective=True)  # one statement: the changes of its own snapshot
    if time.perf_counter() - began >= WORTH_SECONDS:
        remember(form, key, changes, found)
    return int(found)
