"""From checked terms to rows: terms (values), conditions (SQL), ordering, totals, and EntityQuery over them."""

from forms_app.records.query.encoded_rows import EncodedRow
from forms_app.records.query.entity_query import EntityQuery, EntityRow
from forms_app.records.query.ordering import Position
from forms_app.records.query.terms import AllFilters, AnyFilter, Filter, Search, Sort, Term, Terms

__all__ = [
    "AllFilters",
    "AnyFilter",
    "EncodedRow",
    "EntityQuery",
    "EntityRow",
    "Filter",
    "Position",
    "Search",
    "Sort",
    "Term",
    "Terms",
]
