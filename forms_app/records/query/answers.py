"""What a form's queries found, remembered for all workers in one table until the form changes.

An answer is kept with the sum of the form's changes at which it was found, and holds as long as that is the sum. All
that decides it is in its key: the SQL and the values that are bound, departments resolved. In a transaction nothing is
remembered or recalled: it may have changed records that are counted only at its end, and would hold rows of the memory
that other readers wait for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from forms_app.database.cursor import fetch
from forms_app.database.replicas import by_primary, on_replica
from forms_app.exact_json import dumps
from forms_app.operators.lookups import Condition

WORTH_SECONDS = 0.002
"""What was found faster is not worth a write."""

CHANGES = "(SELECT coalesce(sum(changes), 0)::bigint FROM form_counter WHERE custom_form_id = {form})"
"""How often the form was changed. Read it in the statement that finds the answer, or before."""


class Answer(NamedTuple):
    """What was found, with the sum of changes at which it was. `place` tells apart answers of one key."""

    key: str
    place: int
    changes: int
    value: Any


def usable() -> bool:
    """Whether this statement may use the memory."""
    return settings.REMEMBERED_ANSWERS > 0 and not connection.in_atomic_block


def key_of(*deciding: Any) -> str:
    """The key of an answer by all that decides it: texts, numbers, times, and lists of them."""
    return hashlib.blake2b(repr(deciding).encode(), digest_size=16).hexdigest()


def remembered(form_id: int, key: str, place: int) -> Condition:
    """SQL, to stand behind FROM, of the `answer` that is remembered and holds."""
    form = int(form_id)
    changes = CHANGES.format(form=form)
    if not on_replica():
        return f"form_remembered WHERE custom_form_id = {form} AND key = %s AND place = %s AND changes = {changes}", [
            key,
            place,
        ]
    # The memory is in no log, so a replica has none: what the primary's says, for the replica's sum of changes.
    sql = f"SELECT answer::text, changes FROM form_remembered WHERE custom_form_id = {form} AND key = %s AND place = %s"
    with by_primary():
        rows = fetch(sql, [key, place])
    return f"(SELECT %s::jsonb AS answer) held WHERE %s = {changes}", [*(rows[0] if rows else (None, -1))]


def remember(form_id: int, answers: Sequence[Answer]) -> None:
    """Keep answers; the form's oldest ones go when there are too many."""
    with by_primary():
        _remember(form_id, answers)


def _remember(form_id: int, answers: Sequence[Answer]) -> None:
    form = int(form_id)
    sql = (
        "WITH kept AS (INSERT INTO form_remembered (custom_form_id, key, place, changes, answer, remembered_at) "
        f"SELECT {form}, key, place, changes, answer::jsonb, clock_timestamp() "
        "FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[]) a (key, place, changes, answer) "
        "ON CONFLICT (custom_form_id, key, place) DO UPDATE "
        "SET changes = excluded.changes, answer = excluded.answer, remembered_at = excluded.remembered_at "
        f"RETURNING place) SELECT count(*) FROM form_remembered WHERE custom_form_id = {form}"
    )
    # In one order: two that keep the same never wait in a circle.
    ordered = sorted(answers, key=lambda answer: answer[:2])
    rows = [(key, place, changes, dumps(value).decode()) for key, place, changes, value in ordered]
    count = fetch(sql, [list(column) for column in zip(*rows, strict=True)])[0][0]
    if count > settings.REMEMBERED_ANSWERS:
        _forget(form, settings.REMEMBERED_ANSWERS, "true")


def forget(form_id: int, most: int, which: str) -> None:
    """Let the form's oldest answers for which this SQL is true go, where they are more than so many."""
    form = int(form_id)
    sql = f"SELECT count(*) FROM form_remembered WHERE custom_form_id = {form} AND {which}"
    if fetch(sql, [])[0][0] > most:
        _forget(form, most, which)


def _forget(form: int, most: int, which: str) -> None:
    """Let the oldest tenth go, and what is beyond `most`. Rows that another connection is writing are left to it:
    nobody who forgets waits, so nobody waits in a circle."""
    oldest = (
        f"SELECT remembered_at FROM form_remembered WHERE custom_form_id = {form} AND {which} "
        f"ORDER BY remembered_at DESC OFFSET {most - most // 10 - 1} LIMIT 1"
    )
    sql = (
        f"DELETE FROM form_remembered WHERE custom_form_id = {form} AND (key, place) IN (SELECT key, place "
        f"FROM form_remembered WHERE custom_form_id = {form} AND {which} AND remembered_at < ({oldest}) "
        "FOR UPDATE SKIP LOCKED) RETURNING place"
    )
    fetch(sql, [])
