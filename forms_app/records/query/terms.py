"""The checked values of a query. Whoever parses doesn't compile; whoever compiles never sees a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from forms_app.field_types import Column
from forms_app.operators.like import Contains


@dataclass(frozen=True)
class Filter:
    """`column` `op` `operand`; the op is one of the column's lookups, the operand as its type parsed it."""

    column: Column
    op: str
    operand: Any


@dataclass(frozen=True)
class AnyFilter:
    """At least one of the filters holds."""

    filters: tuple[Term, ...]


@dataclass(frozen=True)
class AllFilters:
    """Each of the filters holds."""

    filters: tuple[Term, ...]


Term = Filter | AnyFilter | AllFilters


@dataclass(frozen=True)
class Search:
    """The column's text contains `term`."""

    column: Column
    term: str
    op: ClassVar[str] = Contains.name


@dataclass(frozen=True)
class Sort:
    column: Column
    descending: bool = False


@dataclass(frozen=True)
class Terms:
    """All that restricts and orders a query: filters joined by AND, at most one search, sort keys in their order."""

    filters: tuple[Term, ...] = ()
    search: Search | None = None
    sorts: tuple[Sort, ...] = ()

    @property
    def columns(self) -> Iterator[Column]:
        """All columns that restrict or order; one may come several times."""
        yield from _columns(self.filters)
        if self.search:
            yield self.search.column
        for sort in self.sorts:
            yield sort.column

    @property
    def only_search(self) -> bool:
        """Whether a search is all that restricts."""
        return self.search is not None and not self.filters


def _columns(filters: tuple[Term, ...]) -> Iterator[Column]:
    for term in filters:
        if isinstance(term, Filter):
            yield term.column
        else:
            yield from _columns(term.filters)
