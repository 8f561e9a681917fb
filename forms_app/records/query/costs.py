"""What a query may cost: refused where that is known before, cancelled at the limit of time elsewhere. Either way the
fault names the terms that no index serves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from django.conf import settings
from django.db import OperationalError
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from forms_app.caching.tagged import Tagged
from forms_app.exceptions import Fault, TooExpensive
from forms_app.field_types import Column
from forms_app.operators.index_kinds import BTREE, ORDER
from forms_app.records.query import totals
from forms_app.records.query.terms import AllFilters, AnyFilter, Filter, Search, Sort, Terms
from forms_app.records.query.together import took
from forms_app.schema.form_schema import FormSchema

COUNTED_EVERY = 60
"""Seconds for which the size of a form may be that of before: it decides what is refused, and nothing else."""
_sizes: Tagged[dict[int, tuple[float, int]]] = Tagged(
    "how many records forms had, and when that was", dict, tag=None, most=50_000
)

Term = Filter | Search | Sort


class Query(Protocol):
    """What is asked: of which form, under which terms, and these with what the actor's rows must satisfy."""

    @property
    def schema(self) -> FormSchema: ...
    @property
    def terms(self) -> Terms: ...
    @property
    def reached(self) -> Terms: ...


Q = TypeVar("Q", bound=Query)
P = ParamSpec("P")
R = TypeVar("R")


def affordable(read: Callable[Concatenate[Q, P], R]) -> Callable[Concatenate[Q, P], R]:
    """A reading of a query that raises TooExpensive instead of asking what is known to take too long, and where
    PostgreSQL cancelled it at the limit. How long it took is counted for the columns that it filters by together."""

    @wraps(read)
    def attempt(query: Q, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if query.reached is query.terms:  # how many records there are tells nobody who may not read them all
            refuse_dear(query.schema, query.terms)
        began = time.perf_counter()
        try:
            return read(query, *args, **kwargs)
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            raise TooExpensive(cancelled(query.terms)) from error
        finally:
            took(query.schema.id, query.reached, time.perf_counter() - began)

    return attempt


def refuse_dear(schema: FormSchema, terms: Terms) -> None:
    """Refuse what would look through more than MAX_SCANNED_VALUES: each record of the form, by several conditions of
    which no index serves any. A single one is asked, however large the form. Raises TooExpensive."""
    if any(served(term) for term in terms.filters) or (terms.search and served(terms.search)):
        return  # how many records that leaves is not known
    scanned: list[Term] = [*_leaves(terms.filters)]
    if terms.search:
        scanned.append(terms.search)
    most = settings.MAX_SCANNED_VALUES
    if len(scanned) < 2 or (records := size(schema.id)) * len(scanned) <= most:
        return
    message = _(
        "No index serves this condition. {conditions} such conditions on {records} records are more than a query may "
        "look through: {most} values. Ask fewer, or with them one that an index serves."
    ).format(conditions=len(scanned), records=records, most=most)
    raise TooExpensive(_named(scanned, message, allowed={"max": most}, got=len(scanned) * records))


def cancelled(terms: Terms) -> list[Fault]:
    """The faults of a query that took too long: each term that no index serves, or the query where all are served."""
    seconds = settings.STATEMENT_SECONDS
    message = _("The query took longer than {seconds} seconds, and no index serves this term of it.")
    return _named(unserved(terms), message.format(seconds=seconds), allowed={"seconds": seconds}) or [too_long()]


def too_long() -> Fault:
    """The fault of a statement that took too long, whatever it was."""
    seconds = settings.STATEMENT_SECONDS
    message = _("It took longer than {seconds} seconds and was broken off.").format(seconds=seconds)
    return Fault("too_expensive", message, allowed={"seconds": seconds})


def unserved(terms: Terms) -> list[Term]:
    """The filters, also of groups, the search and the sort keys that no index serves."""
    found: list[Term] = [term for term in _leaves(terms.filters) if not served(term)]
    if terms.search and not served(terms.search):
        found.append(terms.search)
    if len(terms.sorts) > 1 or any(not _sorts_by_index(sort.column) for sort in terms.sorts):
        found += terms.sorts  # with a second key no index serves the order
    return found


def served(term: Filter | AnyFilter | AllFilters | Search) -> bool:
    """Whether an index finds what the term asks for; of a group, what any of its filters asks for."""
    if isinstance(term, AnyFilter):
        return all(served(inner) for inner in term.filters)
    if isinstance(term, AllFilters):
        return any(served(inner) for inner in term.filters)
    return term.column.finds_by_index(term.op)


def size(form_id: int) -> int:
    """How many records the form has, or had a minute ago, by its counters."""
    sizes, now = _sizes.current(), time.monotonic()
    read_at, records = sizes.get(form_id, (0.0, 0))
    if form_id not in sizes or now - read_at > COUNTED_EVERY:
        records = totals.total(form_id, ("", []))
        sizes[form_id] = now, records
    return records


def _leaves(filters: Iterable[Filter | AnyFilter | AllFilters]) -> Iterator[Filter]:
    for term in filters:
        if isinstance(term, Filter):
            yield term
        else:
            yield from _leaves(term.filters)


def _sorts_by_index(column: Column) -> bool:
    return column.field_id is None or not column.ready.isdisjoint((BTREE.kind, ORDER.kind))


def _named(terms: Iterable[Term], message: str, **said: Any) -> list[Fault]:
    """A fault for each column of the terms."""
    columns = {term.column.name: term.column for term in terms}
    return [Fault("too_expensive", message, field=c.name, label=str(c.label), **said) for c in columns.values()]
