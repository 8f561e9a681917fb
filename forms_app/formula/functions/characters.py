"""Characters: one by its number, capitals at the start of words, texts joined in spreadsheets' order of arguments."""

import re
from decimal import Decimal

from ..kinds import TEXT
from ..parameters import A_TEXT, VALUES, Parameter
from ..registry import function
from ..run import Run
from ..values import ZERO, Failure, Value, kind_of, text_of
from ..words import _

LAST_CHARACTER = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
_WORD = re.compile(r"[^\W\d_]+")


def _character(number: Decimal) -> None:
    # A NUL and half a pair can't be stored.
    if not 1 <= number <= LAST_CHARACTER or int(number) in SURROGATES:
        raise Failure("value", _("No character has the number {number}."), number=str(number)[:40])


A_CHARACTER = Parameter(frozenset({"number"}), blank=ZERO, settles=True, check=_character)


@function(
    "CHAR",
    "字符",
    "UNICHAR",
    takes=[A_CHARACTER],
    gives=TEXT,
    example=("CHAR(65)", "A"),
    english=_("The character with a number of Unicode: CHAR(10) is a line break."),
)
def character(run: Run, number: Decimal) -> Value:
    return chr(int(number))


@function(
    "PROPER",
    "首字母大写",
    takes=[A_TEXT],
    gives=TEXT,
    example=('PROPER("new york")', "New York"),
    english=_("The text with a capital letter at the start of each word and small letters behind it."),
)
def proper(run: Run, text: str) -> Value:
    return run.text(_WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text))


def _separator(run: Run, value: Value) -> str:
    if value is None or isinstance(value, str | Decimal):
        return text_of(value, run.zone)
    raise Failure("value", _("{expected} was expected where {got} was read."), expected="text", got=kind_of(value))


@function(
    "TEXTJOIN",
    "文本合并",
    takes=[VALUES, VALUES, VALUES],
    optional=2,
    repeats=1,
    gives=TEXT,
    example=('TEXTJOIN("-", TRUE, "a", "", "b")', "a-b"),
    english=_(
        "Texts and the items of lists as one text, with the first argument between them; the empty ones left out when "
        "the second one is TRUE. With one or two arguments it is JOIN."
    ),
)
def text_joined(run: Run, *arguments: Value) -> Value:
    if len(arguments) < 3:
        items, skips = arguments[:1], None
        separator = "," if len(arguments) == 1 else _separator(run, arguments[1])
    else:
        separator, skips, items = _separator(run, arguments[0]), arguments[1], arguments[2:]
        if not isinstance(skips, bool | Decimal | None):
            got = kind_of(skips)
            raise Failure("value", _("{expected} was expected where {got} was read."), expected="boolean", got=got)
    values = [item for value in items for item in (value if isinstance(value, tuple) else (value,))]
    if len(arguments) < 3:
        values = [item for item in values if item is not None]
    pieces = [text_of(item, run.zone) for item in values]
    if skips:
        pieces = [piece for piece in pieces if piece]
    run.fits(sum(map(len, pieces)) + len(separator) * max(0, len(pieces) - 1))
    return separator.join(pieces)
