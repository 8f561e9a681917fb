"""The system columns of every form, with the same interface as a field's column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._references import PeopleValue, ReferenceValue, named_by
from forms_app.field_types._times import TimeValue, times
from forms_app.field_types.base import Column, Directory, FieldType
from forms_app.operators.families import Exact, Family, Listed, Ordered, Ranged
from forms_app.operators.index_kinds import OWNER, Expression
from forms_app.operators.lookups import AnyOf, Between


class SystemType(FieldType):
    """Base of the system columns: never written, not registered as field types."""

    group = ""
    writable = False
    sortable = True

    def column_families(self, column: Column) -> tuple[Family, ...]:
        return self.families


class IdValue(ReferenceValue):
    def item(self, raw: Any) -> int:
        return self.id(raw)

    start = end = item


class IdType(SystemType):
    """The record's number."""

    name = "id"
    label = _("Id")
    prefix = "id"
    control = "number"
    Field = IdValue
    families = (Exact(AnyOf("bigint")), Listed(AnyOf("bigint")), Ordered(Between("bigint")))
    operands = {Exact: (11,), Listed: ([11, 22],), Ordered: (11,)}


class OwnerType(SystemType):
    """The record's owner; sorts by uid."""

    name = "user"
    label = _("Owner")
    prefix = "user"
    control = "people"
    indexes = (OWNER,)
    Field = PeopleValue
    families = (Exact(AnyOf("bigint")), Listed(AnyOf("bigint")))
    operands = {Exact: (1,), Listed: ({"user_ids": [1, 2], "department_ids": [3, 4]},)}

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"lookup": "members", "multiple": False}

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        return named_by("user_ids", posted, "uid")

    def resolved(self, operand: Any, directory: Directory) -> Any:
        uids = set(operand.get("user_ids", ())) | set(directory.members_below(operand.get("department_ids", ())))
        return tuple(sorted(uids))


class MomentType(SystemType):
    """When the record was made or last changed."""

    name = "moment"
    label = _("Time")
    prefix = "moment"
    control = "date"
    Field = TimeValue
    families = times("timestamptz")
    operands = {
        Exact: ("2023-08-14",),
        Ranged: (["2023-08-14 12:00:00", "2023-08-14 15:00:00"],),
        Ordered: ("2023-08-14 12:00",),
    }


def _column(name: str, label: Any, field_type: FieldType, expression: str) -> Column:
    return Column(name, label, field_type, Expression(expression, expression))


SYSTEM_COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        _column("id", _("Id"), IdType(), "id"),
        _column("user", _("Owner"), OwnerType(), "owner_uid"),
        _column("created_at", _("Created at"), MomentType(), "created_at"),
        _column("updated_at", _("Updated at"), MomentType(), "updated_at"),
    )
}
"""What may be filtered and sorted beside the fields."""

RECORD_KEYS = (
    "id",
    "app_id",
    "custom_form_id",
    "organization_id",
    "custom_form_data_table_name",
    "primary_field_value",
    "user",
    "created_at",
    "updated_at",
)
"""The first keys of a full record, in the order of docs/contract.md §2.3."""

ASKED_KEYS = ("version",)
"""Keys that a record has only where they are asked for by name."""
