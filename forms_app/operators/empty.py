"""Is empty: there is no value."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Clearable
from forms_app.operators.index_kinds import Expression
from forms_app.operators.lookups import Condition


@operators.register
class Empty(Operator[Clearable]):
    """Its operand is whether the field is to be empty: True where nothing is said."""

    name = "empty"
    label = _("is empty")
    formula = "ISBLANK"
    position = 120
    family = Clearable
    compares = False
    operands = (True, False)
    control = "nothing"

    def operand(self, field: Reader, raw: Any) -> bool:
        truth = True if raw is None else field.truth(raw)
        if truth is None:
            field.refuse("wrong_operand", got=raw, expected=_("true or false"))
        return truth

    def sql(self, expression: Expression, operand: bool) -> Condition:
        return f"{expression.json} IS {'' if operand else 'NOT '}NULL", []

    def matches(self, stored: Any, operand: bool) -> bool:
        return (stored is None) is operand
