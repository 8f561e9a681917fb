"""The clock: a time of day as a part of a day."""

from decimal import Decimal

from ..kinds import NUMBER
from ..parameters import A_SETTLED
from ..registry import function
from ..run import Run
from ..values import Failure, Value
from ..words import _

DAY = 86_400


@function(
    "TIME",
    "时刻",
    takes=[A_SETTLED, A_SETTLED, A_SETTLED],
    gives=NUMBER,
    example=("TIME(12, 0, 0)", Decimal("0.5")),
    english=_("A time of day as a part of a day, to be added to a datetime; hours beyond 23 begin again at 0."),
)
def time_of_day(run: Run, hour: Decimal, minute: Decimal, second: Decimal) -> Value:
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    if seconds < 0:
        raise Failure("num")
    return Decimal(seconds % DAY) / DAY
