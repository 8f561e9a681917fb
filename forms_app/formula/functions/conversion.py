"""Conversion: between numbers, text, dates and booleans, and how they are written."""

import re
from datetime import date, datetime
from decimal import Decimal

from ..calendar_reading import read_moment
from ..kinds import BOOLEAN, DATE, DATETIME, NUMBER, TEXT
from ..number_writing import chinese_amount
from ..parameters import A_SETTLED, A_VALUE, SOME_TEXT
from ..registry import function
from ..run import Run
from ..values import Failure, Value, as_datetime, settled, text_of
from ..words import _

_NUMBER = re.compile(r"[+-]?([0-9][0-9,]*(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?%?")
LONGEST_NUMBER = 400
TRUE_WORDS = frozenset({"true", "yes", "y", "1", "on", "真", "是", "对"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "off", "假", "否", "错", ""})


def read_number(text: str) -> Decimal | None:
    """Takes text such as `1,234.5` or `12%`, gives the number, None for blanks; raises `Failure` for other text."""
    written = text.strip()
    if not written:
        return None
    if len(written) > LONGEST_NUMBER or not _NUMBER.fullmatch(written):
        raise Failure("value", _("The text is not a number."))
    number = settled(Decimal(written.rstrip("%").replace(",", "")))
    return number / 100 if written.endswith("%") else number


@function(
    "VALUE",
    "文本转数字",
    takes=[SOME_TEXT],
    gives=NUMBER,
    example=('VALUE("1,234.50")', Decimal("1234.5")),
    english=_("The number that a text spells, with or without thousands separators or a percent sign."),
)
def value_of(run: Run, text: str) -> Value:
    return read_number(text)


@function(
    "NUMBER",
    "转数字",
    takes=[A_VALUE],
    gives=NUMBER,
    example=("NUMBER(TRUE)", Decimal(1)),
    english=_("Anything as a number: text as VALUE reads it, TRUE as 1, FALSE as 0."),
)
def to_number(run: Run, value: Value) -> Value:
    match value:
        case None | Decimal():
            return value
        case bool():
            return Decimal(value)
        case str():
            return read_number(value)
    raise Failure("value")


@function(
    "STRING",
    "转文本",
    takes=[A_VALUE],
    gives=TEXT,
    example=("STRING(1.50)", "1.5"),
    english=_("Anything as text, as & writes it."),
)
def to_text(run: Run, value: Value) -> Value:
    return text_of(value, run.zone)


@function(
    "BOOL",
    "转布尔",
    takes=[A_VALUE],
    gives=BOOLEAN,
    example=('BOOL("是")', True),
    english=_("Anything as TRUE or FALSE: a number other than 0, and words such as yes and 是, are TRUE."),
)
def to_boolean(run: Run, value: Value) -> Value:
    match value:
        case None:
            return False
        case bool():
            return value
        case Decimal():
            return bool(value)
        case str():
            word = value.strip().lower()
            if word in TRUE_WORDS or word in FALSE_WORDS:
                return word in TRUE_WORDS
    raise Failure("value")


def _moment(run: Run, value: Value) -> datetime | None:
    if value is None or value == "":
        return None
    return read_moment(value, run.zone) if isinstance(value, str) else as_datetime(value, run.zone)


@function(
    "TODATE",
    "转日期",
    takes=[A_VALUE],
    gives=DATE,
    example=('TODATE("2024年2月29日")', date(2024, 2, 29)),
    english=_("The date of a text or of a time."),
)
def to_date(run: Run, value: Value) -> Value:
    if type(value) is date:
        return value
    moment = _moment(run, value)
    return None if moment is None else moment.date()


@function(
    "TODATETIME",
    "转时间",
    takes=[A_VALUE],
    gives=DATETIME,
    example=('TEXT(TODATETIME("2024-02-29T08:05:00+08:00"), "HH:mm")', "08:05"),
    english=_("The time that a text spells, or a date's first instant."),
)
def to_datetime(run: Run, value: Value) -> Value:
    return _moment(run, value)


@function(
    "DATEVALUE",
    "文本转日期",
    takes=[SOME_TEXT],
    gives=DATE,
    example=('DATEVALUE("2024/2/29")', date(2024, 2, 29)),
    english=_("The date that a text spells."),
)
def date_value(run: Run, text: str) -> Value:
    return to_date(run, text)


@function(
    "CHINESEAMOUNT",
    "人民币大写",
    "RMBCAP",
    takes=[A_SETTLED],
    gives=TEXT,
    example=("CHINESEAMOUNT(1234.56)", "壹仟贰佰叁拾肆元伍角陆分"),
    english=_("An amount in Chinese capitals, rounded to cents."),
)
def amount_in_capitals(run: Run, number: Decimal) -> Value:
    return chinese_amount(number)
