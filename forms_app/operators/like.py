"""Contains: a piece of the text."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Textual
from forms_app.operators.grams import fold, folded, lexeme, pairs
from forms_app.operators.index_kinds import GRAMS, Expression
from forms_app.operators.lookups import Condition


@operators.register
class Contains(Operator[Textual]):
    """Any script, any length from 1, case-blind for ASCII letters only; `%` and `_` are plain characters."""

    name = "like"
    label = _("contains")
    formula = "CONTAINS"
    position = 100
    family = Textual
    index = GRAMS

    def operand(self, field: Reader, raw: Any) -> str:
        return field.term(raw)

    def sql(self, expression: Expression, operand: str) -> Condition:
        term = fold(operand)
        query = " & ".join(pairs(term)) or f"{lexeme(term)}:*"
        condition = f"form_grams({expression.text}) @@ %s::tsquery"
        if len(term) <= 2:
            return condition, [query]  # one and two characters are exact in the grams
        return f"({condition} AND strpos({folded(expression.text)}, %s) > 0)", [query, term]

    def scanned(self, expression: Expression, operand: str) -> Condition:
        return f"strpos({folded(expression.text)}, %s) > 0", [fold(operand)]

    def matches(self, stored: Any, operand: str) -> bool:
        return isinstance(stored, str) and fold(operand) in fold(stored)
