"""Criteria: sums, counts and means of those items of a list that fit a condition such as ">=10", "<>done" or "GD*"."""

import re
from collections.abc import Callable
from decimal import Decimal

from ..calendar_reading import read_moment
from ..kinds import NUMBER
from ..operators import COMPARISONS
from ..parameters import A_VALUE, VALUES
from ..registry import function
from ..run import Run
from ..values import Failure, Value, kind_of, order
from ..words import _
from .aggregates import total_of
from .conversion import read_number
from .logic import is_blank

_CRITERION = re.compile(r"(?P<sign><=|>=|<>|<|>|=)?(?P<rest>.*)", re.DOTALL)
Fits = Callable[[Value], bool]


def _items(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else (value,)


def _operand(run: Run, text: str) -> Value:
    """Gives what a criterion's text spells: a number, a date or itself."""
    for read in (read_number, lambda written: read_moment(written, run.zone)):
        try:
            return read(text)
        except (Failure, ArithmeticError):
            continue
    return text


def _like(text: str, pattern: str) -> bool:
    """Says whether a text is as a pattern with `*` for any text and `?` for a character; `~` before one means itself.

    Goes back to the last `*` only, so it takes at most the product of the two lengths.
    """
    marks = re.findall(r"~[*?~]|.", pattern, re.DOTALL)
    place = mark = 0
    star, resumed = -1, 0
    while place < len(text):
        if mark < len(marks) and marks[mark] == "*":
            star, resumed = mark, place
            mark += 1
        elif mark < len(marks) and (marks[mark] == "?" or marks[mark][-1] == text[place]):
            place, mark = place + 1, mark + 1
        elif star >= 0:
            resumed += 1
            place, mark = resumed, star + 1
        else:
            return False
    return all(left == "*" for left in marks[mark:])


def _of_text(run: Run, sign: str, wanted: str) -> Fits:
    small = wanted.casefold()

    def fits(item: Value) -> bool:
        if not isinstance(item, str):
            return sign == "<>"
        run.spend(1 + len(item) * len(small) // 100)
        if sign in ("=", "<>"):
            return _like(item.casefold(), small) == (sign == "=")
        return COMPARISONS[sign](order(item.casefold(), small, run.zone))

    return fits


def _of_value(run: Run, sign: str, wanted: Value) -> Fits:
    kinds = {kind_of(wanted)} | ({"date", "datetime"} if kind_of(wanted) in ("date", "datetime") else set())

    def fits(item: Value) -> bool:
        if kind_of(item) not in kinds:
            return sign == "<>"
        return COMPARISONS[sign](order(item, wanted, run.zone))

    return fits


def criterion(run: Run, given: Value) -> Fits:
    """Takes a value, or a text with `=`, `<>`, `<` … before one, gives what says whether an item fits it."""
    if not isinstance(given, str):
        return is_blank if given is None else _of_value(run, "=", given)
    match = _CRITERION.fullmatch(given)
    assert match is not None  # it matches everything
    sign, rest = match["sign"] or "=", match["rest"]
    if not rest:
        return (lambda item: not is_blank(item)) if sign == "<>" else is_blank
    wanted = _operand(run, rest)
    return _of_text(run, sign, wanted) if isinstance(wanted, str) else _of_value(run, sign, wanted)


def _chosen(run: Run, items: Value, given: Value, values: Value) -> list[Decimal]:
    """Gives the numbers of `values` at the places whose items fit."""
    looked_at, taken = _items(items), _items(items if values is None else values)
    if len(looked_at) != len(taken):
        raise Failure("value", _("The lists have different lengths."))
    fits = criterion(run, given)
    return [number for item, number in zip(looked_at, taken, strict=True) if isinstance(number, Decimal) and fits(item)]


@function(
    "COUNTIF",
    "条件计数",
    takes=[VALUES, A_VALUE],
    gives=NUMBER,
    example=('COUNTIF(LIST(5, 12, 30), ">=10")', Decimal(2)),
    compared=lambda count: [1],
    criterion=True,
    english=_(
        'How many items of a list fit a condition: a value, or a text such as ">=10", "<>done" or "GD*", in any case.'
    ),
)
def count_if(run: Run, items: Value, given: Value) -> Value:
    fits = criterion(run, given)
    return Decimal(sum(fits(item) for item in _items(items)))


@function(
    "SUMIF",
    "条件求和",
    takes=[VALUES, A_VALUE, VALUES],
    optional=1,
    gives=NUMBER,
    example=('SUMIF(LIST("a", "b", "a"), "a", LIST(1, 2, 3))', Decimal(4)),
    compared=lambda count: [1],
    criterion=True,
    english=_("The sum of the items that fit a condition as COUNTIF takes it, or of the numbers at their places."),
)
def sum_if(run: Run, items: Value, given: Value, values: Value = None) -> Value:
    return total_of(_chosen(run, items, given, values))


@function(
    "AVERAGEIF",
    "条件平均值",
    takes=[VALUES, A_VALUE, VALUES],
    optional=1,
    gives=NUMBER,
    example=('AVERAGEIF(LIST(5, 12, 30), ">=10")', Decimal(21)),
    compared=lambda count: [1],
    criterion=True,
    english=_("The mean of what SUMIF adds; empty when there is none."),
)
def average_if(run: Run, items: Value, given: Value, values: Value = None) -> Value:
    numbers = _chosen(run, items, given, values)
    return total_of(numbers) / len(numbers) if numbers else None
