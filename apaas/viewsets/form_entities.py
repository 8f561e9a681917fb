"""The nine calls on records (docs/contract.md §2.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apaas.envelope import NO_DATA
from apaas.filters import EntityFilterBackend
from apaas.pagination import continued, page_values, paged, sliced
from apaas.read_after import from_replica
from apaas.requests.headers import matched_versions
from apaas.requests.parameters import checked
from apaas.requests.readers import Parameter, fault, identifier, spelt_mapping
from apaas.requests.terms import label_search, projection
from apaas.viewsets.base import ApiViewSet, T
from apaas.viewsets.exactly_once import exactly_once, exactly_once_at_end
from forms_app.exceptions import Refused
from forms_app.records import json_cache
from forms_app.records.changes.as_of import entity_as_of
from forms_app.records.cleaning import cleaned_changes, cleaned_new
from forms_app.records.evaluation import field_evaluate, related_forms
from forms_app.records.numbering import reserve, reserved
from forms_app.records.presentation import Projection, labelled, present
from forms_app.records.query import EntityQuery, Terms, cursors
from forms_app.records.query.entity_query import EntityRow
from forms_app.records.query.unknown import unknown_record
from forms_app.records.writes import (
    entity_create,
    entity_mass_destroy,
    entity_transfer,
    entity_update,
)
from forms_app.schema.form_schema import FormSchema


class FormEntityViewSet(ApiViewSet):
    """Records of one form of the caller's organization."""

    filter_backends = [EntityFilterBackend]

    @cached_property
    def form_schema(self) -> FormSchema:
        """The form that the request names. Raises Refused where it names none, NotFound where there is none for the
        caller: that comes before whatever else is wrong."""
        raw = self.params.get("custom_form_id")
        if raw is None:
            raise Refused(checked(self.call, self.params)[1])
        return FormSchema.of(identifier("custom_form_id", raw), self.actor)

    def noted(self, step: Callable[[], T]) -> T | None:
        """As for every view, but a form that is not named or not there is said once, and alone."""
        self.form_schema  # noqa: B018  raises
        return super().noted(step)

    @property
    def form_of_keys(self) -> int:
        return self.form_schema.id

    def about_to_write(self) -> AbstractContextManager[None]:
        if self.call == "create":
            reserve(self.form_schema)
        rows = self.values.get("form_entities") if self.call in ("mass_create", "mass_upsert") else None
        return reserved(self.form_schema, len(rows or ()))

    @cached_property
    def values(self) -> dict[str, Any]:
        """The checked parameters, once the form is known: `evaluate` takes one object per related form, under its
        data_table_name."""
        values, faults = checked(self.call, self.params, self.related_objects)
        self.faults += faults
        return values

    @cached_property
    def related_objects(self) -> list[Parameter]:
        related = related_forms(self.form_schema, self.actor) if self.call == "evaluate" else []
        return [Parameter(name, spelt_mapping, form.name) for name, form in related]

    def get_queryset(self) -> EntityQuery:
        return EntityQuery(self.form_schema, self.actor)

    def filtered(self) -> EntityQuery:
        query: Any = self.get_queryset()
        for backend in self.filter_backends:
            query = backend().filter_queryset(self.request, query, self)
        entity_query: EntityQuery = query
        return entity_query

    def projection(self) -> Projection:
        return Projection.of(self.form_schema, projection(self.form_schema, self.values["only_field_names"]))

    def answered(self, projected: Projection, rows: Sequence[EntityRow]) -> list[dict[str, Any]]:
        return present(projected, rows, self.actor)

    def listed(self, projected: Projection, rows: Sequence[EntityRow]) -> Sequence[Any]:
        """The records of a page: as text for a client, as values for a page to show."""
        return json_cache.texts(projected, rows, self.actor) if self.plain else self.answered(projected, rows)

    @from_replica
    def list(self, request: Request) -> HttpResponseBase:
        """A page of records, with exact totals."""
        query, projected = self.noted(self.filtered), self.noted(self.projection)
        if self.values["cursor"] is not None and "page" in self.params:
            self.faults.append(fault("page", "not_with_cursor", _("A page has a number or a cursor, not both.")))
        if query is None or projected is None or self.faults:
            raise Refused(self.faults)
        page, per_page = page_values(self.values)
        if self.values["cursor"] is not None:
            return self.list_from(query, projected, self.values["cursor"], per_page)
        if self.values["without_count"]:
            rows, more = sliced(query.page, page, per_page)
            return self.answer(paged(self.listed(projected, rows), page, per_page, total=None, more=more))
        rows, total = query.page_and_count(per_page, (page - 1) * per_page)
        return self.answer(paged(self.listed(projected, rows), page, per_page, total=total))

    def list_from(self, query: EntityQuery, projected: Projection, cursor: str, per_page: int) -> HttpResponseBase:
        """The page behind a cursor."""
        rows, following = query.page_after(cursors.read(query, cursor), per_page)
        total = None if self.values["without_count"] else query.count()
        text = None if following is None else cursors.written(query, following)
        return self.answer(continued(self.listed(projected, rows), per_page, total=total, following=text))

    @from_replica
    def ids(self, request: Request) -> HttpResponseBase:
        """The ids of all matching records, in order."""
        query = self.noted(self.filtered)
        if query is None or self.faults:
            raise Refused(self.faults)
        return self.answer({"ids": query.ids()})

    @from_replica
    def simple(self, request: Request) -> HttpResponseBase:
        """Id and label of records, to pick one."""
        primary = self.form_schema.primary
        search = self.noted(lambda: label_search(self.form_schema, self.values["query"]))
        self.refuse()
        page, per_page = page_values(self.values)
        rows, more = sliced(self.get_queryset().where(Terms(search=search)).page, page, per_page)
        names = ["id", "primary_field_value", *([primary.name] if primary else [])]
        models = [labelled(record) for record in self.answered(Projection.of(self.form_schema, names), rows)]
        return self.answer(paged(models, page, per_page, total=None, more=more))

    @exactly_once_at_end
    def create(self, request: Request) -> HttpResponseBase:
        """A new record, owned by the caller."""
        projected = self.noted(self.projection)
        values = self.values["form_entity"]
        if projected is None or self.faults:
            self.noted(lambda: cleaned_new(self.form_schema, values or {}, self.actor))
            raise Refused(self.faults)
        row = entity_create(schema=self.form_schema, values=values, actor=self.actor)
        return self.record(projected, row)

    @exactly_once_at_end
    def update(self, request: Request, record_id: int) -> HttpResponseBase:
        """The record with the fields changed that were sent."""
        self.same_id(record_id)
        projected = self.noted(self.projection)
        values, versions = self.values["form_entity"], self.noted(self.versions)
        if projected is None or self.faults:
            self.noted(lambda: cleaned_changes(self.form_schema, values or {}, self.actor))
            raise Refused(self.faults)
        row = entity_update(
            schema=self.form_schema, record_id=record_id, values=values, actor=self.actor, versions=versions
        )
        return self.record(projected, row)

    @from_replica
    def retrieve(self, request: Request, record_id: int) -> HttpResponseBase:
        """One record."""
        self.same_id(record_id)
        projected = self.noted(self.projection)
        if projected is None or self.faults:
            raise Refused(self.faults)
        moment = self.values["as_of"]
        if moment is not None:
            row = entity_as_of(schema=self.form_schema, record_id=record_id, moment=moment, actor=self.actor)
            return self.answer(self.answered(projected, [row])[0])
        found = self.get_queryset().get(record_id)
        if found is None:
            raise unknown_record(record_id)
        return self.record(projected, found)

    @from_replica
    def evaluate(self, request: Request) -> HttpResponseBase:
        """The value of a formula field over unsaved values."""
        values = self.values
        self.refuse()
        evaluation = field_evaluate(
            schema=self.form_schema,
            field_name=values["field_name"],
            values=values["form_entity"],
            record_id=values["id"],
            objects={p.name: values[p.name] for p in self.related_objects if values[p.name] is not None},
            actor=self.actor,
        )
        reason = {"reason": evaluation.reason} if evaluation.reason else {}
        return self.answer({"value": evaluation.value, **reason})

    @exactly_once
    def transfer(self, request: Request) -> HttpResponseBase:
        """Give records to another owner."""
        values = self.checked_values()
        entity_transfer(schema=self.form_schema, ids=values["ids"], to_user_uid=values["to_user_uid"], actor=self.actor)
        return self.answer(NO_DATA)

    @exactly_once
    def mass_destroy(self, request: Request) -> HttpResponseBase:
        """Destroy records."""
        ids = self.values["ids"]
        self.refuse()
        entity_mass_destroy(schema=self.form_schema, ids=ids, actor=self.actor)
        return self.answer(NO_DATA)

    def record(self, projected: Projection, row: EntityRow) -> HttpResponseBase:
        """The answer of one record, tagged with its version."""
        response = self.answer(self.answered(projected, [row])[0])
        response["ETag"] = f'"{row.version}"'
        return response

    def versions(self) -> frozenset[int] | None:
        """The versions that the record may have to be written; None: any. Raises Refused."""
        matched, version = matched_versions(self.request._request), self.values["version"]
        if version is None:
            return matched
        return frozenset({version}) if matched is None else matched & {version}

    def same_id(self, record_id: int) -> None:
        """Notes the fault where the request names another record than its path."""
        sent = self.values["id"]
        if sent is not None and sent != record_id:
            self.faults.append(fault("id", "other_id", _("It is not the path's."), sent, record_id))
