"""Durations: distances between dates."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal

from ..kinds import NUMBER
from ..parameters import A_BOOLEAN, A_MOMENT
from ..registry import function
from ..run import Run
from ..units import read_unit, unit_of
from ..values import Value, in_zone, since_epoch
from ..words import _
from .dates import day_of, later_by_months

CLOCK_UNITS = {"H": timedelta(hours=1), "MI": timedelta(minutes=1), "S": timedelta(seconds=1)}
# What is left of days or months when whole months or years are taken off: spreadsheets' three further units.
RESTS = ("YM", "MD", "YD")
A_UNIT = unit_of("Y", "M", "D", "H", "MI", "S", *RESTS)


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


def _rest(run: Run, start: date, end: date, unit: str) -> int:
    """Gives the months beyond whole years (YM), the days beyond whole months (MD) or years (YD); start is first."""
    months = _whole_months(run, day_of(run, start), day_of(run, end))
    if unit == "YM":
        return months % 12
    whole = months if unit == "MD" else months // 12 * 12
    return (day_of(run, end) - later_by_months(day_of(run, start), whole)).days


@function(
    "DATEDIF",
    "日期差",
    "DATEDIFF",
    takes=[A_MOMENT, A_MOMENT, A_UNIT],
    optional=1,
    gives=NUMBER,
    example=('DATEDIF(DATE(2023, 3, 1), DATE(2024, 2, 29), "M")', Decimal(11)),
    english=_(
        "The whole Y, M, D (the default), H, MI or S from the first date to the second, or negative. YM: the months "
        "beyond whole years; MD, YD: the days beyond whole months, years."
    ),
)
def difference(run: Run, start: date, end: date, unit_text: str = "D") -> Value:
    unit = read_unit(unit_text)
    elapsed = since_epoch(end, run.zone) - since_epoch(start, run.zone)
    sign = -1 if elapsed < timedelta(0) else 1
    early, late = (end, start) if sign < 0 else (start, end)
    if unit in RESTS:
        return Decimal(sign * _rest(run, early, late, unit))
    if unit in ("Y", "M"):
        return Decimal(sign * (_whole_months(run, early, late) // (12 if unit == "Y" else 1)))
    if unit == "D":
        return Decimal((day_of(run, end) - day_of(run, start)).days)
    return Decimal(sign * (abs(elapsed) // CLOCK_UNITS[unit]))


@function(
    "DATETIME_DIFF",
    "时间差",
    takes=[A_MOMENT, A_MOMENT, A_UNIT],
    optional=1,
    gives=NUMBER,
    example=('DATETIME_DIFF(DATE(2024, 3, 1), DATE(2024, 2, 1), "days")', Decimal(29)),
    english=_("The same from the second date to the first, in seconds when no unit is given."),
)
def difference_back(run: Run, end: date, start: date, unit_text: str = "S") -> Value:
    return difference(run, start, end, unit_text)


def _is_month_end(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


@function(
    "DAYS360",
    "相差天数360",
    takes=[A_MOMENT, A_MOMENT, A_BOOLEAN],
    optional=1,
    gives=NUMBER,
    example=("DAYS360(DATE(2024, 1, 30), DATE(2024, 3, 31))", Decimal(60)),
    english=_(
        "The days from a date to another in a year of twelve months of 30 days, by the American method, or by the "
        "European one when the third argument is TRUE."
    ),
)
def days_of_360(run: Run, start: date, end: date, european: bool = False) -> Value:
    first, last = day_of(run, start), day_of(run, end)
    from_day, to_day = first.day, last.day
    if european:
        from_day, to_day = min(from_day, 30), min(to_day, 30)
    else:
        if first.month == 2 and _is_month_end(first):
            if last.month == 2 and _is_month_end(last):
                to_day = 30
            from_day = 30
        if to_day == 31 and from_day >= 30:
            to_day = 30
        from_day = min(from_day, 30)
    months = (last.year - first.year) * 12 + last.month - first.month
    return Decimal(months * 30 + to_day - from_day)
