"""What the number types share: exact decimals, ranges, the btree index."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exceptions import Refused
from forms_app.field_types._spelling import Names
from forms_app.field_types._text import UniqueSetting
from forms_app.field_types._values import fault
from forms_app.field_types.base import Column, FieldType, Text, ValueField
from forms_app.formula import NUMBER, FormulaType
from forms_app.operators.families import Exact, Ordered, Ranged
from forms_app.operators.index_kinds import BTREE
from forms_app.operators.lookups import NUMBER_BOUNDS, Between, Equal

MAX_DIGITS = 38
MAX_EXPONENT = 308
WIDE = Context(prec=2 * (MAX_DIGITS + MAX_EXPONENT))
"""Rounds every number that is accepted; the context that a thread begins with ends at 28 digits and raises."""
_SPELT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)


def spelt_number(text: str) -> int | Decimal | None:
    """The number that an untyped text spells in ASCII digits, or None."""
    if len(text) > 400 or not _SPELT.fullmatch(text):
        return None
    number = Decimal(text)
    return int(number) if "." not in text and "e" not in text.lower() else number


_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_MARKED = re.compile(r"[+-]?[0-9][0-9.,]*", re.ASCII)
_MONEY = re.compile(r"([+-]?)\s*[¥￥]\s*([+-]?)(.*)|(.*?)\s*元")
"""An amount with the sign of its currency before it, or the word behind."""


def written_number(text: str) -> str:
    """A number as people write it into a cell, as JSON spells it: blanks around it, a yuan sign, thousands between
    commas. A point is a decimal point. What is no number stays. Raises Refused for commas and points in other places:
    they may be either."""
    bare = text.strip()
    money = _MONEY.fullmatch(bare)
    if money is not None:
        bare = money[4] if money[4] is not None else f"{money[1]}{money[2]}{money[3].strip()}"
    if _GROUPED.fullmatch(bare):
        return bare.replace(",", "")
    if _MARKED.fullmatch(bare) and ("," in bare or bare.count(".") > 1):
        message = _("A comma may only stand between thousands, and a point only before decimals: 1,234.5")
        raise Refused([fault("ambiguous_number", message, got=text, allowed="1,234.5")])
    return bare if spelt_number(bare) is not None else text


def _short(number: Decimal) -> bool:
    """Whether a finite number is within MAX_DIGITS and MAX_EXPONENT."""
    _sign, digits, exponent = number.as_tuple()
    if len(digits) <= MAX_DIGITS and -100 < int(exponent) < 100:
        return True
    significant = len("".join(map(str, digits)).strip("0"))
    return (
        significant <= MAX_DIGITS
        and (not significant or abs(number.adjusted()) <= MAX_EXPONENT)
        and abs(int(exponent)) <= MAX_EXPONENT + MAX_DIGITS
    )


class NumberValue(ValueField):
    """A JSON number of at most 38 significant digits, within the field's bounds."""

    default_error_messages = {
        "too_many_digits": _("At most 38 significant digits and an exponent of at most 308 are allowed."),
        "too_small": _("The number must be at least {limit}."),
        "too_large": _("The number must be at most {limit}."),
        "too_many_decimals": _("At most {limit} decimal places are allowed."),
        "not_integer": _("The number must be an integer."),
        "wrong_range": _("Expected [min, max] with min not above max; null leaves an end open."),
    }
    expected = _("a number")

    @cached_property
    def _limits(self) -> tuple[Decimal | None, Decimal | None]:
        """The least and the greatest number. Late: the setting of a column that is only just made may be no number."""
        least, most = (self.column.setting.get(name) for name in ("min", "max"))
        return None if least is None else Decimal(str(least)), None if most is None else Decimal(str(most))

    def number(self, raw: Any) -> int | Decimal:
        """`raw` as an exact number. Raises Refused."""
        if isinstance(raw, Text):
            spelt = spelt_number(raw)
            raw = raw if spelt is None else spelt
        if isinstance(raw, float):  # from a setting or a tab, whose JSON Django reads; repr gives its digits back
            raw = Decimal(repr(raw))
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
            self.wrong_type(raw)
        if isinstance(raw, int) and raw.bit_length() <= 63:
            return raw
        if isinstance(raw, int) and raw.bit_length() > 1100:
            self.refuse("too_many_digits")
        number = Decimal(raw)
        if not number.is_finite():
            self.wrong_type(str(raw))
        if not _short(number):
            self.refuse("too_many_digits", got=str(raw))
        return number if number else number.copy_abs()  # no negative zero

    def parse(self, raw: Any, current: Any = None) -> int | Decimal:
        number = self.number(raw)
        setting = self.column.setting
        low, high = self._limits
        places = setting.get("decimal_places")
        faults = []
        if setting.get("strict") and number != int(number):
            faults.append(self.fault("not_integer", got=raw))
        if low is not None and number < low:
            faults.append(self.fault("too_small", got=raw, limit=setting["min"], allowed={"min": setting["min"]}))
        if high is not None and number > high:
            faults.append(self.fault("too_large", got=raw, limit=setting["max"], allowed={"max": setting["max"]}))
        if places is not None and isinstance(number, Decimal) and number != rounded(number, places):
            faults.append(self.fault("too_many_decimals", got=raw, limit=places, allowed={"decimal_places": places}))
        if faults:
            raise Refused(faults)
        return number

    def written_schema(self) -> dict[str, Any]:
        setting = self.column.setting
        limits = {"minimum": setting.get("min"), "maximum": setting.get("max")}
        given = {key: Decimal(str(limit)) for key, limit in limits.items() if limit is not None}
        return {"type": "integer" if setting.get("strict") else "number", **given}

    def single(self, raw: Any) -> int | Decimal:
        return self.number(raw)

    start = end = single


def rounded(number: Decimal, places: int) -> Decimal:
    """`number` to so many decimal places, half up."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)


class ExactNumber(serializers.DecimalField):
    """A number of a setting, kept in JSON without losing a digit: int, float where that is exact, else text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=MAX_DIGITS, decimal_places=None, required=False, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> int | float | str:  # type: ignore[override]
        value = super().to_internal_value(data)
        if value == int(value):
            return int(value)
        return float(value) if Decimal(repr(float(value))) == value else str(value)


class NumberSetting(UniqueSetting):
    min = ExactNumber(label=_("Minimum"))
    max = ExactNumber(label=_("Maximum"))
    decimal_places = serializers.IntegerField(
        min_value=0, max_value=30, required=False, allow_null=True, label=_("Decimal places")
    )
    default = ExactNumber(label=_("Default"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs.get("min"), attrs.get("max")
        if low is not None and high is not None and Decimal(str(low)) > Decimal(str(high)):
            raise serializers.ValidationError({"min": _("The minimum is above the maximum.")})
        return attrs


_between = Between(bounds=NUMBER_BOUNDS)
NUMBERS = (Exact(Equal()), Ranged(_between), Ordered(_between))
"""The families of numbers."""


class NumberType(FieldType):
    """Base of the types whose value is one number."""

    group = _("Numbers and time")
    control = "number"
    limits = {"too_small": "min", "too_large": "max", "too_many_decimals": "decimal_places"}
    Field = NumberValue
    Setting = NumberSetting
    families = NUMBERS
    sortable = True
    indexes = (BTREE,)
    unique_expression = "({json})"

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        return Text(written_number(text))

    def default(self, column: Column) -> Any:
        # Text, where a float would have lost digits.
        given = column.setting.get("default")
        return None if given is None else column.clean(Text(given))

    def formula_type(self, column: Column) -> FormulaType | None:
        return NUMBER

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else Decimal(stored)
