"""日期时间: a moment, to the millisecond."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._spelling import Names
from forms_app.field_types._times import TimeType, local_cell, local_text, moment, shown
from forms_app.field_types.base import Column, Labels, registry
from forms_app.formula import DATETIME, FormulaType
from forms_app.operators.families import Exact, Ordered, Ranged


@registry.register
class DatetimeField(TimeType):
    """A moment; read back as ISO-8601 with the setting's offset."""

    name = "datetime_field"
    label = _("Date and time")
    prefix = "datetime"
    control = "datetime"
    compared_by = "date"
    accepts = (
        ("2023-08-20 00:01:00", "2023-08-20T00:01:00.000+08:00"),
        ("2023-08-20 00:01", "2023-08-20T00:01:00.000+08:00"),
        ("2023-08-20", "2023-08-20T00:00:00.000+08:00"),
        ("2023-08-20T00:01:00.1239Z", "2023-08-20T08:01:00.123+08:00"),
        ("2023-08-16T15:29:15.318+08:00", "2023-08-16T15:29:15.318+08:00"),
    )
    rejects = (
        ("yesterday", "invalid_time"),
        ("2023-02-30", "invalid_time"),
        ("0001-01-01", "invalid_time"),
        (1692460800, "wrong_type"),
        (["2023-08-20"], "wrong_type"),
        ("", "invalid_time"),
        ("２０２３-08-20", "invalid_time"),
    )
    operands = {
        Ranged: (["2023-08-20", "2023-08-20"], ["2023-08-20 00:01:00", None], [None, "2023-08-20T00:00:00Z"]),
        Exact: ("2023-08-20", "2023-08-20 00:01:00"),
        Ordered: ("2023-08-20",),
    }

    def keys(self, column: Column) -> Any:
        return ((column.name, lambda value, labels: shown(value)),)

    def as_shown(self, column: Column, stored: Any, labels: Labels, names: Names) -> str:
        return local_cell(stored)

    def control_text(self, shown: Any) -> str:
        return local_text(shown) if shown else ""

    def title(self, column: Column, stored: Any) -> str | None:
        return None if stored is None else shown(stored)

    def formula_type(self, column: Column) -> FormulaType | None:
        return DATETIME

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else moment(stored)
