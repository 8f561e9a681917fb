"""Is below."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Ordered
from forms_app.operators.lookups import Lookup


@operators.register
class Below(Operator[Ordered]):
    """Less than: below all that the value names, as the whole of a day."""

    name = "lt"
    label = _("is below")
    formula = "<"
    position = 80
    family = Ordered

    def operand(self, field: Reader, raw: Any) -> tuple[Any, Any]:
        return None, field.start(raw)

    def lookup(self, family: Ordered) -> Lookup:
        return replace(family.lookup, strict=True)
