"""Weeks: the day of the week, and the number of the week in its year."""

from datetime import date
from decimal import Decimal

from ..kinds import NUMBER
from ..parameters import A_MOMENT, Parameter, one_of
from ..registry import function
from ..run import Run
from ..values import ZERO, Value
from ..words import _
from .dates import day_of

ONE = Decimal(1)
# By type: (how far the week's first day is behind Monday, its number).
WEEKDAYS = {1: (6, 1), 2: (0, 1), 3: (0, 0), **{11 + first: (first, 1) for first in range(7)}}
# By type: how far the week's first day is behind Monday.
WEEKS = {1: 6, 2: 0, **{11 + first: first for first in range(7)}}
ISO = 21
A_WEEKDAY_TYPE = Parameter(frozenset({"number"}), blank=ZERO, settles=True, check=one_of(*WEEKDAYS))
A_WEEK_TYPE = Parameter(frozenset({"number"}), blank=ZERO, settles=True, check=one_of(*WEEKS, ISO))


@function(
    "WEEKDAY",
    "星期几",
    takes=[A_MOMENT, A_WEEKDAY_TYPE],
    optional=1,
    gives=NUMBER,
    example=("WEEKDAY(DATE(2024, 2, 29), 2)", Decimal(4)),
    english=_(
        "The day of the week: Sunday is 1 by type 1 (the default), Monday is 1 by type 2, 0 by type 3. By types 11 to "
        "17 the days from Monday to Sunday are 1."
    ),
)
def weekday(run: Run, moment: date, kind: Decimal = ONE) -> Value:
    first, number = WEEKDAYS[int(kind)]
    return Decimal((day_of(run, moment).weekday() - first) % 7 + number)


@function(
    "WEEKNUM",
    "周数",
    takes=[A_MOMENT, A_WEEK_TYPE],
    optional=1,
    gives=NUMBER,
    example=("WEEKNUM(DATE(2024, 2, 29))", Decimal(9)),
    english=_(
        "The week of the year, 1 January in week 1; weeks begin on Sunday (type 1) or Monday (type 2), by types 11 to "
        "17 on Monday to Sunday. Type 21 is ISO 8601."
    ),
)
def week_number(run: Run, moment: date, kind: Decimal = ONE) -> Value:
    if kind == ISO:
        return iso_week_number(run, moment)
    day = day_of(run, moment)
    start = day.replace(month=1, day=1)
    before = (start.weekday() - WEEKS[int(kind)]) % 7
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
