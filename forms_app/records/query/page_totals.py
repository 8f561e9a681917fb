"""A page for somebody who waits for it: it never fails for want of a total. To count a million records exactly may take
longer than a statement may, while their first page takes milliseconds."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from forms_app.database.running import limited
from forms_app.exceptions import TooExpensive
from forms_app.records.query.costs import size
from forms_app.records.query.entity_query import EntityQuery, EntityRow

SECONDS = 1.0
"""So long a person waits for an exact total."""
FEW = 50_000
"""Records that are always counted: that takes no such time."""
MANY = 1_000
"""Where there are more, and no exact total, it is said that there are more than these."""


class Total(NamedTuple):
    """How many records match: exactly, or more than `number`."""

    number: int
    is_exact: bool = True


def page_and_total(query: EntityQuery, limit: int, offset: int) -> tuple[list[EntityRow], Total]:
    """`limit` records from `offset` on, and how many match. Raises TooExpensive where the page itself takes too long,
    or is known to."""
    if size(query.schema.id) < FEW or not (query.reached.filters or query.reached.search):
        rows, count = query.page_and_count(limit, offset)
        return rows, Total(count)
    try:
        with transaction.atomic(), limited(SECONDS):
            rows, count = query.page_and_count(limit, offset)
        return rows, Total(count)
    except TooExpensive:
        pass
    try:
        with transaction.atomic(), limited(SECONDS):
            rows = query.page(limit, offset)
    except TooExpensive:  # many match, and they are far apart in this order: to gather them all is quicker
        rows, count = query.page_and_count(limit, offset)
        return rows, Total(count)
    least = offset + len(rows) - 1 if rows else 0
    return rows, Total(MANY if least < MANY and _has_more_than(query, MANY) else least, is_exact=False)


def _has_more_than(query: EntityQuery, number: int) -> bool:
    """Whether so many match and one more; not known in the time means no."""
    try:
        with transaction.atomic(), limited(SECONDS):
            return bool(query.page(1, number))
    except TooExpensive:
        return False
