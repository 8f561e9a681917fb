"""Is not: everything but one value."""

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import operators
from forms_app.operators.eq import Is
from forms_app.operators.families import Exact
from forms_app.operators.lookups import Lookup, Not


@operators.register
class IsNot(Is):
    """Empty fields included."""

    name = "ne"
    label = _("is not")
    formula = "<>"
    position = 40

    def lookup(self, family: Exact) -> Lookup:
        return Not(super().lookup(family))
