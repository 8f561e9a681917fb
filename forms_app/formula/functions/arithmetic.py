"""Arithmetic: signs, remainders, powers, roots and logarithms."""

from decimal import Decimal

from ..kinds import NUMBER
from ..operators import power
from ..parameters import A_NUMBER
from ..registry import function
from ..run import Run
from ..values import DIGITS, ZERO, Failure, Value
from ..words import _

TEN = Decimal(10)


@function(
    "ABS",
    "绝对值",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("ABS(-3.5)", Decimal("3.5")),
    english=_("The number without its sign."),
)
def absolute(run: Run, number: Decimal) -> Value:
    return abs(number)


@function(
    "SIGN",
    "正负号",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("SIGN(-3)", Decimal(-1)),
    english=_("-1, 0 or 1 as the number is negative, zero or positive."),
)
def sign(run: Run, number: Decimal) -> Value:
    return Decimal((number > 0) - (number < 0))


def _division(number: Decimal, divisor: Decimal) -> tuple[Decimal, Decimal]:
    """Gives the whole part of a division and its remainder; one that only the guard digits show is none."""
    whole, rest = divmod(number, divisor)
    least = abs(number).scaleb(-DIGITS)
    if abs(rest) <= least:
        return whole, ZERO
    if abs(divisor) - abs(rest) <= least:
        return whole + (1 if (number < 0) == (divisor < 0) else -1), ZERO
    return whole, rest


@function(
    "MOD",
    "取余",
    takes=[A_NUMBER, A_NUMBER],
    gives=NUMBER,
    example=("MOD(-7, 3)", Decimal(2)),
    english=_("The remainder of a division, with the divisor's sign."),
)
def remainder(run: Run, number: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        raise Failure("div0")
    rest = _division(number, divisor)[1]
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


@function(
    "QUOTIENT",
    "整除",
    takes=[A_NUMBER, A_NUMBER],
    gives=NUMBER,
    example=("QUOTIENT(-7, 3)", Decimal(-2)),
    english=_("The whole part of a division."),
)
def quotient(run: Run, number: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        raise Failure("div0")
    return _division(number, divisor)[0]


@function(
    "POWER",
    "乘幂",
    takes=[A_NUMBER, A_NUMBER],
    gives=NUMBER,
    example=("POWER(2, 10)", Decimal(1024)),
    english=_("The base to the exponent, as ^ does."),
)
def raised(run: Run, base: Decimal, exponent: Decimal) -> Value:
    return power(base, exponent)


@function(
    "SQRT",
    "平方根",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("SQRT(2.25)", Decimal("1.5")),
    english=_("The square root."),
)
def square_root(run: Run, number: Decimal) -> Value:
    return number.sqrt()


@function(
    "EXP",
    "指数",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("ROUND(EXP(1), 4)", Decimal("2.7183")),
    english=_("e to the number."),
)
def exponential(run: Run, number: Decimal) -> Value:
    return number.exp()


def _positive(number: Decimal) -> Decimal:
    if number <= 0:
        raise Failure("num")
    return number


@function(
    "LN",
    "自然对数",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("LN(1)", ZERO),
    english=_("The natural logarithm."),
)
def natural_logarithm(run: Run, number: Decimal) -> Value:
    return _positive(number).ln()


@function(
    "LOG10",
    "常用对数",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("LOG10(1000)", Decimal(3)),
    english=_("The logarithm to base 10."),
)
def decimal_logarithm(run: Run, number: Decimal) -> Value:
    return _positive(number).log10()


@function(
    "LOG",
    "对数",
    takes=[A_NUMBER, A_NUMBER],
    optional=1,
    gives=NUMBER,
    example=("LOG(8, 2)", Decimal(3)),
    english=_("The logarithm to a base, 10 when it is left out."),
)
def logarithm(run: Run, number: Decimal, base: Decimal = TEN) -> Value:
    if base == TEN:
        return _positive(number).log10()
    divisor = _positive(base).ln()
    if not divisor:
        raise Failure("div0")
    return _positive(number).ln() / divisor
