"""Arithmetic: signs, remainders, powers, roots and logarithms."""

from decimal import Decimal

from ..kinds import NUMBER
from ..operators import power
from ..parameters import A_NUMBER
from ..registry import function
from ..run import Run
from ..values import ZERO, Failure, Value


@function(
    "ABS",
    "绝对值",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("ABS(-3.5)", Decimal("3.5")),
    english="The number without its sign.",
    chinese="返回数字的绝对值。",
)
def absolute(run: Run, number: Decimal) -> Value:
    return abs(number)


@function(
    "SIGN",
    "正负号",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("SIGN(-3)", Decimal(-1)),
    english="-1, 0 or 1 as the number is negative, zero or positive.",
    chinese="负数返回-1，零返回0，正数返回1。",
)
def sign(run: Run, number: Decimal) -> Value:
    return Decimal((number > 0) - (number < 0))


@function(
    "MOD",
    "取余",
    takes=[A_NUMBER, A_NUMBER],
    gives=NUMBER,
    example=("MOD(-7, 3)", Decimal(2)),
    english="The remainder of a division, with the divisor's sign.",
    chinese="返回除法的余数，符号与除数相同。",
)
def remainder(run: Run, number: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        raise Failure("div0")
    rest = number % divisor
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


@function(
    "QUOTIENT",
    "整除",
    takes=[A_NUMBER, A_NUMBER],
    gives=NUMBER,
    example=("QUOTIENT(-7, 3)", Decimal(-2)),
    english="The whole part of a division.",
    chinese="返回除法的整数部分。",
)
def quotient(run: Run, number: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        raise Failure("div0")
    return number // divisor


@function(
    "POWER",
    "乘幂",
    takes=[A_NUMBER, A_NUMBER],
    gives=NUMBER,
    example=("POWER(2, 10)", Decimal(1024)),
    english="The base to the exponent, as ^ does.",
    chinese="返回底数的乘幂，与 ^ 相同。",
)
def raised(run: Run, base: Decimal, exponent: Decimal) -> Value:
    return power(base, exponent)


@function(
    "SQRT",
    "平方根",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("SQRT(2.25)", Decimal("1.5")),
    english="The square root.",
    chinese="返回平方根。",
)
def square_root(run: Run, number: Decimal) -> Value:
    return number.sqrt()


@function(
    "EXP",
    "指数",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("ROUND(EXP(1), 4)", Decimal("2.7183")),
    english="e to the number.",
    chinese="返回e的乘幂。",
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
    english="The natural logarithm.",
    chinese="返回自然对数。",
)
def natural_logarithm(run: Run, number: Decimal) -> Value:
    return _positive(number).ln()


@function(
    "LOG10",
    "常用对数",
    takes=[A_NUMBER],
    gives=NUMBER,
    example=("LOG10(1000)", Decimal(3)),
    english="The logarithm to base 10.",
    chinese="返回以10为底的对数。",
)
def decimal_logarithm(run: Run, number: Decimal) -> Value:
    return _positive(number).log10()
