"""Is at most."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Ordered
from forms_app.operators.lookups import Lookup


@operators.register
class AtMost(Operator[Ordered]):
    """Less or equal: to where what the value names ends."""

    name = "lte"
    label = _("is at most")
    formula = "<="
    position = 90
    family = Ordered

    def operand(self, field: Reader, raw: Any) -> tuple[Any, Any]:
        return None, field.end(raw)

    def lookup(self, family: Ordered) -> Lookup:
        return family.lookup
