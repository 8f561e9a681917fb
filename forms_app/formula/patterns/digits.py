"""Digits: one section of a number's pattern, read and filled."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from ..values import decimals_of, plain_number
from .marks import Section, Unreadable, currency, is_colour

MOST_DIGITS = 30
PLACEHOLDERS = frozenset("0#?")
_DATES = re.compile(r"y{2,4}|d{2,4}|h{2}|m{3,5}|AM|PM", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+")

Piece: TypeAlias = tuple[str, str]
"""(kind, text): `literal`, `general`, `point`, `exponent`, or a placeholder of `whole`, `decimal`, `power`."""


@dataclass(frozen=True, slots=True)
class NumberSection:
    """One section: its pieces in order, and what it does to the number before its digits are filled in."""

    pieces: tuple[Piece, ...]
    condition: str = ""
    general: bool = False
    grouped: bool = False
    shift: int = 0
    """The power of ten that percent signs and scaling commas multiply by."""

    def placeholders(self, kind: str) -> str:
        return "".join(text for piece, text in self.pieces if piece == kind)

    @property
    def decimals(self) -> int:
        return len(self.placeholders("decimal"))

    @property
    def power(self) -> bool:
        return any(kind == "exponent" for kind, _text in self.pieces)

    def written(self, number: Decimal) -> str:
        """Gives the text of a number without its sign, already scaled and rounded."""
        exponent = 0
        if self.power:
            number, exponent = self._scientific(number)
        integer, _, back = format(number, "f").partition(".")
        whole = self.placeholders("whole")
        front = _filled(integer.lstrip("0"), whole)
        back = _trimmed(back, self.placeholders("decimal"))
        raised = _filled(str(abs(exponent)) if exponent else "", self.placeholders("power"))
        pieces: list[str] = []
        left, right, up = len(whole), 0, len(raised)
        for kind, text in self.pieces:
            if kind == "whole":
                pieces.append(_digits_at(front, left, len(whole), self.grouped))
                left -= 1
            elif kind == "point":
                pieces.append(("" if whole else "".join(front)) + ("." if back else ""))
            elif kind == "decimal":
                pieces.append(back[right : right + 1])
                right += 1
            elif kind == "exponent":
                pieces.append("E" + ("-" if exponent < 0 else text.replace("-", "")))
            elif kind == "power":
                pieces.append(raised[-up])
                up -= 1
            else:
                pieces.append(format(plain_number(number), "f") if kind == "general" else text)
        return "".join(pieces)

    def _scientific(self, number: Decimal) -> tuple[Decimal, int]:
        """Gives the digits before the exponent, and the exponent: a multiple of the number of whole placeholders."""
        step = max(1, len(self.placeholders("whole")))
        if not number:
            return number, 0
        exponent = number.adjusted() // step * step
        digits = _rounded(number.scaleb(-exponent), self.decimals)
        if digits.adjusted() >= step:
            exponent += step
            digits = _rounded(number.scaleb(-exponent), self.decimals)
        return digits, exponent


def _digits_at(front: list[str], left: int, count: int, grouped: bool) -> str:
    """Gives what stands at the `left`-th of `count` placeholders, counted from the point; the first takes the rest."""
    text = ""
    for place in range(len(front) if left == count else left, left - 1, -1):
        digit = front[-place]
        text += digit
        if grouped and place > 1 and place % 3 == 1 and digit.isdigit():
            text += ","
    return text


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if decimals_of(number) > places else number


def _filled(digits: str, placeholders: str) -> list[str]:
    """Gives the digits of the whole part, one by one, with the zeros and blanks that its placeholders ask for."""
    zeros = len(placeholders) - placeholders.find("0") if "0" in placeholders else 0
    digits = digits.rjust(zeros, "0")
    blanks = [" " if mark == "?" else "" for mark in placeholders[: max(0, len(placeholders) - len(digits))]]
    return [*blanks, *digits]


def _trimmed(digits: str, placeholders: str) -> str:
    """Gives the decimals: zeros at the end only where a `0` asks for them, blanks where a `?` does."""
    back = digits.ljust(len(placeholders), "0")[: len(placeholders)]
    kept = max(placeholders.rfind("0") + 1, len(back.rstrip("0")))
    return back[:kept] + "".join(" " for mark in placeholders[kept:] if mark == "?")


class _Reading:
    """One section on its way from marks to pieces."""

    def __init__(self, section: Section) -> None:
        self.marks = section
        self.pieces: list[Piece] = []
        self.part = "whole"
        self.commas = self.shift = 0
        self.condition, self.letters = "", ""
        self.grouped = self.general = self.digits = False

    def read(self) -> NumberSection:
        place = 0
        while place < len(self.marks):
            mark = self.marks[place]
            if mark.kind == "literal":
                self.pieces.append(("literal", mark.text))
            elif mark.kind == "general":
                self.general = True
                self.pieces.append(("general", ""))
            elif mark.kind == "bracket":
                self.bracket(mark.text)
            else:
                place += self.plain(mark.text, place)
            place += 1
        return self.checked()

    def bracket(self, text: str) -> None:
        named = currency(text)
        if named is not None:
            self.pieces.append(("literal", named[0]))
        elif text[:1] in ("<", ">", "="):
            self.condition = text
        elif not is_colour(text):
            raise Unreadable(f"[{text}]")

    def plain(self, text: str, place: int) -> int:
        """Takes a character in; gives how many marks behind it were taken with it."""
        following = self.following(place)
        if text in PLACEHOLDERS:
            self.placeholder(text)
        elif text == "." and self.part == "whole":
            self.part = "decimal"
            self.scale()
            self.pieces.append(("point", ""))
        elif text == "," and self.digits and self.part != "power":
            self.commas += 1
        elif text in "Ee" and following in ("+", "-") and self.digits and self.part != "power":
            self.part = "power"
            self.pieces.append(("exponent", following))
            return 1
        elif text == "_":
            self.pieces.append(("literal", " "))
            return 1 if following else 0
        elif text in "*@" or (text == "/" and following in PLACEHOLDERS and self.after_placeholder()):
            raise Unreadable(text)
        else:
            self.literal(text)
        return 0

    def literal(self, text: str) -> None:
        if text == "%":
            self.shift += 2
        self.letters += text if text.isascii() and text.isalpha() else " "
        self.pieces.append(("literal", text))

    def following(self, place: int) -> str:
        marks = self.marks[place + 1 : place + 2]
        return marks[0].text if marks and marks[0].kind == "plain" else ""

    def after_placeholder(self) -> bool:
        return bool(self.pieces) and self.pieces[-1][0] in ("whole", "decimal")

    def placeholder(self, text: str) -> None:
        if self.commas and self.part == "whole":
            self.grouped, self.commas = True, 0
        self.digits = True
        self.letters += " "
        self.pieces.append((self.part, text))

    def scale(self) -> None:
        self.shift -= 3 * self.commas
        self.commas = 0

    def checked(self) -> NumberSection:
        self.scale()
        # Letters beside digits are a unit (`0.0 kg`); alone, or as a date's, they are a pattern that is not known.
        for word in _WORD.findall(self.letters):
            if not (self.digits or self.general) or _DATES.fullmatch(word):
                raise Unreadable(word)
        for kind in ("whole", "decimal", "power"):
            if sum(piece == kind for piece, _text in self.pieces) > MOST_DIGITS:
                raise Unreadable("0" * 3 + "…")
        if self.part == "power" and not any(kind == "power" for kind, _text in self.pieces):
            raise Unreadable("E")
        if self.general and self.digits:
            raise Unreadable("General")
        return NumberSection(tuple(self.pieces), self.condition, self.general, self.grouped, self.shift)


def read_section(section: Section) -> NumberSection:
    """Takes a section's marks, gives it as it was read; raises `Unreadable` when it is not known."""
    return _Reading(section).read()
