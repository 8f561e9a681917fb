"""Is none of: everything but several values."""

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import operators
from forms_app.operators.families import Listed
from forms_app.operators.in_ import OneOf
from forms_app.operators.lookups import Lookup, Not


@operators.register
class NoneOf(OneOf):
    """Empty fields included."""

    name = "nin"
    label = _("is none of")
    formula = "NOT IN"
    position = 50

    def lookup(self, family: Listed) -> Lookup:
        return Not(super().lookup(family))
