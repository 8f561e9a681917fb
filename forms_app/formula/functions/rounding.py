"""Rounding: to decimals, to whole numbers, to multiples."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal

from ..kinds import NUMBER
from ..parameters import A_SETTLED
from ..registry import function
from ..run import Run
from ..values import LARGEST_EXPONENT, ZERO, Failure, Value, decimals_of, settled
from ..words import _

ONE = Decimal(1)


def _rounded(number: Decimal, digits: Decimal, rounding: str) -> Decimal:
    places = max(-LARGEST_EXPONENT, min(LARGEST_EXPONENT, int(digits)))
    if decimals_of(number) <= places:
        return number
    return number.quantize(ONE.scaleb(-places), rounding)


@function(
    "ROUND",
    "四舍五入",
    takes=[A_SETTLED, A_SETTLED],
    optional=1,
    gives=NUMBER,
    example=("ROUND(2.345, 2)", Decimal("2.35")),
    english=_("Rounds to so many decimals, halves away from zero."),
)
def round_half(run: Run, number: Decimal, digits: Decimal = ZERO) -> Value:
    return _rounded(number, digits, ROUND_HALF_UP)


@function(
    "ROUNDUP",
    "向上舍入",
    takes=[A_SETTLED, A_SETTLED],
    optional=1,
    gives=NUMBER,
    example=("ROUNDUP(2.341, 2)", Decimal("2.35")),
    english=_("Rounds away from zero to so many decimals."),
)
def round_up(run: Run, number: Decimal, digits: Decimal = ZERO) -> Value:
    return _rounded(number, digits, ROUND_UP)


@function(
    "ROUNDDOWN",
    "向下舍入",
    takes=[A_SETTLED, A_SETTLED],
    optional=1,
    gives=NUMBER,
    example=("ROUNDDOWN(-2.349, 2)", Decimal("-2.34")),
    english=_("Rounds towards zero to so many decimals."),
)
def round_down(run: Run, number: Decimal, digits: Decimal = ZERO) -> Value:
    return _rounded(number, digits, ROUND_DOWN)


@function(
    "TRUNC",
    "截尾",
    takes=[A_SETTLED, A_SETTLED],
    optional=1,
    gives=NUMBER,
    example=("TRUNC(-8.9)", Decimal(-8)),
    english=_("Cuts the decimals off after so many."),
)
def truncated(run: Run, number: Decimal, digits: Decimal = ZERO) -> Value:
    return _rounded(number, digits, ROUND_DOWN)


@function(
    "INT",
    "取整",
    takes=[A_SETTLED],
    gives=NUMBER,
    example=("INT(-8.1)", Decimal(-9)),
    english=_("The greatest whole number that is not above the number."),
)
def whole(run: Run, number: Decimal) -> Value:
    return _rounded(number, ZERO, ROUND_FLOOR)


def _to_multiple(number: Decimal, step: Decimal, rounding: str) -> Decimal:
    """As spreadsheets do: a negative step belongs to a negative number only, and turns the direction round."""
    if number > 0 > step:
        raise Failure("num", _("A positive number has no multiple of a negative step."))
    return settled(number / step).to_integral_value(rounding) * step


@function(
    "CEILING",
    "向上取整",
    takes=[A_SETTLED, A_SETTLED],
    optional=1,
    gives=NUMBER,
    example=("CEILING(7.2, 0.5)", Decimal("7.5")),
    english=_(
        "The next multiple of the step that is not below the number; the step is 1 when left out. With a negative step "
        "the next one that is not above a negative number."
    ),
)
def ceiling(run: Run, number: Decimal, step: Decimal = ONE) -> Value:
    return _to_multiple(number, step, ROUND_CEILING) if step else ZERO


@function(
    "FLOOR",
    "向下取整",
    takes=[A_SETTLED, A_SETTLED],
    optional=1,
    gives=NUMBER,
    example=("FLOOR(7.8, 0.5)", Decimal("7.5")),
    english=_(
        "The next multiple of the step that is not above the number; the step is 1 when left out. With a negative step "
        "the next one that is not below a negative number."
    ),
)
def floor(run: Run, number: Decimal, step: Decimal = ONE) -> Value:
    if number and not step:
        raise Failure("div0")
    return _to_multiple(number, step, ROUND_FLOOR) if step else ZERO
