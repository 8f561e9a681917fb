"""金额: an amount of money; the field names the currency."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._numbers import NumberSetting, NumberType
from forms_app.field_types.base import Column, registry
from forms_app.operators.families import Exact, Ordered, Ranged


class CurrencySetting(NumberSetting):
    currency = serializers.RegexField(r"^[A-Z]{3}$", default="CNY", label=_("Currency (ISO 4217)"))


@registry.register
class CurrencyField(NumberType):
    """An amount, a plain JSON number both ways."""

    name = "currency_field"
    label = _("Amount")
    prefix = "currency"
    Setting = CurrencySetting
    accepts = ((Decimal("1212.11"), Decimal("1212.11")), (669500000, 669500000), (Decimal("-0.05"), Decimal("-0.05")))
    rejects = (("¥12", "wrong_type"), ("12.00", "wrong_type"), ([12], "wrong_type"))
    operands = {
        Exact: (Decimal("1212.11"), 0),
        Ranged: ([0, 2000],),
        Ordered: (0,),
    }

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"unit": column.setting.get("currency", "CNY")}
