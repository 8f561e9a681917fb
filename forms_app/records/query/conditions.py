"""Terms → SQL conditions. No field type is named here: columns bring their lookups."""

from __future__ import annotations

from typing import Any

from forms_app.field_types.base import Column, Directory
from forms_app.operators import operators
from forms_app.operators.like import Contains
from forms_app.operators.lookups import Condition
from forms_app.records.query.terms import AnyFilter, Filter, Search, Term, Terms

_contains = Contains()


def conditions(terms: Terms, directory: Directory) -> Condition:
    """What a record must satisfy: SQL to stand behind `WHERE custom_form_id = … AND`, or "" for no restriction."""
    parts: list[str] = []
    values: list[Any] = []
    for term in terms.filters:
        text, bound = condition(term, directory)
        parts.append(text)
        values += bound
    if terms.search:
        text, bound = sought(terms.search.column, terms.search.op, terms.search.term)
        parts.append(text)
        values += bound
    return " AND ".join(parts), values


def condition(term: Term, directory: Directory) -> Condition:
    """One filter, or one group of them joined by OR or AND; of none in a group, any is false and all is true."""
    if not isinstance(term, Filter):
        compiled = [condition(inner, directory) for inner in term.filters]
        word, of_none = (" OR ", "false") if isinstance(term, AnyFilter) else (" AND ", "true")
        text = word.join(text for text, _ in compiled) or of_none
        return f"({text})", [value for _, bound in compiled for value in bound]
    return sought(term.column, term.op, operand_of(term, directory))


def sought(column: Column, op: str, operand: Any) -> Condition:
    """One comparison: by the index that serves it, where the column has that; else as a scan does it cheapest. To make
    the grams of a text costs four times as much as to look into it."""
    lookup = column.lookups[op]
    by_index = column.finds_by_index(op)
    return lookup.sql(column.expression, operand) if by_index else lookup.scanned(column.expression, operand)


def operand_of(term: Filter, directory: Directory) -> Any:
    """The operand with departments resolved, if it can name any."""
    if operators.get(term.op).compares:
        return term.column.type.resolved(term.operand, directory)
    return term.operand


def matches(terms: Terms, record: Any, directory: Directory) -> bool:
    """The same by the lookups' twins, on `record(column) -> stored value`: the oracle of the tests, and what tells
    whether one record is in a tab without asking the database."""

    def holds(term: Term) -> bool:
        if not isinstance(term, Filter):
            return (any if isinstance(term, AnyFilter) else all)(holds(inner) for inner in term.filters)
        return term.column.lookups[term.op].matches(record(term.column), operand_of(term, directory))

    search: Search | None = terms.search
    in_search = search is None or _contains.matches(record(search.column), search.term)
    return in_search and all(holds(term) for term in terms.filters)
