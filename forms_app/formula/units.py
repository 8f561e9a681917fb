"""Units of time, as DATEADD, DATEDIF and their like take them."""

from .parameters import Parameter
from .values import Failure
from .words import _

WORDS = {
    "YEAR": "Y",
    "YEARS": "Y",
    "年": "Y",
    "QUARTER": "Q",
    "QUARTERS": "Q",
    "季度": "Q",
    "MONTH": "M",
    "MONTHS": "M",
    "月": "M",
    "WEEK": "W",
    "WEEKS": "W",
    "周": "W",
    "DAY": "D",
    "DAYS": "D",
    "日": "D",
    "天": "D",
    "HOUR": "H",
    "HOURS": "H",
    "小时": "H",
    "MIN": "MI",
    "MINUTE": "MI",
    "MINUTES": "MI",
    "分钟": "MI",
    "SEC": "S",
    "SECOND": "S",
    "SECONDS": "S",
    "秒": "S",
}
"""Other words for a unit → its letters."""


def read_unit(text: str) -> str:
    """Takes a unit as a user writes it, in any case, gives its letters."""
    unit = text.strip().upper()
    return WORDS.get(unit, unit)


def unit_of(*known: str) -> Parameter:
    """Gives the parameter that takes one of these units, its letters or another word for it."""

    def check(text: str) -> None:
        if read_unit(text) not in known:
            allowed = ", ".join(known)
            raise Failure("value", _("The unit is one of {allowed}, not {unit}."), allowed=allowed, unit=text[:40])

    return Parameter(frozenset({"text"}), blank="", check=check)
