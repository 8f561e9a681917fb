"""The filter backend of records: the request's terms onto the form's query."""

from __future__ import annotations

from typing import Any

from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from apaas.requests.terms import search_terms
from forms_app.indexes import uses
from forms_app.records.query import EntityQuery


class EntityFilterBackend(BaseFilterBackend):
    """Restricts and orders an EntityQuery as `filters`, `search_column_name` + `query`, `scope` and `sort` say."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """`queryset` is the form's EntityQuery; gives it restricted. Raises Refused with every fault."""
        query: EntityQuery = queryset
        values = view.values
        if values["search_column_name"] is None and "search_column_name" in view.params:
            values = {**values, "query": None}  # where to search was said, and refused already
        terms = search_terms(query.schema, values, view.actor, view.directory)
        restricted = query.where(terms)
        uses.note(query.schema.id, restricted.reached)
        return restricted
