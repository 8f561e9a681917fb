"""Which columns requests filter by together, how often that took long, and how long. `forms_app.indexes` gives those
that cost much an index of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from forms_app.caching.tagged import Tagged
from forms_app.field_types import Column
from forms_app.operators.lookups import RANGE, VALUES
from forms_app.records.query.terms import AllFilters, AnyFilter, Filter, Term, Terms

MOST = 3
"""An index of more columns serves fewer requests, and costs every write as much."""
DEAR_SECONDS = 0.01
"""What was found sooner is not counted: an index would save little."""

Names = tuple[str, ...]


class Cost(NamedTuple):
    """How often a reading took long, and how long all of those took."""

    times: int = 0
    seconds: float = 0.0


costs: Tagged[dict[tuple[int, Names], Cost]] = Tagged(
    "what this process spent on filters of several columns, and has not written down", dict, tag=None, most=10_000
)
"""By the form's id and the columns' names."""


def together(terms: Terms) -> Names:
    """The names of the columns that the terms filter by together, in the order of an index that serves them all: those
    of which values are named, then at most one of which a range is. At most three; none where there are not two."""
    valued: dict[str, Column] = {}
    ranged: dict[str, Column] = {}
    for term in _each(terms.filters):
        narrows = term.column.lookups[term.op].narrows
        if narrows and key_of(term.column):
            (valued if narrows == VALUES else ranged)[term.column.name] = term.column
    # A column that is elsewhere asked for by a range stands last here, too: one index for both.
    names = sorted(valued, key=lambda name: (takes_ranges(valued[name]), name))
    last = sorted(ranged.keys() - valued.keys())[:1]
    found = (*names[: MOST - len(last)], *last)
    return found if len(found) > 1 else ()


def took(form_id: int, terms: Terms, seconds: float) -> None:
    """Count a reading of these terms, if it took long and an index of several columns could serve it."""
    if seconds >= DEAR_SECONDS and (names := together(terms)):
        spent = costs.current()
        times, before = spent.get((form_id, names), Cost())
        spent[form_id, names] = Cost(times + 1, before + seconds)


def key_of(column: Column) -> str:
    """The column's key in an index of several columns; "" where it can't stand in one."""
    keys = (index.key(column.expression) for index in column.type.column_indexes(column))
    return next(filter(None, keys), "")


def takes_ranges(column: Column) -> bool:
    """Whether a range of the column's values can be asked for."""
    return any(lookup.narrows == RANGE for lookup in column.lookups.values())


def _each(terms: Iterable[Term]) -> Iterator[Filter]:
    """The filters that every record has to satisfy."""
    for term in terms:
        if isinstance(term, Filter):
            yield term
        elif isinstance(term, AllFilters) or (isinstance(term, AnyFilter) and len(term.filters) == 1):
            yield from _each(term.filters)
