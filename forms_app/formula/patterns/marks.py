"""Marks: a pattern taken apart into literal text, brackets and characters that may mean something."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

LONGEST = 255
_MARK = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)|(?P<plain>.)',
    re.DOTALL | re.IGNORECASE,
)
_COLOURS = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color\s?\d{1,2}|[黑蓝青绿洋红白黄藍綠紅黃]{1,2}色?", re.IGNORECASE
)
_CURRENCY = re.compile(r"\$(?P<symbol>[^-]*)(-(?P<locale>[0-9A-Za-z-]+))?")
LANGUAGES = {
    "804": "zh-hans",
    "1004": "zh-hans",
    "zh-cn": "zh-hans",
    "zh-sg": "zh-hans",
    "zh-hans": "zh-hans",
    "404": "zh-hant",
    "c04": "zh-hant",
    "1404": "zh-hant",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
    "zh-hant": "zh-hant",
    "409": "en",
    "809": "en",
    "en-us": "en",
    "en-gb": "en",
    "en": "en",
}
"""What a bracket such as `[$-804]` names → the language of the names of months and days."""


class Unreadable(Exception):
    """Raised for a pattern that is not known; `part` is where it stops being."""

    def __init__(self, part: str) -> None:
        self.part = part[:20]
        super().__init__(part)


@dataclass(frozen=True, slots=True)
class Mark:
    """A literal text, a bracket's content, the word General, or a single character as it was written."""

    kind: Literal["literal", "bracket", "general", "plain"]
    text: str


Section: TypeAlias = tuple[Mark, ...]


def sections(pattern: str) -> tuple[Section, ...]:
    """Takes a pattern, gives its sections, one to four; raises `Unreadable` for an open quote or a fifth section."""
    if len(pattern) > LONGEST:
        raise Unreadable(pattern[LONGEST : LONGEST + 20])
    found: list[list[Mark]] = [[]]
    for match in _MARK.finditer(pattern):
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "plain" and text == ";":
            found.append([])
        elif kind == "plain" and text in '"[\\':
            raise Unreadable(pattern[match.start() :])
        elif kind in ("quoted", "escaped"):
            found[-1].append(Mark("literal", text))
        elif kind == "bracket":
            found[-1].append(Mark("bracket", text))
        elif kind == "general":
            found[-1].append(Mark("general", text))
        else:
            found[-1].append(Mark("plain", text))
    if len(found) > 4:
        raise Unreadable(";")
    return tuple(map(tuple, found))


def is_colour(bracket: str) -> bool:
    """Says whether a bracket names a colour, which a text does not show."""
    return _COLOURS.fullmatch(bracket) is not None


def currency(bracket: str) -> tuple[str, str] | None:
    """Gives the symbol and the language of a bracket such as `$¥-804`, either of them empty; None for another."""
    match = _CURRENCY.fullmatch(bracket)
    return None if match is None else (match["symbol"], (match["locale"] or "").lower())
