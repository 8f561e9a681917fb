"""Patterns of dates and times: `YYYY-MM-DD HH:mm`, `mmm d, yyyy`, `h:mm AM/PM`, `[$-804]dddd`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from .marks import LANGUAGES, Mark, Section, Unreadable, currency, is_colour, sections
from .names import DAYS, HALVES, MONTHS, chinese_day, short_day, short_month

_TOKEN = re.compile(
    r"(?P<half>AM/PM|A/P|上午/下午)|(?P<week>a+)|(?P<unit>y+|m+|d+|h+|s+)(?P<fraction>(?<=s)\.0+)?|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = {"y": 4, "m": 5, "d": 4, "h": 2, "s": 2}
_REFUSED = frozenset("#?%@*")
# ISO 8601 writes these two between and behind date and time.
_LETTERS = frozenset("TZ")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`literal`, `half`, `week`, or the letter of a unit; `minute` for an m that means minutes."""
    text: str
    fraction: int = 0


@dataclass(frozen=True, slots=True)
class MomentPattern:
    """A pattern as it was read: its tokens in order, the language of names, whether hours go to 12."""

    tokens: tuple[_Token, ...]
    language: str
    by_halves: bool


def _word_at(run: str, place: int) -> str:
    """Gives what stands at a place, from the start of its word on."""
    while place and run[place - 1].isascii() and run[place - 1].isalpha():
        place -= 1
    return run[place:]


def _tokens_of(run: str) -> list[_Token]:
    """Takes characters that stand together, gives their tokens."""
    found = []
    for match in _TOKEN.finditer(run):
        text = match.group()
        if match["half"]:
            found.append(_Token("half", text))
        elif match["week"]:
            if len(text) not in (3, 4):
                raise Unreadable(run[match.start() :])
            found.append(_Token("week", text))
        elif match["unit"]:
            unit, letter = match["unit"], match["unit"][0].lower()
            fraction = len(match["fraction"] or ".") - 1
            if len(unit) > _LONGEST[letter] or fraction > 6:
                raise Unreadable(text)
            found.append(_Token(letter, unit, fraction))
        elif text in _REFUSED or (text.isascii() and text.isalpha() and text not in _LETTERS):
            raise Unreadable(_word_at(run, match.start()))
        else:
            found.append(_Token("literal", text))
    return found


def _all_tokens(section: Section) -> tuple[list[_Token], str]:
    """Gives the tokens of a section and the language that a bracket of it names, or nothing."""
    tokens: list[_Token] = []
    language, run = "", ""
    for mark in (*section, Mark("literal", "")):
        if mark.kind == "plain":
            run += mark.text
            continue
        tokens += _tokens_of(run)
        run = ""
        if mark.kind == "literal":
            tokens.append(_Token("literal", mark.text))
            continue
        named = currency(mark.text) if mark.kind == "bracket" else None
        if named and not named[0] and named[1] in LANGUAGES:
            language = LANGUAGES[named[1]]
        elif mark.kind == "general" or not is_colour(mark.text):
            raise Unreadable(mark.text if mark.kind == "general" else f"[{mark.text}]")
    return tokens, language


def _with_minutes(tokens: list[_Token]) -> tuple[_Token, ...]:
    """An m is minutes right behind hours and right before seconds, months elsewhere."""
    units = [place for place, token in enumerate(tokens) if token.kind in _LONGEST]
    for index, place in enumerate(units):
        token = tokens[place]
        before = tokens[units[index - 1]].kind if index else ""
        after = tokens[units[index + 1]].kind if index + 1 < len(units) else ""
        if token.kind == "m" and len(token.text) <= 2 and (before == "h" or after == "s"):
            tokens[place] = _Token("minute", token.text)
    return tuple(tokens)


@lru_cache(maxsize=512)
def read_moment_pattern(pattern: str) -> MomentPattern:
    """Takes a pattern for dates and times, gives it as it was read; raises `Unreadable` when it is not known.

    Of several sections the first is meant: `yyyy/m/d;@` is how spreadsheets store it.
    """
    first, *others = sections(pattern)
    for other in others:
        if any(mark.kind == "plain" and mark.text != "@" for mark in other):
            raise Unreadable(";")
    tokens, language = _all_tokens(first)
    return MomentPattern(_with_minutes(tokens), language, any(token.kind == "half" for token in tokens))


def _half(moment: datetime, token: _Token, language: str) -> str:
    late = moment.hour >= 12
    if token.text == "上午/下午":
        return HALVES["zh-hans"][late]
    written = HALVES[language or "en"][late]
    return written[0] if len(token.text) == 3 and language in ("", "en") else written


def _month(moment: datetime, token: _Token, language: str) -> str:
    length = len(token.text)
    if length <= 2:
        return f"{moment.month:0{length}d}"
    if length == 3:
        return short_month(language, moment.month)
    name = MONTHS[language][moment.month - 1]
    return name if length == 4 else name[0]


def _day(moment: datetime, token: _Token, language: str) -> str:
    length = len(token.text)
    if length <= 2:
        return f"{moment.day:0{length}d}"
    return short_day(language, moment.weekday()) if length == 3 else DAYS[language][moment.weekday()]


def _second(moment: datetime, token: _Token) -> str:
    fraction = f".{moment.microsecond:06d}"[: token.fraction + 1] if token.fraction else ""
    return f"{moment.second:0{len(token.text)}d}{fraction}"


def _hour(moment: datetime, token: _Token, by_halves: bool) -> str:
    hour = (moment.hour - 1) % 12 + 1 if by_halves else moment.hour
    return f"{hour:0{len(token.text)}d}"


def write_moment(moment: datetime, pattern: str) -> str:
    """Takes a time and a pattern, gives the text; raises `Unreadable` when the pattern is not known."""
    read = read_moment_pattern(pattern)
    language = read.language or "en"
    writers: dict[str, Callable[[_Token], str]] = {
        "literal": lambda token: token.text,
        "half": lambda token: _half(moment, token, read.language),
        "week": lambda token: chinese_day(language, moment.weekday(), len(token.text)),
        "y": lambda token: f"{moment.year:04d}"[-2 if len(token.text) <= 2 else -4 :],
        "m": lambda token: _month(moment, token, language),
        "d": lambda token: _day(moment, token, language),
        "h": lambda token: _hour(moment, token, read.by_halves),
        "minute": lambda token: f"{moment.minute:0{len(token.text)}d}",
        "s": lambda token: _second(moment, token),
    }
    return "".join(writers[token.kind](token) for token in read.tokens)
