"""The nine calls on records (contract §2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apaas.envelope import NO_DATA
from apaas.filters import EntityFilterBackend
from apaas.pagination import page_values, paged, sliced
from apaas.parameters import Parameter, checked, fault, mapping
from apaas.terms import primary_search, projection
from apaas.viewsets.base import ApiViewSet
from forms_app.exceptions import Fault, Refused
from forms_app.query import EntityQuery, Terms
from forms_app.query.entity_query import EntityRow
from forms_app.records import Projection, present
from forms_app.schema import FormSchema
from forms_app.services.entities import (
    entity_create,
    entity_mass_destroy,
    entity_transfer,
    entity_update,
    unknown_record,
)
from forms_app.services.formulas import field_evaluate, related_forms


class FormEntityViewSet(ApiViewSet):
    """Records of one form of the caller's organization."""

    filter_backends = [EntityFilterBackend]

    @cached_property
    def values(self) -> dict[str, Any]:
        """The checked parameters. Where only other things are wrong a form that does not exist is said first."""
        if self.call == "evaluate":
            return checked(self.call, self.params, self.related_objects)
        return checked(self.call, self.params)

    @cached_property
    def schema(self) -> FormSchema:
        return FormSchema.of(self.values["custom_form_id"], self.actor)

    @cached_property
    def related_objects(self) -> list[Parameter]:
        """`evaluate` takes one object per related form, under its data_table_name."""
        form_id = checked("evaluate_form", {"custom_form_id": self.params.get("custom_form_id")})["custom_form_id"]
        schema = FormSchema.of(form_id, self.actor)
        return [Parameter(name, mapping, form.name) for name, form in related_forms(schema, self.actor)]

    def get_queryset(self) -> EntityQuery:
        return EntityQuery(self.schema, self.directory)

    def filtered(self) -> EntityQuery:
        query: Any = self.get_queryset()
        for backend in self.filter_backends:
            query = backend().filter_queryset(self.request, query, self)
        found: EntityQuery = query
        return found

    def projection(self) -> Projection:
        return Projection.of(self.schema, projection(self.schema, self.values["only_field_names"]))

    def record(self, projected: Projection, rows: Sequence[EntityRow]) -> Response:
        return Response(present(projected, rows, self.actor)[0])

    def list(self, request: Request) -> Response:
        """A page of records, with exact totals."""
        page, per_page = page_values(self.values)
        query, projected = both(self.filtered, self.projection)
        if self.values["without_count"]:
            rows, more = sliced(query.page, page, per_page)
            return Response(paged(present(projected, rows, self.actor), page, per_page, total=None, more=more))
        rows = query.page(per_page, (page - 1) * per_page)
        return Response(paged(present(projected, rows, self.actor), page, per_page, total=query.count()))

    def ids(self, request: Request) -> Response:
        """The ids of all matching records, in order."""
        return Response({"ids": self.filtered().ids()})

    def simple(self, request: Request) -> Response:
        """Id and label of records, to pick one."""
        page, per_page = page_values(self.values)
        primary = self.schema.primary
        faults: list[Fault] = []
        term = self.values["query"]
        search = primary_search(primary, term, faults) if primary and term is not None else None
        if primary is None and term is not None:
            faults.append(fault("query", "not_searchable", "The form has no primary field.", term))
        if faults:
            raise Refused(faults)
        rows, more = sliced(self.get_queryset().where(Terms(search=search)).page, page, per_page)
        names = ["id", "primary_field_value", *([primary.name] if primary else [])]
        models = [labelled(record) for record in present(Projection.of(self.schema, names), rows, self.actor)]
        return Response(paged(models, page, per_page, total=None, more=more))

    def create(self, request: Request) -> Response:
        """A new record, owned by the caller."""
        projected = self.projection()
        row = entity_create(schema=self.schema, values=self.values["form_entity"], actor=self.actor)
        return self.record(projected, [row])

    def update(self, request: Request, record_id: int) -> Response:
        """The record with the fields changed that were sent."""
        self.same_id(record_id)
        projected = self.projection()
        row = entity_update(
            schema=self.schema, record_id=record_id, values=self.values["form_entity"], actor=self.actor
        )
        return self.record(projected, [row])

    def detail(self, request: Request, record_id: int) -> Response:
        """One record."""
        self.same_id(record_id)
        projected = self.projection()
        row = self.get_queryset().get(record_id)
        if row is None:
            raise unknown_record(record_id)
        return self.record(projected, [row])

    def evaluate(self, request: Request) -> Response:
        """The value of a formula field over unsaved values."""
        objects = {p.name: self.values[p.name] for p in self.related_objects if self.values[p.name] is not None}
        value = field_evaluate(
            schema=self.schema,
            field_name=self.values["field_name"],
            values=self.values["form_entity"],
            record_id=self.values["id"],
            objects=objects,
            actor=self.actor,
        )
        return Response({"value": value})

    def transfer(self, request: Request) -> Response:
        """Give records to another owner."""
        values = self.values
        entity_transfer(schema=self.schema, ids=values["ids"], to_user_uid=values["to_user_uid"], actor=self.actor)
        return Response(NO_DATA)

    def mass_destroy(self, request: Request) -> Response:
        """Destroy records."""
        entity_mass_destroy(schema=self.schema, ids=self.values["ids"], actor=self.actor)
        return Response(NO_DATA)

    def same_id(self, record_id: int) -> None:
        """Raises Refused where the body names another record than the path."""
        sent = self.values["id"]
        if sent is not None and sent != record_id:
            raise Refused([fault("id", "other_id", "The id is not the path's.", sent, record_id)])


def both(first: Any, second: Any) -> tuple[Any, Any]:
    """Both results. Raises Refused with the faults of both, so that a caller learns them at once."""
    found, faults = [], []
    for step in (first, second):
        try:
            found.append(step())
        except Refused as refused:
            faults += refused.faults
    if faults:
        raise Refused(faults)
    return found[0], found[1]


def labelled(record: dict[str, Any]) -> dict[str, Any]:
    """A record of `simple`: value, label, id and the primary field under its own name."""
    label = record.pop("primary_field_value")
    return {"value": record["id"], "label": label, **record}
