"""整数: a number, a whole one where the field is strict (the document's own sample writes 1.12 into one)."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._numbers import NumberSetting, NumberType
from forms_app.field_types.base import registry
from forms_app.operators.families import Exact, Ordered, Ranged


class IntegerSetting(NumberSetting):
    strict = serializers.BooleanField(default=False, label=_("Whole numbers only"))


@registry.register
class IntegerField(NumberType):
    """A number; `strict` refuses fractions."""

    name = "integer_field"
    label = _("Integer")
    prefix = "integer_field"
    Setting = IntegerSetting
    limits = {**NumberType.limits, "not_integer": "strict"}
    accepts = ((12, 12), (Decimal("1.12"), Decimal("1.12")), (-(10**37), -(10**37)), (0, 0), (None, None))
    rejects = (
        ("1", "wrong_type"),
        (True, "wrong_type"),
        ([1], "wrong_type"),
        (10**38 + 1, "too_many_digits"),
        (Decimal("1e400"), "too_many_digits"),
    )
    operands = {
        Exact: (12,),
        Ranged: ([10, 20], [None, 12], [-5, None]),
        Ordered: (0, 12, Decimal("1.12")),
    }
