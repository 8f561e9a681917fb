"""Durations: distances between dates, weeks and working days."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from ..kinds import NUMBER
from ..parameters import A_MOMENT, A_NUMBER, A_TEXT, DATES
from ..registry import function
from ..run import Run
from ..values import Failure, Value, in_zone, since_epoch
from ..words import _
from .dates import day_of

ONE = Decimal(1)
# Weekday numbers by type: 1 is Sunday first, 2 Monday first, 3 Monday as 0.
WEEKDAY_SHIFTS = {1: (1, 1), 2: (0, 1), 3: (0, 0)}
CLOCK_UNITS = {"H": timedelta(hours=1), "MI": timedelta(minutes=1), "S": timedelta(seconds=1)}


@function(
    "WEEKDAY",
    "星期几",
    takes=[A_MOMENT, A_NUMBER],
    optional=1,
    gives=NUMBER,
    example=("WEEKDAY(DATE(2024, 2, 29), 2)", Decimal(4)),
    english=_("The day of the week: Sunday is 1 by type 1 (the default), Monday is 1 by type 2, 0 by type 3."),
)
def weekday(run: Run, moment: date, kind: Decimal = ONE) -> Value:
    if kind not in WEEKDAY_SHIFTS:
        raise Failure("num", "The type is 1, 2 or 3.")
    shift, first = WEEKDAY_SHIFTS[int(kind)]
    return Decimal((day_of(run, moment).weekday() + shift) % 7 + first)


@function(
    "WEEKNUM",
    "周数",
    takes=[A_MOMENT, A_NUMBER],
    optional=1,
    gives=NUMBER,
    example=("WEEKNUM(DATE(2024, 2, 29))", Decimal(9)),
    english=_("The week of the year, 1 January in week 1; weeks begin on Sunday (type 1) or Monday (type 2)."),
)
def week_number(run: Run, moment: date, kind: Decimal = ONE) -> Value:
    if kind not in (1, 2):
        raise Failure("num", "The type is 1 or 2.")
    day = day_of(run, moment)
    start = day.replace(month=1, day=1)
    before = (start.weekday() + (1 if kind == 1 else 0)) % 7
    return Decimal(((day - start).days + before) // 7 + 1)


@function(
    "ISOWEEKNUM",
    "ISO周数",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("ISOWEEKNUM(DATE(2024, 12, 30))", ONE),
    english=_("The week of the year by ISO 8601."),
)
def iso_week_number(run: Run, moment: date) -> Value:
    return Decimal(day_of(run, moment).isocalendar().week)


@function(
    "DAYS",
    "相差天数",
    takes=[A_MOMENT, A_MOMENT],
    gives=NUMBER,
    example=("DAYS(DATE(2024, 3, 1), DATE(2024, 2, 1))", Decimal(29)),
    english=_("The days from the second date to the first."),
)
def days_between(run: Run, end: date, start: date) -> Value:
    return Decimal((day_of(run, end) - day_of(run, start)).days)


def _whole_months(run: Run, start: date, end: date) -> int:
    first, last = day_of(run, start), day_of(run, end)
    months = (last.year - first.year) * 12 + last.month - first.month
    first_clock = in_zone(start, run.zone).time() if isinstance(start, datetime) else datetime.min.time()
    last_clock = in_zone(end, run.zone).time() if isinstance(end, datetime) else datetime.min.time()
    return months - ((last.day, last_clock) < (first.day, first_clock))


@function(
    "DATEDIF",
    "日期差",
    "DATEDIFF",
    takes=[A_MOMENT, A_MOMENT, A_TEXT],
    optional=1,
    gives=NUMBER,
    example=('DATEDIF(DATE(2023, 3, 1), DATE(2024, 2, 29), "M")', Decimal(11)),
    english=_("The whole Y, M, D (the default), H, MI or S from the first date to the second, or negative."),
)
def difference(run: Run, start: date, end: date, unit_text: str = "D") -> Value:
    unit = unit_text.strip().upper()
    elapsed = since_epoch(end, run.zone) - since_epoch(start, run.zone)
    sign = -1 if elapsed < timedelta(0) else 1
    early, late = (end, start) if sign < 0 else (start, end)
    if unit in ("Y", "M"):
        return Decimal(sign * (_whole_months(run, early, late) // (12 if unit == "Y" else 1)))
    if unit == "D":
        return Decimal((day_of(run, end) - day_of(run, start)).days)
    if unit in CLOCK_UNITS:
        return Decimal(sign * (abs(elapsed) // CLOCK_UNITS[unit]))
    raise Failure("value", "The unit is one of Y, M, D, H, MI, S.")


def _workdays_up_to(ordinal: int) -> int:
    """Counts the days Monday to Friday from 0001-01-01, a Monday, to a day."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


@function(
    "NETWORKDAYS",
    "工作日天数",
    takes=[A_MOMENT, A_MOMENT, DATES],
    optional=1,
    gives=NUMBER,
    example=("NETWORKDAYS(DATE(2024, 2, 26), DATE(2024, 3, 3))", Decimal(5)),
    english=_("The days Monday to Friday from a date to another, both counted, less holidays; or negative."),
)
def working_days(run: Run, start: date, end: date, holidays: Value = None) -> Value:
    first, last = sorted((day_of(run, start), day_of(run, end)))
    listed = holidays if isinstance(holidays, tuple) else (holidays,)
    free = {day_of(run, holiday) for holiday in listed if isinstance(holiday, date)}
    count = _workdays_up_to(last.toordinal()) - _workdays_up_to(first.toordinal() - 1)
    count -= sum(first <= day <= last and day.weekday() < 5 for day in free)
    return Decimal(count if day_of(run, start) == first else -count)
