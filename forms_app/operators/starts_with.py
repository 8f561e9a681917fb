"""Starts with: the beginning of the text."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Textual
from forms_app.operators.grams import fold, folded, lexeme, pairs
from forms_app.operators.index_kinds import GRAMS, Expression
from forms_app.operators.lookups import Condition


@operators.register
class StartsWith(Operator[Textual]):
    """Any script, any length from 1, case-blind for ASCII letters only; `%` and `_` are plain characters."""

    name = "starts_with"
    label = _("starts with")
    formula = "STARTSWITH"
    position = 110
    family = Textual
    index = GRAMS

    def operand(self, field: Reader, raw: Any) -> str:
        return field.term(raw)

    def sql(self, expression: Expression, operand: str) -> Condition:
        term = fold(operand)
        # The grams know a first character alone, though not from a last one, and no order of the pairs.
        query = " & ".join([lexeme(term[0]), *pairs(term)])
        start, values = self.scanned(expression, operand)
        return f"(form_grams({expression.text}) @@ %s::tsquery AND {start})", [query, *values]

    def scanned(self, expression: Expression, operand: str) -> Condition:
        term = fold(operand)
        return f"{folded(f'left({expression.text}, {len(term)})')} = %s", [term]

    def matches(self, stored: Any, operand: str) -> bool:
        return isinstance(stored, str) and fold(stored).startswith(fold(operand))
