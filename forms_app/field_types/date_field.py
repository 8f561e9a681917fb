"""日期: a calendar day (ours)."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._times import DateValue, TimeType
from forms_app.field_types.base import Column, registry
from forms_app.formula import DATE, FormulaType
from forms_app.operators.families import Exact, Ordered, Ranged


@registry.register
class DateField(TimeType):
    """A day, `YYYY-MM-DD`; a time that is sent is cut to its day."""

    name = "date_field"
    label = _("Date")
    prefix = "date"
    control = "date"
    Field = DateValue
    accepts = (
        ("2023-08-20", "2023-08-20"),
        ("2023-08-20 23:59:59", "2023-08-20"),
        ("2023-08-20T17:00:00Z", "2023-08-21"),
    )
    rejects = (
        ("2023-8-20", "invalid_time"),
        ("20230820", "invalid_time"),
        (20230820, "wrong_type"),
        ("", "invalid_time"),
    )
    operands = {
        Exact: ("2023-08-20",),
        Ranged: (["2023-08-20", "2023-08-21"], [None, "2023-08-20"]),
        Ordered: ("2023-08-20", "2023-08-21"),
    }

    def formula_type(self, column: Column) -> FormulaType | None:
        return DATE

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else date.fromisoformat(stored)
