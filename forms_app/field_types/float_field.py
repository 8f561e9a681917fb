"""小数: a decimal number, exact to 38 digits."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._numbers import NumberType
from forms_app.field_types.base import registry
from forms_app.operators.families import Exact, Ordered, Ranged


@registry.register
class FloatField(NumberType):
    """A decimal number; no digit is lost."""

    name = "float_field"
    label = _("Decimal")
    prefix = "float"
    accepts = (
        (Decimal("123456789123456.12345"), Decimal("123456789123456.12345")),
        (Decimal("0.1"), Decimal("0.1")),
        (Decimal("0.00000001"), Decimal("0.00000001")),
        (3, 3),
        (Decimal("-0.0"), Decimal("0.0")),
    )
    rejects = (
        ("0.1", "wrong_type"),
        (False, "wrong_type"),
        (Decimal("1." + "1" * 38), "too_many_digits"),
        ({}, "wrong_type"),
    )
    operands = {
        Exact: (Decimal("0.10"), 3),
        Ranged: ([Decimal("0.1"), 3], [None, 0]),
        Ordered: (Decimal("0.1"), 0, 1, 3),
    }
