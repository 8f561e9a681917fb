"""Dates: the clock, making dates, their parts, moving them. All in the zone of `now`; empty gives empty."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from ..kinds import ANY, DATE, DATETIME, NUMBER, FormulaType
from ..parameters import A_MOMENT, A_SETTLED
from ..registry import EXAMPLE_NOW, function
from ..run import Run
from ..units import read_unit, unit_of
from ..values import EPOCH, ZERO, Failure, Value, as_datetime, in_zone, since_epoch
from ..words import _

ONE = Decimal(1)
MONTHS = {"Y": 12, "Q": 3, "M": 1}
DAYS = {"W": 7, "D": 1}
SECONDS = {"H": 3600, "MI": 60, "S": 1}
# Years of two digits are of the twentieth century, as in spreadsheets: DATE(24, 1, 1) is in 1924.
SHORT_YEARS, CENTURY = 100, 1900


def day_of(run: Run, moment: date) -> date:
    """Gives the day of a date or datetime in the run's zone."""
    return in_zone(moment, run.zone).date() if isinstance(moment, datetime) else moment


def later_by_months(day: date, months: int) -> date:
    """Gives the same day so many months later, or the last day of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Failure("date")
    # The 31st moved to a shorter month is that month's last day.
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _moment_type(arguments: Sequence[FormulaType]) -> FormulaType:
    return arguments[0] if arguments[0] in (DATE, DATETIME) else ANY


@function(
    "TODAY",
    "今天",
    takes=[],
    gives=DATE,
    volatile=True,
    example=("TODAY()", date(2024, 2, 29)),
    english=_("Today's date."),
)
def today(run: Run) -> Value:
    return run.now.date()


@function(
    "NOW",
    "现在",
    takes=[],
    gives=DATETIME,
    volatile=True,
    example=("NOW()", EXAMPLE_NOW),
    english=_("The current time."),
)
def current(run: Run) -> Value:
    return run.now


def _date(year: Decimal, month: Decimal, day: Decimal) -> date:
    if 0 <= year < SHORT_YEARS:
        year += CENTURY
    if not 1 <= year <= 9999:
        raise Failure("date")
    first = later_by_months(date(int(year), 1, 1), int(month) - 1)
    return first + timedelta(days=int(day) - 1)


@function(
    "DATE",
    "日期",
    takes=[A_SETTLED, A_SETTLED, A_SETTLED],
    gives=DATE,
    example=("DATE(2024, 2, 29)", date(2024, 2, 29)),
    english=_(
        "The date of a year, month and day; months and days beyond the end run on, years 0 to 99 count from 1900."
    ),
)
def make_date(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Value:
    return _date(year, month, day)


@function(
    "DATETIME",
    "日期时间",
    takes=[A_SETTLED] * 6,
    optional=3,
    gives=DATETIME,
    example=('TEXT(DATETIME(2024, 2, 29, 8, 5), "YYYY-MM-DD HH:mm:ss")', "2024-02-29 08:05:00"),
    english=_("The time of a year, month, day and, if given, hour, minute and second."),
)
def make_datetime(
    run: Run,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal = ZERO,
    minute: Decimal = ZERO,
    second: Decimal = ZERO,
) -> Value:
    clock = timedelta(hours=int(hour), minutes=int(minute), seconds=int(second))
    return as_datetime(_date(year, month, day), run.zone) + clock


@function(
    "YEAR",
    "年",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("YEAR(DATE(2024, 2, 29))", Decimal(2024)),
    english=_("The year."),
)
def year_of(run: Run, moment: date) -> Value:
    return Decimal(day_of(run, moment).year)


@function(
    "MONTH",
    "月",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("MONTH(DATE(2024, 2, 29))", Decimal(2)),
    english=_("The month, 1 to 12."),
)
def month_of(run: Run, moment: date) -> Value:
    return Decimal(day_of(run, moment).month)


@function(
    "QUARTER",
    "季度",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("QUARTER(DATE(2024, 5, 1))", Decimal(2)),
    english=_("The quarter, 1 to 4."),
)
def quarter_of(run: Run, moment: date) -> Value:
    return Decimal((day_of(run, moment).month + 2) // 3)


@function(
    "DAY",
    "日",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("DAY(DATE(2024, 2, 29))", Decimal(29)),
    english=_("The day of the month."),
)
def day_number(run: Run, moment: date) -> Value:
    return Decimal(day_of(run, moment).day)


@function(
    "HOUR",
    "时",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("HOUR(NOW())", Decimal(15)),
    english=_("The hour, 0 to 23."),
)
def hour_of(run: Run, moment: date) -> Value:
    return Decimal(as_datetime(moment, run.zone).hour)


@function(
    "MINUTE",
    "分",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("MINUTE(NOW())", Decimal(30)),
    english=_("The minute, 0 to 59."),
)
def minute_of(run: Run, moment: date) -> Value:
    return Decimal(as_datetime(moment, run.zone).minute)


@function(
    "SECOND",
    "秒",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("SECOND(NOW())", Decimal(0)),
    english=_("The second, 0 to 59."),
)
def second_of(run: Run, moment: date) -> Value:
    return Decimal(as_datetime(moment, run.zone).second)


@function(
    "DATEADD",
    "日期加减",
    "DATEDELTA",
    takes=[A_MOMENT, A_SETTLED, unit_of(*MONTHS, *DAYS, *SECONDS)],
    optional=1,
    gives=_moment_type,
    example=('DATEADD(DATE(2024, 1, 31), 1, "M")', date(2024, 2, 29)),
    english=_(
        "A date moved by so many Y, Q, M, W or D (the default); a time also by H, MI or S. Words such as months or 月 "
        "do too."
    ),
)
def moved(run: Run, moment: date, count: Decimal, unit_text: str = "D") -> Value:
    unit = read_unit(unit_text)
    steps = int(count)
    if unit in SECONDS:
        if not isinstance(moment, datetime):
            raise Failure("value", _("A date without a time has no hours."))
        return in_zone(EPOCH + since_epoch(moment, run.zone) + timedelta(seconds=steps * SECONDS[unit]), run.zone)
    day = day_of(run, moment)
    new = later_by_months(day, steps * MONTHS[unit]) if unit in MONTHS else day + timedelta(days=steps * DAYS[unit])
    if not isinstance(moment, datetime):
        return new
    # Days and months keep the clock: the same hour on another day, also across daylight saving time.
    return datetime.combine(new, in_zone(moment, run.zone).timetz())


@function(
    "EDATE",
    "月份加减",
    takes=[A_MOMENT, A_SETTLED],
    gives=DATE,
    example=("EDATE(DATE(2024, 1, 31), 1)", date(2024, 2, 29)),
    english=_("The date so many months later."),
)
def months_later(run: Run, moment: date, months: Decimal) -> Value:
    return later_by_months(day_of(run, moment), int(months))


@function(
    "EOMONTH",
    "月末",
    takes=[A_MOMENT, A_SETTLED],
    optional=1,
    gives=DATE,
    example=("EOMONTH(DATE(2024, 1, 15), 1)", date(2024, 2, 29)),
    english=_("The last day of the month, or of the month so many months later."),
)
def end_of_month(run: Run, moment: date, months: Decimal = ZERO) -> Value:
    start = later_by_months(day_of(run, moment).replace(day=1), int(months))
    return start.replace(day=monthrange(start.year, start.month)[1])


@function(
    "TIMESTAMP",
    "时间戳",
    takes=[A_MOMENT],
    gives=NUMBER,
    example=("TIMESTAMP(NOW())", Decimal(1709191800000)),
    english=_("The milliseconds since 1970-01-01 UTC."),
)
def timestamp(run: Run, moment: date) -> Value:
    return Decimal(since_epoch(moment, run.zone) // timedelta(milliseconds=1))
