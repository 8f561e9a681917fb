"""Working days: Monday to Friday, less holidays."""

from datetime import date, timedelta
from decimal import Decimal

from ..kinds import DATE, NUMBER
from ..parameters import A_MOMENT, A_SETTLED, DATES
from ..registry import function
from ..run import Run
from ..values import Value
from ..words import _
from .dates import day_of


def _free(run: Run, holidays: Value) -> set[date]:
    """Gives the holidays that are no Saturdays and Sundays anyway."""
    listed = holidays if isinstance(holidays, tuple) else (holidays,)
    days = {day_of(run, holiday) for holiday in listed if isinstance(holiday, date)}
    return {day for day in days if day.weekday() < 5}


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
    count = _workdays_up_to(last.toordinal()) - _workdays_up_to(first.toordinal() - 1)
    count -= sum(first <= day <= last for day in _free(run, holidays))
    return Decimal(count if day_of(run, start) == first else -count)


def _moved(day: date, count: int) -> date:
    """Gives the day so many days Monday to Friday later, or earlier; a start on a weekend is not counted."""
    step = 1 if count > 0 else -1
    while day.weekday() > 4:
        day -= timedelta(days=step)
    weeks, rest = divmod(abs(count), 5)
    day += timedelta(days=7 * weeks * step)
    for _day in range(rest):
        day += timedelta(days=step)
        while day.weekday() > 4:
            day += timedelta(days=step)
    return day


@function(
    "WORKDAY",
    "工作日",
    takes=[A_MOMENT, A_SETTLED, DATES],
    optional=1,
    gives=DATE,
    example=("WORKDAY(DATE(2024, 2, 29), 3)", date(2024, 3, 5)),
    english=_("The date so many days Monday to Friday after a date, or before it, holidays left out."),
)
def workday(run: Run, start: date, count: Decimal, holidays: Value = None) -> Value:
    first, left = day_of(run, start), int(count)
    if not left:
        return first
    step = 1 if left > 0 else -1
    free = sorted(_free(run, holidays), reverse=left < 0)
    day = _moved(first, left)
    # Each holiday on the way puts the end off by a day, which may bring a further holiday onto the way.
    for holiday in free:
        if (holiday - first).days * step > 0 and (day - holiday).days * step >= 0:
            day = _moved(day, step)
    return day
