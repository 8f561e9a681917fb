"""The cells of an XLSX sheet: from XML, and from the format's numbers and styles, to texts as one would type them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import unescape

from django.utils.translation import gettext as _

from forms_app.exact_json import number_text

DAY = 86_400_000
"""Milliseconds."""
KEPT_DIGITS = 15
"""So many digits of a number Excel keeps, and every double."""
LONGEST_ROW = 10_000_000
"""Characters of a row as it stands in its file, or of a shared text: more than a call of the API may send for a
record. So much of a file is held at a time."""
_PREFIX = re.compile(r"([A-Za-z_][\w.-]*):[A-Za-z]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_INTEGER = re.compile(r"-?[1-9][0-9]*|0", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]", re.ASCII)
_QUOTES = {"&quot;": '"', "&apos;": "'"}
Parsed = tuple[str, str, str, str, str, str]
"""Of a cell: column letters, style, type, formula, value, inline text; "" for what is not there."""


class UnreadableFile(ValueError):
    """A file that is not of its format, or says nothing of the form. Its text says why."""


class Broken(str):
    """A cell that shows an error, or whose formula was never computed: it has no value that could be taken."""

    __slots__ = ()


class Rounded(str):
    """A number with more digits than the fifteen that a spreadsheet keeps, and just those that a double has: it may
    have been another one before."""

    __slots__ = ()


def tag_of(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def plain(text: str) -> str:
    """Without the escapes of XML and those of the format's own (`_x000D_`)."""
    if "&" in text:
        text = unescape(text, _QUOTES)
    return _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text) if "_x" in text else text


def parsed(piece: str) -> ET.Element:
    """A piece up to a closing tag, as XML. Raises UnreadableFile."""
    opening = re.search(r"<([\w.:-]+)", piece)
    if opening is None:
        raise UnreadableFile(_("The workbook's XML can't be read."))
    spaces = "".join(f' xmlns:{prefix}="{prefix}"' for prefix in {*_PREFIX.findall(piece)} - {"xml", "xmlns"})
    try:
        return ET.fromstring(f"<x{spaces}>{piece}</{opening[1]}></x>")[0]
    except ET.ParseError as error:
        raise UnreadableFile(_("The workbook's XML can't be read.")) from error


def parsed_cells(piece: str) -> list[Parsed]:
    """The cells of a row, whatever it looks like. One that does not say where it stands is next to the one before."""
    cells: list[Parsed] = []
    place = 0
    for cell in parsed(piece):
        if tag_of(cell) != "c":
            continue
        letters = "".join(char for char in cell.get("r", "") if char.isalpha())
        place = place_of(letters) if letters else place
        parts = {tag_of(part): part for part in cell}
        value, inline = parts.get("v"), parts.get("is")
        cells.append(
            (
                letters or letters_of(place),
                cell.get("s", ""),
                cell.get("t", ""),
                "=" if "f" in parts else "",
                _escaped(value.text or "") if value is not None else "",
                _escaped(inner_text(inline)) if inline is not None else "",
            )
        )
        place += 1
    return cells


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;")  # it is unescaped once more


def inner_text(element: ET.Element) -> str:
    """The text of a shared or inline string: of its runs together, without the signs that tell its pronunciation."""
    texts = []
    for part in element:
        if tag_of(part) == "t":
            texts.append(part.text or "")
        elif tag_of(part) == "r":
            texts += [run.text or "" for run in part if tag_of(run) == "t"]
    return "".join(texts)


@lru_cache(maxsize=1024)
def place_of(letters: str) -> int:
    """A is 0, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def letters_of(place: int) -> str:
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def is_time(form_id: str, code: str | None) -> bool:
    """Whether numbers of this format are moments. `[h]` counts hours: that is an amount."""
    if code is None:
        number = int(form_id)
        return 14 <= number <= 22 or 27 <= number <= 36 or 45 <= number <= 47 or 50 <= number <= 58
    if re.search(r"\[[hms]+\]", code, re.IGNORECASE):
        return False
    return bool(re.search(r"[ymdhs]", re.sub(r'"[^"]*"|\\.|\[[^]]*\]|_.|\*.', "", code), re.IGNORECASE))


@lru_cache(maxsize=4096)
def moment_text(first_day: datetime, value: str) -> str:
    """A day, a day with a clock, or (within the first day) a clock alone."""
    try:
        milliseconds = round(float(value) * DAY)
        if first_day.year == 1899 and DAY <= milliseconds < 60 * DAY:
            milliseconds += DAY  # Excel counts a 29 February 1900
        moment = first_day + timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):
        return Broken(value)
    text = moment.isoformat(" ", "milliseconds" if milliseconds % 1000 else "seconds")
    if 0 <= milliseconds < DAY:
        return text[11:]
    return text if milliseconds % DAY else text[:10]


def number_text_of(value: str) -> str:
    """A number without an exponent: an integer as it is written, of any other the digits that its double has. One that
    a double may have rounded is marked so."""
    written = _INTEGER.fullmatch(value)
    if len(value) <= KEPT_DIGITS and (written or _DECIMAL.fullmatch(value)):
        return value
    try:
        double = float(value)
        shortest = number_text(Decimal(repr(double))).removesuffix(".0")
    except ValueError:
        return Broken(value)
    if len(shortest.lstrip("-0.").replace(".", "")) <= KEPT_DIGITS:
        return shortest
    # A program that writes more than a double can hold wrote the number digit by digit.
    return value if written and value != shortest and int(value) != int(double) else Rounded(shortest)
