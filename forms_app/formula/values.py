"""Values: what a formula computes with, and the errors it may give instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TypeAlias

from .kinds import FormulaType
from .words import _

Value: TypeAlias = Decimal | str | bool | date | datetime | tuple["Value", ...] | None

ZERO = Decimal(0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DIGITS = 38
"""Significant digits of every value that leaves a formula, or is compared or cut."""
GUARD_DIGITS = 12
"""Further digits of what is computed on the way, so that 100 / 3 * 3 is 100 wherever it is looked at."""
LARGEST_EXPONENT = 308


def _context(digits: int) -> Context:
    traps = [DivisionByZero, InvalidOperation, Overflow]
    return Context(prec=digits, Emax=LARGEST_EXPONENT, Emin=-LARGEST_EXPONENT, traps=traps)


# All arithmetic runs in this context, whatever the caller's own one is.
CONTEXT = _context(DIGITS + GUARD_DIGITS)
_SETTLED = _context(DIGITS)


def in_range(number: Decimal) -> bool:
    """Says whether a number may stand in a formula's text."""
    return len(number.as_tuple().digits) <= DIGITS and abs(number.adjusted()) <= LARGEST_EXPONENT


def settled(number: Decimal) -> Decimal:
    """Gives a number without guard digits."""
    return _SETTLED.plus(number)


def plus(left: Decimal, right: Decimal) -> Decimal:
    """Adds two numbers; what is left of them only in the guard digits is nothing."""
    total = left + right
    if total and left and right and total.adjusted() <= max(left.adjusted(), right.adjusted()) - DIGITS:
        return ZERO
    return total


ERRORS = {
    "div0": _("Division by zero."),
    "value": _("A value has the wrong type or can't be read."),
    "num": _("A number is out of range."),
    "date": _("A date is out of range."),
    "limit": _("The formula does too much work or makes too long a text."),
    "missing": _("Nothing was found."),
}


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """The result of a formula that could not be computed: a stable code, a sentence's template and its parameters."""

    code: str
    message: str
    params: dict[str, object] = field(default_factory=dict, compare=False)

    def said(self, translate: Callable[[str], str] = str) -> str:
        """Gives the sentence; `translate` turns a template or a word into the reader's language."""
        return filled(self.message, self.params, translate)


WORDED = frozenset({"expected", "got", "left", "right"})
"""The parameters of a sentence that name kinds of values; the others quote the formula or what it read."""


def filled(template: str, params: Mapping[str, object], translate: Callable[[str], str]) -> str:
    """Gives a template's sentence, its words of kinds translated too."""
    words = {
        name: translate(value) if name in WORDED and isinstance(value, str) else value for name, value in params.items()
    }
    return translate(template).format(**words)


class Failure(Exception):
    """Carries an error value from the place it arose to IFERROR or to the end of the evaluation."""

    def __init__(self, code: str, message: str = "", **params: object) -> None:
        self.error = ErrorValue(code, message or ERRORS[code], params)
        super().__init__(code)


KINDS: dict[type, str] = {
    Decimal: "number",
    str: "text",
    bool: "boolean",
    date: "date",
    datetime: "datetime",
    tuple: "list",
    type(None): "empty",
}


def kind_of(value: Value) -> str:
    """Gives the kind of an admitted value; `list` and `empty` are kinds here too."""
    return KINDS[type(value)]


def midnight(day: date, zone: tzinfo) -> datetime:
    """Gives the first instant of a day in a zone."""
    return datetime.combine(day, time.min, zone)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Gives the same instant on the clocks of a zone."""
    return moment if moment.tzinfo is zone else moment.astimezone(zone)


def since_epoch(moment: date | datetime, zone: tzinfo) -> timedelta:
    """Gives the time elapsed since 1970 in UTC; a date stands for its first instant in the zone.

    Python compares and subtracts two datetimes of one zone by their clocks, which is wrong across a change of
    daylight saving time; elapsed times are right.
    """
    return (moment if isinstance(moment, datetime) else midnight(moment, zone)) - EPOCH


def as_datetime(moment: Value, zone: tzinfo) -> datetime:
    """Takes a date or datetime, gives a datetime in the zone; a date stands for its first instant."""
    if isinstance(moment, datetime):
        return in_zone(moment, zone)
    if isinstance(moment, date):
        return midnight(moment, zone)
    raise Failure("value")


def _admit_number(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise Failure("num")
    return settled(value)


def _admit_datetime(value: datetime, zone: tzinfo) -> datetime:
    # A subclass may behave otherwise (pandas, freezegun): rebuilt, so that only plain datetimes get in.
    moment = datetime.combine(value.date(), value.timetz())
    return moment.replace(tzinfo=zone) if moment.utcoffset() is None else moment


def _admit_scalar(value: object, zone: tzinfo) -> Value:
    match value:
        case None | bool():
            return value
        case Decimal():
            return _admit_number(value)
        case int():
            return _admit_number(Decimal(value))
        case float():
            return _admit_number(Decimal(repr(value)))
        case str():
            return str(value)
        case datetime():
            return _admit_datetime(value, zone)
        case date():
            return date(value.year, value.month, value.day)
    raise Failure("value", _("Values of type {kind} have no place in formulas."), kind=type(value).__name__)


def _of_kind(value: Value, kind: str, zone: tzinfo) -> Value:
    given = kind_of(value)
    if kind in ("any", given) or value is None:
        return value
    if kind == "datetime" and given == "date":
        return as_datetime(value, zone)
    if kind == "date" and isinstance(value, datetime):
        return in_zone(value, zone).date()
    raise Failure("value", _("{expected} was expected where {got} was read."), expected=kind, got=given)


def admit(value: object, declared: FormulaType, zone: tzinfo) -> Value:
    """Takes whatever was read, gives it as a value of the declared type or raises `Failure`."""
    if type(value) is Decimal and declared.kind == "number" and not declared.is_list:
        return _admit_number(value)
    if isinstance(value, ErrorValue):
        raise Failure(value.code, value.message)
    if value is None:
        return () if declared.is_list else None
    if isinstance(value, list | tuple):
        if not (declared.is_list or declared.kind == "any"):
            raise Failure("value", _("A single {expected} was expected where a list was read."), expected=declared.kind)
        return tuple(_of_kind(_admit_scalar(item, zone), declared.kind, zone) for item in value)
    if declared.is_list:
        raise Failure("value", _("A list was expected where a single value was read."))
    return _of_kind(_admit_scalar(value, zone), declared.kind, zone)


def decimals_of(number: Decimal) -> int:
    """Gives the decimals a finite number is written with; negative for a positive exponent."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def plain_number(number: Decimal) -> Decimal:
    """Gives the number without trailing zeros, positive exponent or negative zero."""
    if not number:
        return ZERO
    short = number.normalize(_SETTLED)
    if not short:
        return ZERO
    return Decimal(int(short)) if decimals_of(short) < 0 else short


def plain(value: Value) -> Value:
    """Gives a value as it leaves the evaluation: numbers in their one plain form."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return value


def text_of(value: Value, zone: tzinfo) -> str:
    """Gives the text that `&` and STRING make of a single value."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case Decimal():
            return format(plain_number(value), "f")
        case datetime():
            return in_zone(value, zone).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
    raise Failure("value", _("A list can't be text; JOIN makes one of it."))


def order(left: Value, right: Value, zone: tzinfo) -> int:
    """Gives -1, 0 or 1 for two values that aren't empty; raises `Failure` when their kinds don't compare."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        left, right = settled(left), settled(right)
        return (left > right) - (left < right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, bool) and isinstance(right, bool):
        return left - right
    if isinstance(left, date) and isinstance(right, date):
        if isinstance(left, datetime) or isinstance(right, datetime):
            first, second = since_epoch(left, zone), since_epoch(right, zone)
            return (first > second) - (first < second)
        return (left > right) - (left < right)
    raise Failure("value", _("{left} can't be compared with {right}."), left=kind_of(left), right=kind_of(right))


def same(left: Value, right: Value, zone: tzinfo) -> bool:
    """Says whether two values are equal; values of different kinds just aren't."""
    if left is None or right is None:
        return left is right
    try:
        return order(left, right, zone) == 0
    except Failure:
        return False
