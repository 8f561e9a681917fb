"""Operators: their result types, and what they compute."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from .kinds import ANY, BOOLEAN, DATE, DATETIME, MOMENTS, NUMBER, TEXT, FormulaType
from .run import Run
from .values import EPOCH, ZERO, Failure, Value, in_zone, order, plus, settled, since_epoch, text_of

Apply: TypeAlias = Callable[[Run, Value, Value], Value]

DAY = Decimal(86_400_000_000)
MICROSECOND = timedelta(microseconds=1)
HUNDRED = Decimal(100)
COMPARISONS: dict[str, Callable[[int], bool]] = {
    "=": lambda sign: sign == 0,
    "<>": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def number_of(value: Value) -> Decimal:
    """Gives an operand of arithmetic as a number: empty is 0, anything else fails."""
    if value is None:
        return ZERO
    if isinstance(value, Decimal):
        return value
    raise Failure("value")


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """Gives base to the exponent; fails where the reals have no such number."""
    if not base and exponent < 0:
        raise Failure("div0")
    # 0^0 and roots of negatives signal an invalid operation, large results an overflow: errors both.
    return base**exponent


def _shift(run: Run, moment: date, days: Decimal) -> Value:
    if isinstance(moment, datetime):
        instant = EPOCH + since_epoch(moment, run.zone) + timedelta(microseconds=int(settled(days * DAY)))
        return in_zone(instant, run.zone)
    return moment + timedelta(days=int(settled(days)))


def _days_between(run: Run, later: date, earlier: date) -> Decimal:
    if isinstance(later, datetime) or isinstance(earlier, datetime):
        elapsed = since_epoch(later, run.zone) - since_epoch(earlier, run.zone)
        return Decimal(elapsed // MICROSECOND) / DAY
    return Decimal((later - earlier).days)


def _add(run: Run, left: Value, right: Value) -> Value:
    if isinstance(left, date):
        return _shift(run, left, number_of(right))
    if isinstance(right, date):
        return _shift(run, right, number_of(left))
    return plus(number_of(left), number_of(right))


def _subtract(run: Run, left: Value, right: Value) -> Value:
    if isinstance(left, date):
        if isinstance(right, date):
            return _days_between(run, left, right)
        return _shift(run, left, -number_of(right))
    if isinstance(right, date) and left is None:
        return None
    return plus(number_of(left), -number_of(right))


def _multiply(run: Run, left: Value, right: Value) -> Value:
    return number_of(left) * number_of(right)


def _divide(run: Run, left: Value, right: Value) -> Value:
    divisor = number_of(right)
    if not divisor:
        raise Failure("div0")
    return number_of(left) / divisor


def _join(run: Run, left: Value, right: Value) -> Value:
    return run.text(text_of(left, run.zone) + text_of(right, run.zone))


ARITHMETIC: dict[str, Apply] = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide}


def _comparing(test: Callable[[int], bool]) -> Apply:
    equal, differs = test(0), test(1) and test(-1)

    def compare(run: Run, left: Value, right: Value) -> Value:
        if left is None and right is None:
            return equal
        left = _zero_like(right) if left is None else left
        right = _zero_like(left) if right is None else right
        if left is None or right is None:
            # An empty date is before and after nothing, equal to nothing, and different from every date.
            return differs
        return test(order(left, right, run.zone))

    return compare


def _zero_like(value: Value) -> Value:
    match value:
        case bool():
            return False
        case Decimal():
            return ZERO
        case str():
            return ""
        case date():
            return None
    raise Failure("value")


def _blank_if(apply: Apply, left_is_moment: bool, right_is_moment: bool) -> Apply:
    """Wraps date arithmetic: where a declared date is missing, the result is empty, not counted from 0."""

    def apply_unless_blank(run: Run, left: Value, right: Value) -> Value:
        if (left is None and left_is_moment) or (right is None and right_is_moment):
            return None
        return apply(run, left, right)

    return apply_unless_blank


def _sum_type(operator: str, left: FormulaType, right: FormulaType) -> FormulaType | None:
    """Gives the type of a sum or difference with a date in it, or None when there is none."""
    left_is_moment, right_is_moment = left.kind in MOMENTS, right.kind in MOMENTS
    if left_is_moment and right_is_moment:
        return NUMBER if operator == "-" else None
    moment, other = (left, right) if left_is_moment else (right, left)
    if other.kind == "any":
        return ANY
    if other.kind != "number" or (right_is_moment and operator == "-"):
        return None
    return DATE if moment.kind == "date" else DATETIME


def binary(operator: str, left: FormulaType, right: FormulaType) -> tuple[FormulaType, Apply] | None:
    """Gives the result's type and the computation for operands of these types, None when they don't fit."""
    if left.is_list or right.is_list:
        return None
    kinds = {left.kind, right.kind}
    if operator == "&":
        return TEXT, _join
    if operator in COMPARISONS:
        fits = len(kinds) == 1 or "any" in kinds or kinds == MOMENTS
        return (BOOLEAN, _comparing(COMPARISONS[operator])) if fits else None
    apply = ARITHMETIC[operator]
    if operator in "*/":
        return (NUMBER, apply) if kinds <= {"number", "any"} else None
    if kinds & MOMENTS:
        given = _sum_type(operator, left, right)
        wrapped = _blank_if(apply, left.kind in MOMENTS, right.kind in MOMENTS)
        return None if given is None else (given, wrapped)
    if kinds == {"number"}:
        return NUMBER, apply
    return (ANY, apply) if kinds <= {"number", "any"} else None
