"""Is: one value."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Exact
from forms_app.operators.lookups import Lookup


@operators.register
class Is(Operator[Exact]):
    """What one value means to the type: itself, its day, a moment within, the levels that are given."""

    name = "eq"
    label = _("is")
    formula = "="
    position = 30
    family = Exact

    def operand(self, field: Reader, raw: Any) -> Any:
        return field.single(raw)

    def lookup(self, family: Exact) -> Lookup:
        return family.lookup
