"""Text search: where a text stands in another, and replacing it there."""

from decimal import Decimal

from ..kinds import BOOLEAN, NUMBER, TEXT
from ..parameters import A_POSITION, A_TEXT
from ..registry import function
from ..run import Run
from ..values import Failure, Value
from ..words import _

ONE = Decimal(1)


def _small(text: str) -> str:
    """Gives the text in small letters; İ alone has a longer small form, which would move positions."""
    return text.replace("İ", "i").lower()


def _position(index: int) -> Value:
    if index < 0:
        raise Failure("missing")
    return Decimal(index + 1)


@function(
    "FIND",
    "查找",
    takes=[A_TEXT, A_TEXT, A_POSITION],
    optional=1,
    gives=NUMBER,
    example=('FIND("t", "entity")', Decimal(3)),
    english=_("Where a text first stands in another, with regard to case; an error when it doesn't."),
)
def find(run: Run, wanted: str, text: str, start: Decimal = ONE) -> Value:
    return _position(text.find(wanted, int(start) - 1))


@function(
    "SEARCH",
    "搜索",
    takes=[A_TEXT, A_TEXT, A_POSITION],
    optional=1,
    gives=NUMBER,
    example=('SEARCH("T", "entity")', Decimal(3)),
    english=_("Where a text first stands in another, in any case; an error when it doesn't. No wildcards."),
)
def search(run: Run, wanted: str, text: str, start: Decimal = ONE) -> Value:
    return _position(_small(text).find(_small(wanted), int(start) - 1))


def _nth(text: str, old: str, nth: int) -> int:
    index = text.find(old)
    for _again in range(nth - 1):
        index = text.find(old, index + len(old))
    return index


@function(
    "SUBSTITUTE",
    "替换文本",
    takes=[A_TEXT, A_TEXT, A_TEXT, A_POSITION],
    optional=1,
    gives=TEXT,
    example=('SUBSTITUTE("a-b-c", "-", "+")', "a+b+c"),
    english=_("The text with a part replaced by another text: everywhere, or only its n-th occurrence."),
)
def substituted(run: Run, text: str, old: str, new: str, nth: Decimal | None = None) -> Value:
    if not old:
        return text
    if nth is None:
        run.fits(len(text) + text.count(old) * (len(new) - len(old)))
        return text.replace(old, new)
    occurrence = int(nth)
    # Asked first, so that the search below is bounded by the text and not by the number.
    if occurrence > text.count(old):
        return text
    index = _nth(text, old, occurrence)
    return run.text(text[:index] + new + text[index + len(old) :])


@function(
    "EXACT",
    "完全相同",
    takes=[A_TEXT, A_TEXT],
    gives=BOOLEAN,
    example=('EXACT("a", "A")', False),
    compared=lambda count: [1],
    english=_("Whether two texts are the same, with regard to case."),
)
def exact(run: Run, first: str, second: str) -> Value:
    return first == second


@function(
    "STARTSWITH",
    "开头为",
    takes=[A_TEXT, A_TEXT],
    gives=BOOLEAN,
    example=('STARTSWITH("GD-01", "GD")', True),
    english=_("Whether the text starts with another."),
)
def starts_with(run: Run, text: str, start: str) -> Value:
    return text.startswith(start)


@function(
    "ENDSWITH",
    "结尾为",
    takes=[A_TEXT, A_TEXT],
    gives=BOOLEAN,
    example=('ENDSWITH("a.pdf", ".pdf")', True),
    english=_("Whether the text ends with another."),
)
def ends_with(run: Run, text: str, end: str) -> Value:
    return text.endswith(end)


@function(
    "CONTAINS",
    "包含",
    "CONTAINTEXT",
    takes=[A_TEXT, A_TEXT],
    gives=BOOLEAN,
    example=('CONTAINS("entity", "tit")', True),
    english=_("Whether the text contains another, with regard to case."),
)
def contains(run: Run, text: str, wanted: str) -> Value:
    return wanted in text
