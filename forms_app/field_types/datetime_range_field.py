"""起止时间: two moments, [start, end]."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._spelling import Names, is_json, items_of
from forms_app.field_types._times import TimeValue, local_cell, local_text, moment, shown, written_time
from forms_app.field_types._values import Text
from forms_app.field_types.base import Column, FieldType, Labels, SettingSerializer, registry
from forms_app.formula import DATETIME, FormulaType, list_of
from forms_app.operators.families import Exact, Ranged
from forms_app.operators.index_kinds import SPAN
from forms_app.operators.lookups import Overlaps


class RangeValue(TimeValue):
    default_error_messages = {
        "end_before_start": _("The end is before the start."),
        "incomplete": _("Both the start and the end are needed."),
    }
    spelt_as_json = True
    expected = _("[start, end]")

    def parse(self, raw: Any, current: Any = None) -> list[str]:
        if isinstance(raw, str) or not isinstance(raw, Sequence):
            self.wrong_type(raw)
        if len(raw) != 2 or any(end in (None, "") for end in raw):
            self.refuse("incomplete", got=raw)
        start, end = self.each(raw, self.start)
        if start > end:
            self.refuse("end_before_start", got=raw)
        return [start, end]

    def written_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().written_schema(), "minItems": 2, "maxItems": 2}

    def shown_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().shown_schema(), "minItems": 2, "maxItems": 2}


class RangeSetting(SettingSerializer):
    default = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True, label=_("Default"))


@registry.register
class DatetimeRangeField(FieldType):
    """A span of time; `within` finds what overlaps, touching counts."""

    name = "datetime_range_field"
    label = _("Start and end time")
    prefix = "datetime_range_field"
    group = _("Numbers and time")
    control = "span"
    compared_by = "date"
    Field = RangeValue
    Setting = RangeSetting
    families = (Exact(Overlaps()), Ranged(Overlaps()))
    indexes = (SPAN,)
    accepts = (
        (
            ["2023-08-20 00:01:00", "2023-08-25 23:59:59"],
            ["2023-08-20T00:01:00.000+08:00", "2023-08-25T23:59:59.000+08:00"],
        ),
        (["2023-08-20", "2023-08-20"], ["2023-08-20T00:00:00.000+08:00", "2023-08-20T00:00:00.000+08:00"]),
    )
    rejects = (
        (["2023-08-25", "2023-08-20"], "end_before_start"),
        (["2023-08-25"], "incomplete"),
        (["2023-08-25", None], "incomplete"),
        (["2023-08-25", "x"], "invalid_time"),
        ("2023-08-25", "wrong_type"),
        ([], "incomplete"),
    )
    operands = {
        Ranged: (["2023-08-20 00:00:00", "2023-08-26 02:00:00"], [None, "2023-08-20"], ["2023-08-25 23:59:59", None]),
        Exact: ("2023-08-21",),
    }

    def keys(self, column: Column) -> Any:
        return ((column.name, lambda value, labels: [shown(end) for end in value]),)

    def as_text(self, column: Column, stored: Any) -> str:
        return ", ".join(stored)

    def as_shown(self, column: Column, stored: Any, labels: Labels, names: Names) -> str:
        return ", ".join(map(local_cell, stored))

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """The two with a comma between them, or JSON."""
        return Text(text) if is_json(text) else [written_time(part) for part in items_of(text)]

    def control_text(self, shown: Any) -> str:
        return super().control_text([local_text(end) for end in shown] if shown else None)

    def formula_type(self, column: Column) -> FormulaType | None:
        return list_of(DATETIME)

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else tuple(moment(end) for end in stored)
