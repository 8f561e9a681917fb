"""Formats: a value written by a pattern."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from ..kinds import MOMENTS, TEXT, FormulaType
from ..parameters import A_VALUE, Parameter
from ..patterns import Unreadable, read_moment_pattern, read_number_pattern, write_moment, write_number, write_text
from ..registry import function
from ..run import Run
from ..values import Failure, Value, as_datetime, settled, text_of
from ..words import _

A_PATTERN = Parameter(frozenset({"text"}), blank="")


def _unknown(pattern: str, unreadable: Unreadable) -> Failure:
    message = _("The pattern {pattern} is not known from {part} on. Words in a pattern stand in quotes.")
    return Failure("value", message, pattern=pattern[:80], part=unreadable.part)


def _reads(read: Callable[[str], object], pattern: str) -> Failure | None:
    try:
        read(pattern)
    except Unreadable as unreadable:
        return _unknown(pattern, unreadable)
    return None


def check_pattern(constant: Value, given: Sequence[FormulaType]) -> None:
    """Raises `Failure` for a pattern by which no value of the type could be written."""
    if not isinstance(constant, str) or not constant:
        return
    of_number, of_moment = _reads(read_number_pattern, constant), _reads(read_moment_pattern, constant)
    if given[0].kind == "number":
        refusals = [of_number]
    elif given[0].kind in MOMENTS:
        refusals = [of_moment]
    else:
        refusals = [of_number, of_moment]
    if None not in refusals and refusals[-1] is not None:
        raise refusals[-1]


@function(
    "TEXT",
    "格式化",
    "DATETIME_FORMAT",
    takes=[A_VALUE, A_PATTERN],
    optional=1,
    gives=TEXT,
    checks={1: check_pattern},
    example=('TEXT(1234.5, "#,##0.00")', "1,234.50"),
    english=_("A number, date or text written by a pattern of spreadsheets: #,##0.00, 0%, YYYY-MM-DD HH:mm, mmm d."),
)
def formatted(run: Run, value: Value, pattern: str = "") -> Value:
    try:
        if pattern and isinstance(value, Decimal):
            return run.text(write_number(settled(value), pattern))
        if pattern and isinstance(value, date):
            return run.text(write_moment(as_datetime(value, run.zone), pattern))
        if pattern and isinstance(value, str):
            return run.text(write_text(value, pattern))
    except Unreadable as unreadable:
        raise _unknown(pattern, unreadable) from None
    return text_of(value, run.zone)
