"""Exact totals: of the whole form by its counters, of a selection counted once until the form changes."""

from __future__ import annotations

import time

from forms_app.database.cursor import fetch
from forms_app.operators.lookups import Condition
from forms_app.records.query.answers import CHANGES, Answer, key_of, remember, remembered, usable

WORTH_COUNT = 500
"""So many are not counted anew at each request. Fewer are, where an index finds them: on a busy machine that takes long
too, and writing it down longer."""
WORTH_SECONDS = 0.02
"""Nor what was looked for so long, however few they are."""


def known(form_id: int, where: Condition) -> Condition:
    """SQL, to stand in a select list, of how many records satisfy the condition, as far as that is known without
    counting: NULL where it is not."""
    if not where[0]:
        return "(SELECT coalesce(sum(live), 0)::bigint FROM form_counter WHERE custom_form_id = %s)", [int(form_id)]
    if not usable():
        return "NULL::bigint", []
    held, bound = remembered(form_id, key(where), 0)
    return f"(SELECT answer::bigint FROM {held})", bound


def total(form_id: int, where: Condition) -> int:
    """How many records satisfy the condition: known, or counted."""
    sql, values = known(form_id, where)
    known_total = fetch(f"SELECT {sql}", values)[0][0]
    return counted(form_id, where) if known_total is None else int(known_total)


def counted(form_id: int, where: Condition) -> int:
    """How many records satisfy a condition that is not known yet; then it is."""
    form, (condition, values) = int(form_id), where
    sql = f"SELECT count(*), {CHANGES.format(form=form)} FROM form_entity WHERE custom_form_id = {form} AND {condition}"
    began = time.perf_counter()
    ((count, changes),) = fetch(sql, values, selective=True)  # one statement: the changes of its own snapshot
    if usable() and worth(count, time.perf_counter() - began):
        remember(form, [Answer(key(where), 0, changes, count)])
    return int(count)


def key(where: Condition) -> str:
    """The key of a selection's total."""
    condition, values = where
    return key_of(condition, list(values))


def worth(count: int, seconds: float) -> bool:
    """Whether a total is worth writing down, by how many records it is and how long they were looked for."""
    return count >= WORTH_COUNT or seconds >= WORTH_SECONDS
