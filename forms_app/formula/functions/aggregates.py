"""Aggregates: one value from many, given singly or in lists; empty ones are left out."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import reduce

from ..kinds import NUMBER, FormulaType, common_type, item_of
from ..parameters import COMPARABLES, NUMBERS, VALUES
from ..registry import function
from ..run import Run
from ..values import ZERO, Value, order, plus
from ..words import _

ONE = Decimal(1)


def _flat(arguments: tuple[Value, ...]) -> list[Value]:
    """Gives all values of single and list arguments in one list, the empty ones left out."""
    values: list[Value] = []
    for argument in arguments:
        items = argument if isinstance(argument, tuple) else (argument,)
        values += [item for item in items if item is not None]
    return values


def _numbers(arguments: tuple[Value, ...]) -> list[Decimal]:
    return [item for item in _flat(arguments) if isinstance(item, Decimal)]


def total_of(numbers: Iterable[Decimal]) -> Decimal:
    """Gives the sum of numbers, 0 for none."""
    return reduce(plus, numbers, ZERO)


def _common_item(arguments: Sequence[FormulaType]) -> FormulaType:
    return common_type(item_of(argument) for argument in arguments)


@function(
    "SUM",
    "求和",
    takes=[NUMBERS],
    repeats=1,
    gives=NUMBER,
    example=("SUM(1, 2.5, LIST(3, 4))", Decimal("10.5")),
    english=_("The sum of numbers and lists of numbers."),
)
def total(run: Run, *arguments: Value) -> Value:
    return total_of(_numbers(arguments))


@function(
    "AVERAGE",
    "平均值",
    takes=[NUMBERS],
    repeats=1,
    gives=NUMBER,
    example=("AVERAGE(1, 2, 6)", Decimal(3)),
    english=_("The mean; empty when there is no number."),
)
def average(run: Run, *arguments: Value) -> Value:
    numbers = _numbers(arguments)
    return total_of(numbers) / len(numbers) if numbers else None


@function(
    "MEDIAN",
    "中位数",
    takes=[NUMBERS],
    repeats=1,
    gives=NUMBER,
    example=("MEDIAN(1, 9, 2, 4)", Decimal(3)),
    english=_("The middle of the sorted numbers; empty when there is no number."),
)
def median(run: Run, *arguments: Value) -> Value:
    numbers = sorted(_numbers(arguments))
    middle = len(numbers) // 2
    if not numbers:
        return None
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


@function(
    "PRODUCT",
    "乘积",
    takes=[NUMBERS],
    repeats=1,
    gives=NUMBER,
    example=("PRODUCT(2, 3, 4)", Decimal(24)),
    english=_("The product of all numbers; 0 when there is none."),
)
def product(run: Run, *arguments: Value) -> Value:
    numbers = _numbers(arguments)
    result = ONE
    for number in numbers:
        result *= number
    return result if numbers else ZERO


@function(
    "COUNT",
    "计数",
    takes=[VALUES],
    repeats=1,
    gives=NUMBER,
    example=('COUNT(1, "a", LIST(2, 3))', Decimal(3)),
    english=_("How many numbers there are."),
)
def count_numbers(run: Run, *arguments: Value) -> Value:
    return Decimal(len(_numbers(arguments)))


@function(
    "COUNTA",
    "非空计数",
    takes=[VALUES],
    repeats=1,
    gives=NUMBER,
    example=('COUNTA(1, "a", "")', Decimal(2)),
    english=_("How many values are not empty."),
)
def count_values(run: Run, *arguments: Value) -> Value:
    return Decimal(sum(item != "" for item in _flat(arguments)))


def _extreme(run: Run, arguments: tuple[Value, ...], better: Callable[[int], bool]) -> Value:
    best: Value = None
    for item in _flat(arguments):
        if best is None or better(order(item, best, run.zone)):
            best = item
    return best


@function(
    "MIN",
    "最小值",
    takes=[COMPARABLES],
    repeats=1,
    gives=_common_item,
    example=("MIN(3, 1, 2)", Decimal(1)),
    english=_("The least number or the earliest date; empty when there is none."),
)
def least(run: Run, *arguments: Value) -> Value:
    return _extreme(run, arguments, lambda sign: sign < 0)


@function(
    "MAX",
    "最大值",
    takes=[COMPARABLES],
    repeats=1,
    gives=_common_item,
    example=("MAX(3, 1, 2)", Decimal(3)),
    english=_("The greatest number or the latest date; empty when there is none."),
)
def greatest(run: Run, *arguments: Value) -> Value:
    return _extreme(run, arguments, lambda sign: sign > 0)
