"""From checked terms to rows: terms (values), compile (SQL), ordering, counting, and EntityQuery over them."""

from forms_app.query.entity_query import EntityQuery, EntityRow
from forms_app.query.ordering import Position
from forms_app.query.terms import AnyFilter, Filter, Search, Sort, Terms

__all__ = ["AnyFilter", "EntityQuery", "EntityRow", "Filter", "Position", "Search", "Sort", "Terms"]
