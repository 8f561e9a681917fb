"""From checked terms to rows: terms (values), conditions (SQL), ordering, totals, and EntityQuery over them."""

from forms_app.records.query.entity_query import EntityQuery, EntityRow
from forms_app.records.query.ordering import Position
from forms_app.records.query.terms import AnyFilter, Filter, Search, Sort, Terms

__all__ = ["AnyFilter", "EntityQuery", "EntityRow", "Filter", "Position", "Search", "Sort", "Terms"]
