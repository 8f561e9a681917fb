"""Is above."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Ordered
from forms_app.operators.lookups import Lookup


@operators.register
class Above(Operator[Ordered]):
    """Greater than: above all that the value names, as the whole of a day."""

    name = "gt"
    label = _("is above")
    formula = ">"
    position = 60
    family = Ordered

    def operand(self, field: Reader, raw: Any) -> tuple[Any, Any]:
        return field.end(raw), None

    def lookup(self, family: Ordered) -> Lookup:
        return replace(family.lookup, strict=True)
