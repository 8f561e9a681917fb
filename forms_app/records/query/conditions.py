"""Terms → SQL conditions. No field type is named here: columns bring their lookups."""

from __future__ import annotations

from typing import Any

from forms_app.field_types.base import Directory
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
        text, bound = _contains.sql(terms.search.column.expression, terms.search.term)
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
    column = term.column
    operand = operand_of(term, directory)
    return column.lookups[term.op].sql(column.expression, operand)


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
