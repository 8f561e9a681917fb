"""Noting which costly indexes requests ask for: `forms_app.indexes.choosing` builds those, and no others.

A request pays for looking its terms up in memory. What is new is written down at once, by one statement; what is known
once an hour, so that it stays known.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from forms_app.caching.tagged import Tagged
from forms_app.database.cursor import fetch
from forms_app.database.replicas import by_primary
from forms_app.field_types import Column
from forms_app.indexes import together
from forms_app.records.query import Filter, Term, Terms
from forms_app.records.query.answers import usable

AGAIN_SECONDS = 3600

_noted: Tagged[dict[tuple[int, str], float]] = Tagged(
    "when this process last wrote a use of an index down", dict, tag=None, most=100_000
)
"""By the field's id and the kind of index."""


def note(form_id: int, terms: Terms) -> None:
    """Note the costly indexes that would serve the terms, and the columns that they filter by together, whether there
    are such indexes or not. Not in a transaction, and not
    where the database may not be written to."""
    together.note(form_id, terms)
    now, noted = time.monotonic(), _noted.current()
    due = [key for key in set(_asked(terms)) if now - noted.get(key, -AGAIN_SECONDS) >= AGAIN_SECONDS]
    if not due or not usable():
        return
    noted.update(dict.fromkeys(due, now))
    sql = (
        "INSERT INTO form_field_use (custom_form_id, field_id, kind, used_at) "
        "SELECT %s, u.field_id, u.kind, clock_timestamp() FROM unnest(%s::bigint[], %s::text[]) u (field_id, kind) "
        "ON CONFLICT (custom_form_id, field_id, kind) DO UPDATE SET used_at = excluded.used_at RETURNING kind"
    )
    field_ids, kinds = zip(*sorted(due), strict=True)  # in one order: two that note the same never wait in a circle
    with by_primary():
        fetch(sql, [form_id, list(field_ids), list(kinds)])


def _asked(terms: Terms) -> Iterator[tuple[int, str]]:
    columns = list(_filtered(terms.filters))
    if terms.search:
        columns.append(terms.search.column)
    for column in columns:
        yield from _costly(column, sorts=False)
    if len(terms.sorts) == 1:  # with a second key no index serves the order
        yield from _costly(terms.sorts[0].column, sorts=True)


def _filtered(terms: Iterable[Term]) -> Iterator[Column]:
    """The columns of the filters that an index can serve."""
    for term in terms:
        if not isinstance(term, Filter):
            yield from _filtered(term.filters)
        elif term.column.lookups[term.op].indexed:
            yield term.column


def _costly(column: Column, *, sorts: bool) -> Iterator[tuple[int, str]]:
    for index in column.type.column_indexes(column):
        if index.costly and index.only_sorts is sorts and column.field_id:
            yield column.field_id, index.kind
