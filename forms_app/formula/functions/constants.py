"""Constants, written as calls: TRUE(), FALSE(), BLANK(), PI()."""

from decimal import Decimal

from ..kinds import ANY, BOOLEAN, NUMBER
from ..registry import function
from ..run import Run
from ..values import Value
from ..words import _

CIRCLE = Decimal("3.14159265358979323846264338327950288419716939937510")


@function(
    "TRUE", "真", takes=[], gives=BOOLEAN, example=("TRUE()", True), english=_("TRUE; the brackets may be left out.")
)
def true(run: Run) -> Value:
    return True


@function(
    "FALSE",
    "假",
    takes=[],
    gives=BOOLEAN,
    example=("FALSE()", False),
    english=_("FALSE; the brackets may be left out."),
)
def false(run: Run) -> Value:
    return False


@function("BLANK", "空值", takes=[], gives=ANY, example=("BLANK()", None), english=_("The empty value."))
def blank(run: Run) -> Value:
    return None


@function(
    "PI", "圆周率", takes=[], gives=NUMBER, example=("ROUND(PI(), 4)", Decimal("3.1416")), english=_("The number π.")
)
def circle(run: Run) -> Value:
    return CIRCLE
