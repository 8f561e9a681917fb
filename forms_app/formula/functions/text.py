"""Text: pieces, joining, case. Positions count from 1, as in spreadsheets."""

from decimal import Decimal

from ..kinds import NUMBER, TEXT, list_of
from ..parameters import A_LENGTH, A_POSITION, A_TEXT, VALUES
from ..registry import function
from ..run import Run
from ..values import Value, text_of
from ..words import _

ONE = Decimal(1)


@function(
    "CONCAT",
    "连接",
    "CONCATENATE",
    takes=[VALUES],
    repeats=1,
    gives=TEXT,
    example=('CONCAT("No. ", 7)', "No. 7"),
    english=_("All arguments as one text; the items of lists too."),
)
def concatenated(run: Run, *arguments: Value) -> Value:
    pieces: list[str] = []
    length = 0
    for argument in arguments:
        for item in argument if isinstance(argument, tuple) else (argument,):
            pieces.append(text_of(item, run.zone))
            length += len(pieces[-1])
            run.fits(length)
    return "".join(pieces)


@function(
    "LEFT",
    "左截取",
    takes=[A_TEXT, A_LENGTH],
    optional=1,
    gives=TEXT,
    example=('LEFT("form", 2)', "fo"),
    english=_("The first characters; one when no number is given."),
)
def left(run: Run, text: str, count: Decimal = ONE) -> Value:
    return text[: int(count)]


@function(
    "RIGHT",
    "右截取",
    takes=[A_TEXT, A_LENGTH],
    optional=1,
    gives=TEXT,
    example=('RIGHT("form", 2)', "rm"),
    english=_("The last characters; one when no number is given."),
)
def right(run: Run, text: str, count: Decimal = ONE) -> Value:
    return text[max(0, len(text) - int(count)) :]


@function(
    "MID",
    "中间截取",
    takes=[A_TEXT, A_POSITION, A_LENGTH],
    gives=TEXT,
    example=('MID("entity", 3, 2)', "ti"),
    english=_("So many characters from a position on."),
)
def middle(run: Run, text: str, position: Decimal, count: Decimal) -> Value:
    start = int(position) - 1
    return text[start : start + int(count)]


@function(
    "LEN",
    "长度",
    takes=[A_TEXT],
    gives=NUMBER,
    example=('LEN("表单")', Decimal(2)),
    english=_("How many characters the text has."),
)
def length(run: Run, text: str) -> Value:
    return Decimal(len(text))


@function(
    "REPLACE",
    "替换",
    takes=[A_TEXT, A_POSITION, A_LENGTH, A_TEXT],
    gives=TEXT,
    example=('REPLACE("2023", 3, 2, "24")', "2024"),
    english=_("The text with so many characters from a position on replaced."),
)
def replaced(run: Run, text: str, position: Decimal, count: Decimal, new: str) -> Value:
    start = int(position) - 1
    return run.text(text[:start] + new + text[start + int(count) :])


@function(
    "UPPER",
    "大写",
    takes=[A_TEXT],
    gives=TEXT,
    example=('UPPER("ok")', "OK"),
    english=_("The text in capital letters."),
)
def upper(run: Run, text: str) -> Value:
    return run.text(text.upper())


@function(
    "LOWER",
    "小写",
    takes=[A_TEXT],
    gives=TEXT,
    example=('LOWER("OK")', "ok"),
    english=_("The text in small letters."),
)
def lower(run: Run, text: str) -> Value:
    return run.text(text.lower())


@function(
    "TRIM",
    "去空格",
    takes=[A_TEXT],
    gives=TEXT,
    example=('TRIM("  a   b ")', "a b"),
    english=_("The text without blanks around it and with single blanks inside."),
)
def trimmed(run: Run, text: str) -> Value:
    return " ".join(text.split())


@function(
    "REPT",
    "重复",
    takes=[A_TEXT, A_LENGTH],
    gives=TEXT,
    example=('REPT("ab", 3)', "ababab"),
    english=_("The text so many times over."),
)
def repeated(run: Run, text: str, count: Decimal) -> Value:
    times = int(count)
    run.fits(len(text) * times)
    return text * times if text else ""


@function(
    "SPLIT",
    "拆分",
    takes=[A_TEXT, A_TEXT],
    gives=list_of(TEXT),
    example=('SPLIT("a,b", ",")', ("a", "b")),
    english=_("The pieces of a text between separators, as a list; its characters when the separator is empty."),
)
def split(run: Run, text: str, separator: str) -> Value:
    if not text:
        return ()
    run.spend(text.count(separator))
    return tuple(text.split(separator)) if separator else tuple(text)


@function(
    "JOIN",
    "合并",
    "ARRAYJOIN",
    takes=[VALUES, A_TEXT],
    optional=1,
    gives=TEXT,
    example=('JOIN(LIST("a", "b"), "-")', "a-b"),
    english=_("The items of a list, less the empty ones, as one text with a separator (a comma) between them."),
)
def joined(run: Run, items: Value, separator: str = ",") -> Value:
    values = items if isinstance(items, tuple) else (items,)
    pieces = [text_of(item, run.zone) for item in values if item is not None]
    run.fits(sum(map(len, pieces)) + len(separator) * max(0, len(pieces) - 1))
    return separator.join(pieces)
