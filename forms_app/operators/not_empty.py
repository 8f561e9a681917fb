"""Is not empty: there is a value."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Reader, operators
from forms_app.operators.empty import Empty


@operators.register
class NotEmpty(Empty):
    """Said the other way round: the operand becomes whether the field is to be empty."""

    name = "not_empty"
    label = _("is not empty")
    formula = "NOT ISBLANK"
    position = 130

    def operand(self, field: Reader, raw: Any) -> bool:
        return not super().operand(field, raw)
