"""Is at least."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Ordered
from forms_app.operators.lookups import Lookup


@operators.register
class AtLeast(Operator[Ordered]):
    """Greater or equal: from where what the value names begins."""

    name = "gte"
    label = _("is at least")
    formula = ">="
    position = 70
    family = Ordered

    def operand(self, field: Reader, raw: Any) -> tuple[Any, Any]:
        return field.start(raw), None

    def lookup(self, family: Ordered) -> Lookup:
        return family.lookup
