"""Logic: conditions and choices. Only the branch that is chosen is computed."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

from ..kinds import BOOLEAN, FormulaType, common_type
from ..parameters import A_BOOLEAN, A_VALUE, BOOLEANS, VALUES
from ..registry import function
from ..run import Run, attempt
from ..values import ErrorValue, Failure, Value, same
from ..words import _

Later: TypeAlias = Callable[[Run], Value]


def is_blank(value: Value) -> bool:
    """Says whether a value is empty: nothing, a text without characters, a list without items."""
    return value is None or value in ("", ())


def _branches(arguments: Sequence[FormulaType]) -> FormulaType:
    return common_type(arguments[1:])


def _pairs(arguments: Sequence[FormulaType]) -> FormulaType:
    return common_type(arguments[1::2])


def _cases(arguments: Sequence[FormulaType]) -> FormulaType:
    results = list(arguments[2::2])
    if len(arguments) % 2 == 0:
        results.append(arguments[-1])
    return common_type(results)


@function(
    "IF",
    "如果",
    takes=[A_BOOLEAN, VALUES, VALUES],
    optional=1,
    gives=_branches,
    lazy=True,
    example=('IF(3 > 2, "yes", "no")', "yes"),
    results=lambda count: range(1, count),
    english=_("The second argument when the condition holds, else the third (empty when left out)."),
)
def choose(run: Run, condition: Later, then: Later, otherwise: Later | None = None) -> Value:
    if condition(run):
        return then(run)
    return None if otherwise is None else otherwise(run)


@function(
    "IFS",
    "多条件",
    takes=[A_BOOLEAN, VALUES],
    repeats=2,
    gives=_pairs,
    lazy=True,
    example=('IFS(85 >= 90, "A", 85 >= 80, "B", TRUE, "C")', "B"),
    results=lambda count: range(1, count, 2),
    english=_("The value after the first condition that holds; empty when none does."),
)
def choose_first(run: Run, *arguments: Later) -> Value:
    for condition, then in zip(arguments[::2], arguments[1::2], strict=True):
        if condition(run):
            return then(run)
    return None


@function(
    "SWITCH",
    "匹配",
    takes=[A_VALUE, A_VALUE, VALUES, VALUES],
    optional=1,
    repeats=1,
    gives=_cases,
    lazy=True,
    example=('SWITCH(2, 1, "one", 2, "two", "many")', "two"),
    compared=lambda count: range(1, count - 1, 2),
    results=lambda count: [*range(2, count, 2), *([count - 1] if count % 2 == 0 else [])],
    english=_("The value after the case that equals the first argument; a last one alone is for all others."),
)
def switch(run: Run, subject: Later, *arguments: Later) -> Value:
    value = subject(run)
    for case, then in zip(arguments[::2], arguments[1::2], strict=False):
        if same(value, case(run), run.zone):
            return then(run)
    return arguments[-1](run) if len(arguments) % 2 else None


def _truths(run: Run, arguments: Sequence[Later]) -> list[bool]:
    truths: list[bool] = []
    for argument in arguments:
        value = argument(run)
        truths += [bool(item) for item in (value if isinstance(value, tuple) else (value,))]
    return truths


@function(
    "AND",
    "并且",
    takes=[BOOLEANS],
    repeats=1,
    gives=BOOLEAN,
    lazy=True,
    example=("AND(TRUE, 2 > 1)", True),
    english=_("Whether all conditions hold; the first that doesn't ends the search."),
)
def all_hold(run: Run, *arguments: Later) -> Value:
    return all(all(_truths(run, [argument])) for argument in arguments)


@function(
    "OR",
    "或者",
    takes=[BOOLEANS],
    repeats=1,
    gives=BOOLEAN,
    lazy=True,
    example=("OR(FALSE, 2 > 1)", True),
    english=_("Whether any condition holds; the first that does ends the search."),
)
def any_holds(run: Run, *arguments: Later) -> Value:
    return any(any(_truths(run, [argument])) for argument in arguments)


@function(
    "XOR",
    "异或",
    takes=[BOOLEANS],
    repeats=1,
    gives=BOOLEAN,
    lazy=True,
    example=("XOR(TRUE, TRUE)", False),
    english=_("Whether an odd number of the conditions hold."),
)
def odd_holds(run: Run, *arguments: Later) -> Value:
    return sum(_truths(run, arguments)) % 2 == 1


@function(
    "NOT",
    "非",
    takes=[A_BOOLEAN],
    gives=BOOLEAN,
    example=("NOT(1 = 2)", True),
    english=_("Whether the condition does not hold."),
)
def negated(run: Run, condition: bool) -> Value:
    return not condition


@function(
    "IFERROR",
    "如果出错",
    takes=[VALUES, VALUES],
    gives=common_type,
    lazy=True,
    example=("IFERROR(1 / 0, -1)", Decimal(-1)),
    results=range,
    english=_("The first argument, or the second when the first is an error."),
)
def unless_error(run: Run, tried: Later, otherwise: Later) -> Value:
    value = attempt(tried, run)
    return otherwise(run) if isinstance(value, ErrorValue) else value


@function(
    "ISERROR",
    "是否出错",
    takes=[VALUES],
    gives=BOOLEAN,
    lazy=True,
    example=("ISERROR(1 / 0)", True),
    english=_("Whether the argument is an error."),
)
def is_error(run: Run, tried: Later) -> Value:
    return isinstance(attempt(tried, run), ErrorValue)


@function(
    "ISBLANK",
    "是否为空",
    "ISEMPTY",
    takes=[VALUES],
    gives=BOOLEAN,
    example=('ISBLANK("")', True),
    english=_("Whether the argument is empty: no value, no characters or no items."),
)
def blank(run: Run, value: Value) -> Value:
    return is_blank(value)


@function(
    "COALESCE",
    "首个非空值",
    "IFEMPTY",
    "如果为空",
    "IFBLANK",
    takes=[VALUES],
    repeats=1,
    gives=common_type,
    lazy=True,
    example=('COALESCE("", "a", "b")', "a"),
    results=range,
    english=_("The first argument that is not empty."),
)
def first_present(run: Run, *arguments: Later) -> Value:
    for argument in arguments:
        value = argument(run)
        if not is_blank(value):
            return value
    return None


@function(
    "ISNUMBER",
    "是否为数字",
    takes=[VALUES],
    gives=BOOLEAN,
    example=('ISNUMBER("1")', False),
    english=_("Whether the argument is a number."),
)
def is_number(run: Run, value: Value) -> Value:
    return isinstance(value, Decimal)


@function(
    "ISTEXT",
    "是否为文本",
    takes=[VALUES],
    gives=BOOLEAN,
    example=('ISTEXT("1")', True),
    english=_("Whether the argument is text."),
)
def is_text(run: Run, value: Value) -> Value:
    return isinstance(value, str)


@function(
    "ERROR",
    "报错",
    takes=[],
    gives=common_type,
    example=("IFERROR(ERROR(), 1)", Decimal(1)),
    english=_("An error, to mark a branch that should not be reached."),
)
def error(run: Run) -> Value:
    raise Failure("value")
