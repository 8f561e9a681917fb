"""The calls that write many records, each row by itself or all of them (docs/contract.md §5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apaas.errors import fault_body
from apaas.requests.readers import fault, identifier, mapping, version
from apaas.viewsets.exactly_once import exactly_once
from apaas.viewsets.form_entities import FormEntityViewSet
from forms_app.exceptions import Fault, Refused
from forms_app.field_types.base import excerpt
from forms_app.records.mass_rows import Change, MassRow
from forms_app.records.mass_writes import entity_mass_create, entity_mass_update, entity_mass_upsert
from forms_app.records.query.entity_query import EntityRow

READERS = {"id": identifier, "version": version, "form_entity": mapping}
"""What a row of `mass_update` holds."""
STATUSES = ("created", "updated", "unchanged", "refused")
Rows = Sequence[MassRow]


class MassViewSet(FormEntityViewSet):
    """Many records of one form."""

    @exactly_once
    def mass_create(self, request: Request) -> HttpResponseBase:
        """New records, owned by the caller."""
        return self.written(lambda given: entity_mass_create(rows=self.values["form_entities"], **given))

    @exactly_once
    def mass_update(self, request: Request) -> HttpResponseBase:
        """Records changed, each by its own values."""
        return self.written(
            lambda given: entity_mass_update(changes=[change(row) for row in self.values["form_entities"]], **given)
        )

    @exactly_once
    def mass_upsert(self, request: Request) -> HttpResponseBase:
        """Records changed where one has the row's value of the key, and made where none has."""
        return self.written(
            lambda given: entity_mass_upsert(rows=self.values["form_entities"], key=self.values["key"], **given)
        )

    def written(self, write: Callable[[dict[str, Any]], Rows]) -> HttpResponseBase:
        """What became of each row; with `only_field_names` also the records."""
        shown = "only_field_names" in self.params
        projected = self.noted(self.projection)
        if projected is None or self.faults:
            raise Refused(self.faults)
        partial = self.values["partial"]
        rows = write({"schema": self.form_schema, "actor": self.actor, "partial": partial, "shown": shown})
        held = {row.index: row.written for row in rows if row.written is not None and row.right} if shown else {}
        entities: list[EntityRow] = list(held.values())
        records = dict(zip(held, self.answered(projected, entities), strict=True))
        counts = {status: sum(row.status == status for row in rows) for status in STATUSES}
        return self.answer({**counts, "results": [result(row, records.get(row.index)) for row in rows]})


def change(raw: Mapping[str, Any]) -> Change:
    """A row of `mass_update`, with what is wrong with it."""
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in READERS:
            message = _("There is no such key: {key}.").format(key=excerpt(name))
            faults.append(fault(str(name)[:128], "unknown_key", message, value, sorted(READERS)))
            continue
        try:
            values[name] = READERS[name](name, value)
        except Refused as refused:
            faults += refused.faults
    needed = [name for name in ("id", "form_entity") if name not in raw]
    faults += [fault(name, "required", _("This parameter is needed.")) for name in needed]
    return Change(values.get("id"), values.get("version"), values.get("form_entity", {}), faults)


def result(row: MassRow, record: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the answer says of a row."""
    version_now = row.written.version if row.written else 1 if row.status == "created" else None
    said: dict[str, Any] = {"index": row.index, "status": row.status, "id": row.record_id, "version": version_now}
    if record is not None:
        said["record"] = record
    if row.faults:
        said["errors"] = [fault_body(each) for each in row.faults]
    return said
