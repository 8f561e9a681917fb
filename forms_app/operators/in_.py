"""Is one of: any of several values."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Listed
from forms_app.operators.lookups import Lookup


@operators.register
class OneOf(Operator[Listed]):
    """Of a value that is a list itself: any of its items is one of them."""

    name = "in"
    label = _("is one of")
    formula = "IN"
    position = 10
    family = Listed
    control = "several"

    def operand(self, field: Reader, raw: Any) -> Any:
        return field.several(raw)

    def lookup(self, family: Listed) -> Lookup:
        return family.lookup
