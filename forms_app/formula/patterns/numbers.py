"""Patterns of numbers: `0.00`, `#,##0.0,,"M"`, `0%`, `0.00E+00`, `¥#,##0.00;[Red](¥#,##0.00);"-"`."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from ..values import decimals_of
from .digits import NumberSection, read_section
from .marks import Section, Unreadable, sections
from .texts import check_text_section, is_for_text

_CONDITION = re.compile(r"(?P<sign><=|>=|<>|<|>|=)(?P<bound>-?\d+(\.\d+)?)")


class NumberPattern:
    """A pattern as it was read: one to three sections for numbers, each perhaps with a condition."""

    __slots__ = ("sections",)

    def __init__(self, read: tuple[NumberSection, ...]) -> None:
        self.sections = read

    def chosen(self, number: Decimal) -> tuple[NumberSection, bool]:
        """Gives the section for a number, and whether a minus sign goes before it."""
        first = self.sections[0]
        if any(section.condition for section in self.sections):
            section = next((s for s in self.sections if _holds(s.condition, number)), self.sections[-1])
            return section, not _of_negatives(section.condition)
        if number < 0 and len(self.sections) > 1:
            return self.sections[1], False
        return (self.sections[2], False) if not number and len(self.sections) > 2 else (first, True)


def _parts(condition: str) -> tuple[str, Decimal]:
    match = _CONDITION.fullmatch(condition)
    assert match is not None  # it was read
    return match["sign"], Decimal(match["bound"])


def _holds(condition: str, number: Decimal) -> bool:
    """Says whether a number fits a section's condition; without one every number does."""
    if not condition:
        return True
    sign, bound = _parts(condition)
    return {
        "<": number < bound,
        "<=": number <= bound,
        ">": number > bound,
        ">=": number >= bound,
        "=": number == bound,
        "<>": number != bound,
    }[sign]


def _of_negatives(condition: str) -> bool:
    """Says whether only negative numbers fit a condition, so that its section writes their sign itself."""
    if not condition:
        return False
    sign, bound = _parts(condition)
    return (sign == "<" and bound <= 0) or (sign == "<=" and bound < 0)


@lru_cache(maxsize=512)
def read_number_pattern(pattern: str) -> NumberPattern:
    """Takes a pattern for numbers, gives it as it was read; raises `Unreadable` when it is not known."""
    found: list[Section] = list(sections(pattern))
    if len(found) == 4 or is_for_text(found[-1]):
        check_text_section(found.pop())
    read = tuple(read_section(section) for section in found)
    if not read:  # `@` alone: a number as it is
        read = (NumberSection(general=True, pieces=(("general", ""),)),)
    for section in read:
        if section.condition and not _CONDITION.fullmatch(section.condition):
            raise Unreadable(f"[{section.condition}]")
    return NumberPattern(read)


def write_number(number: Decimal, pattern: str) -> str:
    """Takes a number and a pattern, gives the text; raises `Unreadable` when the pattern is not known."""
    section, signed = read_number_pattern(pattern).chosen(number)
    scaled = number if section.general else number.scaleb(section.shift)
    places = section.decimals
    # Worked on as text: quantize would refuse large numbers, whose digits don't fit the context.
    if not section.general and not section.power and decimals_of(scaled) > places:
        scaled = scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = "-" if signed and scaled < 0 and section.pieces else ""
    return sign + section.written(abs(scaled))
