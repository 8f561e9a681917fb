"""The system columns of every form, with the same interface as a field's column."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._choices import operand_list
from forms_app.field_types._references import ReferenceValue
from forms_app.field_types._times import TimeValue, time_lookups
from forms_app.field_types.base import Column, Directory, FieldType
from forms_app.field_types.index_kinds import OWNER
from forms_app.field_types.lookups import AnyOf, Between, Expression, Not

RANGE_OPS = ("gt", "gte", "lt", "lte")


class SystemType(FieldType):
    """Base of the system columns: never written, not registered as field types."""

    group = ""
    writable = False
    sortable = True

    def column_lookups(self, column: Column) -> Any:
        return self.lookups


class IdValue(ReferenceValue):
    def operand(self, op: str, raw: Any) -> Any:
        if op in ("gt", "gte"):
            return self.id(raw), None
        if op in ("lt", "lte"):
            return None, self.id(raw)
        if op in ("eq", "ne"):
            return (self.id(raw),)
        return tuple(self.each(operand_list(self, raw), self.id))


class IdType(SystemType):
    """The record's number."""

    name = "id"
    label = _("Id")
    prefix = "id"
    Field = IdValue
    lookups = {
        "in": AnyOf("bigint"),
        "eq": AnyOf("bigint"),
        "ne": Not(AnyOf("bigint")),
        "nin": Not(AnyOf("bigint")),
        "gt": Between("bigint", strict=True),
        "gte": Between("bigint"),
        "lt": Between("bigint", strict=True),
        "lte": Between("bigint"),
    }
    operands = {"in": ([11, 22],), "eq": (11,), "ne": (11,), "nin": ([11, 22],)} | dict.fromkeys(RANGE_OPS, (11,))


class OwnerValue(ReferenceValue):
    def operand(self, op: str, raw: Any) -> Any:
        if op in ("eq", "ne") and not isinstance(raw, dict):
            return {"user_ids": (self.id(raw),)}
        return self.people(raw, ("user_ids", "department_ids"))


class OwnerType(SystemType):
    """The record's owner; sorts by uid."""

    name = "user"
    label = _("Owner")
    prefix = "user"
    indexes = (OWNER,)
    Field = OwnerValue
    lookups = {
        "in": AnyOf("bigint"),
        "eq": AnyOf("bigint"),
        "ne": Not(AnyOf("bigint")),
        "nin": Not(AnyOf("bigint")),
    }
    operands = {
        "in": ({"user_ids": [1, 2], "department_ids": [3, 4]},),
        "eq": (1,),
        "ne": (1,),
        "nin": ({"user_ids": [1, 2]},),
    }

    def resolved(self, operand: Any, directory: Directory) -> Any:
        uids = set(operand.get("user_ids", ())) | set(directory.members_below(operand.get("department_ids", ())))
        return tuple(sorted(uids))


class MomentType(SystemType):
    """When the record was made or last changed."""

    name = "moment"
    label = _("Time")
    prefix = "moment"
    Field = TimeValue
    lookups = time_lookups("timestamptz")
    operands = {
        "within": (["2023-08-14 12:00:00", "2023-08-14 15:00:00"],),
        "eq": ("2023-08-14",),
        "ne": ("2023-08-14",),
    } | dict.fromkeys(RANGE_OPS, ("2023-08-14 12:00",))


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
