"""公式: a value computed from the record's fields and those of related records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._booleans import BOOLEANS, BooleanValue
from forms_app.field_types._numbers import MAX_DIGITS, NUMBERS, NumberValue, rounded
from forms_app.field_types._text import TextValue
from forms_app.field_types._times import DateValue, TimeValue, moment, shown, stored, times
from forms_app.field_types.base import Column, FieldType, SettingSerializer, ValueField, registry
from forms_app.formula import FormulaType
from forms_app.operators.families import Exact, Family, Ordered, Ranged, Textual
from forms_app.operators.index_kinds import BTREE, GRAMS, ORDER, Index


@dataclass(frozen=True)
class Result:
    """How the results of one kind are kept, shown and compared."""

    Field: type[ValueField]
    families: tuple[Family, ...] = ()
    indexes: tuple[Index, ...] = ()
    searchable: bool = False
    load: Any = None
    """Stored value → value for formulas."""
    show: Any = None
    """Stored value → what clients read."""
    control: str = "text"
    """For what records are compared with."""


RESULTS: dict[str, Result] = {
    "number": Result(NumberValue, NUMBERS, (BTREE,), load=Decimal, control="number"),
    "text": Result(TextValue, (Textual(),), (GRAMS, ORDER), searchable=True),
    "boolean": Result(BooleanValue, BOOLEANS, (BTREE,), control="yes_no"),
    "date": Result(DateValue, times(), (BTREE,), load=date.fromisoformat, control="date"),
    "datetime": Result(TimeValue, times(), (BTREE,), load=moment, show=shown, control="date"),
}
UNTYPED = Result(ValueField)
"""Lists, and formulas whose type is known only when they are computed: shown, not compared."""


def result_of(column: Column) -> Result:
    setting = column.setting
    if setting.get("result_is_list"):
        return UNTYPED
    return RESULTS.get(setting.get("result", ""), UNTYPED)


def dumped(value: Any, places: int | None) -> Any:
    """A computed value as it is stored: times in UTC text, numbers rounded half up to `places`; None for empty."""
    if isinstance(value, Decimal):
        coarse = places is None or value.adjusted() + places > MAX_DIGITS - 2  # rounded, it would have too many digits
        return value if coarse else rounded(value, places or 0)
    if isinstance(value, datetime):
        return stored(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [dumped(item, places) for item in value] or None
    return None if value == "" else value


class ComputedValue(ValueField):
    """Refuses every write; operands are read as the result's type reads them."""

    default_error_messages = {"read_only": _("The server computes this value; it can't be written.")}

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self.result = result_of(column).Field(column)

    def clean(self, raw: Any, current: Any = None) -> Any:
        self.refuse("read_only", got=raw)

    def shown_schema(self) -> dict[str, Any]:
        shown = RESULTS.get(self.column.setting.get("result", ""), UNTYPED).Field(self.column).shown_schema()
        shown.pop("maxLength", None)
        return {"type": "array", "items": shown} if self.column.setting.get("result_is_list") else shown

    @property
    def comparing(self) -> ValueField:
        return self.result


class FormulaSetting(SettingSerializer):
    required: Any = serializers.HiddenField(default=False)
    formula = serializers.CharField(max_length=10_000, trim_whitespace=True, label=_("Formula"))
    decimal_places = serializers.IntegerField(
        min_value=0, max_value=30, required=False, allow_null=True, label=_("Decimal places")
    )
    result = serializers.ChoiceField([*RESULTS, "any"], required=False, read_only=True)
    result_is_list = serializers.BooleanField(required=False, read_only=True)
    volatile = serializers.BooleanField(required=False, read_only=True)


@registry.register
class FormulaField(FieldType):
    """Read only. Its result type is fixed when the field is saved; one with TODAY or NOW is computed on read, and
    neither filters nor sorts."""

    name = "formula_field"
    label = _("Formula")
    prefix = "formula"
    group = _("Advanced")
    Field = ComputedValue
    Setting = FormulaSetting
    writable = False
    computed = True
    rejects = ((1, "read_only"), ("1", "read_only"), (None, "read_only"))
    operands = {
        Exact: (Decimal("1.5"), 2),
        Ranged: ([1, 2], [None, Decimal("1.5")]),
        Ordered: (1, 2),
    }

    def example_setting(self, related_form_id: int) -> dict[str, Any]:
        return {"formula": "1 + 0.5", "result": "number"}

    def comparing_control(self, column: Column) -> str:
        return result_of(column).control

    def formula(self, setting: Mapping[str, Any]) -> str | None:
        return setting.get("formula")

    def is_stored(self, column: Column) -> bool:
        return not column.setting.get("volatile")

    def column_families(self, column: Column) -> tuple[Family, ...]:
        if not self.is_stored(column):
            return ()
        return (*super().column_families(column), *result_of(column).families)

    def column_indexes(self, column: Column) -> tuple[Index, ...]:
        return result_of(column).indexes if self.is_stored(column) else ()

    def is_searchable(self, column: Column) -> bool:
        return result_of(column).searchable and self.is_stored(column)

    def sort_expression(self, column: Column) -> tuple[str, list[Any]] | None:
        result = result_of(column)
        if result is UNTYPED or not self.is_stored(column):
            return None
        return (f'({column.expression.text} COLLATE "C")' if result.searchable else column.expression.json), []

    def sort_prefix(self, column: Column) -> tuple[str, ...]:
        return ORDER.keys(column.expression) if result_of(column).searchable else ()

    def sort_value(self, column: Column, stored: Any) -> Any:
        return stored.encode() if result_of(column).searchable else stored

    def stored_result(self, column: Column, value: Any) -> Any:
        result = dumped(value, column.setting.get("decimal_places"))
        if isinstance(result, str) and len(result) > settings.MAX_TEXT_AREA_LENGTH:
            return None  # longer than any field may be; the grams' index has a limit too
        return result

    def keys(self, column: Column) -> Any:
        setting = column.setting
        show = RESULTS.get(setting.get("result", ""), UNTYPED).show
        if show is None:
            return ((column.name, None),)
        if setting.get("result_is_list"):
            return ((column.name, lambda value, labels: [show(item) for item in value]),)
        return ((column.name, lambda value, labels: show(value)),)

    def formula_type(self, column: Column) -> FormulaType | None:
        return FormulaType(column.setting.get("result", "any"), bool(column.setting.get("result_is_list")))

    def formula_value(self, column: Column, stored: Any) -> Any:
        if stored is None:
            return None
        load = RESULTS.get(column.setting.get("result", ""), UNTYPED).load
        if column.setting.get("result_is_list"):
            return tuple(load(item) if load else item for item in stored)
        return load(stored) if load else stored
