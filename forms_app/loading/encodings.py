"""In which encoding a file of text is, and what stands between its cells: found out where that is sure, else refused.

Every candidate must decode the whole file without a fault. GB18030 and Big5 take nearly the same bytes, so of these two
one must say more than the other: by headings that name fields of the form, else by how common its characters are.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from forms_app.loading.sheet_cells import UnreadableFile

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GB, BIG5 = "gb18030", "cp950"
SEPARATORS = (",", ";", "\t", "|")
PIECE = 1 << 20
LEAST_CHARACTERS = 4
LEAST_LEAD = 0.3
"""So much larger a part of the characters must be common ones (docs/decisions/058-files-as-people-have-them.md)."""
Names = Callable[[str], bool]
"""Whether a heading names a field."""


class Dialect(NamedTuple):
    """How a text file is read."""

    encoding: str
    separator: str


def encoding_of(path: Path, names: Names | None = None) -> str:
    """The encoding. `names` is for tables. Raises UnreadableFile where there is none or several, OSError."""
    with path.open("rb") as file:
        head = file.read(PIECE)
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    if marked:
        return marked
    candidates = _decoding(path, _wide(head) or ("utf-8", GB, BIG5))
    if not candidates:
        raise UnreadableFile(_("{path} is in no known encoding: name it by --encoding.").format(path=path))
    if len(candidates) == 1 or "utf-8" in candidates:  # a text of another encoding is no UTF-8 but by rare chance
        return candidates[0]
    chosen = _by_headings(head, names) if names else None
    chosen = chosen or _by_commonness(head)
    if chosen is None:
        message = _("{path} may be in GB18030 or in Big5: name its encoding by --encoding.")
        raise UnreadableFile(message.format(path=path))
    return chosen


def separator_of(path: Path, encoding: str, names: Names) -> str:
    """What stands between the cells: that by which most headings name fields; a comma where there is one heading, or
    none names a field. Raises UnreadableFile where two do equally well."""
    with path.open("r", encoding=encoding, newline="") as file:
        head = file.read(PIECE)
    counts = {each: _named(_first_row(head, each), names) for each in SEPARATORS}
    most = max(counts.values())
    best = [separator for separator, count in counts.items() if count == most]
    if len(best) == 1 or most <= 1:
        return best[0]
    message = _("{path} may be separated by {signs}: name one by --separator.")
    raise UnreadableFile(message.format(path=path, signs=" ".join(map(ascii, best))))


def _wide(head: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark, told by the zeros of its commas and line ends; nothing for a text of no zeros."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if not even and not odd:
        return ()
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _decoding(path: Path, candidates: Sequence[str]) -> list[str]:
    """Those that decode all of the file."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in candidates}
    with path.open("rb") as file:
        while decoders:
            piece = file.read(PIECE)
            for name in list(decoders):
                try:
                    text = decoders[name].decode(piece, final=not piece)
                except UnicodeError:
                    del decoders[name]
                    continue
                if "\0" in text:
                    del decoders[name]
            if not piece:
                break
    return list(decoders)


def _by_headings(head: bytes, names: Names) -> str | None:
    """The one in which headings that are not ASCII name fields."""
    counts = {}
    for encoding in (GB, BIG5):
        text = head.decode(encoding, "ignore")
        rows = (_first_row(text, separator) for separator in SEPARATORS)
        counts[encoding] = max(sum(not cell.isascii() and names(cell.strip()) for cell in row) for row in rows)
    gb, big5 = counts[GB], counts[BIG5]
    return None if gb == big5 else GB if gb > big5 else BIG5


def _by_commonness(head: bytes) -> str | None:
    """The one in which a clearly larger part of the characters is common."""
    shares = {GB: _share(head, GB, "gb2312", 0xB0, 0xD7), BIG5: _share(head, BIG5, "cp950", 0xA4, 0xC6)}
    if any(share is None for share in shares.values()):
        return None
    gb, big5 = shares[GB] or 0.0, shares[BIG5] or 0.0
    return None if abs(gb - big5) < LEAST_LEAD else GB if gb > big5 else BIG5


def _share(head: bytes, encoding: str, charset: str, first: int, last: int) -> float | None:
    """Which part of the characters beyond ASCII stands in the rows of a charset where its common ones are; None where
    there are too few to tell."""
    characters = [char for char in head[:65_536].decode(encoding, "ignore") if ord(char) > 127]
    if len(characters) < LEAST_CHARACTERS:
        return None
    common = 0
    for char in characters:
        raw = char.encode(charset, "ignore")
        common += len(raw) == 2 and (first <= raw[0] <= last or raw[0] in (0xA1, 0xA3))
    return common / len(characters)


def _first_row(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(islice(text.splitlines(keepends=True), 100), delimiter=separator), [])
    except csv.Error:
        return []


def _named(cells: Sequence[str], names: Names) -> int:
    return sum(names(cell.strip()) for cell in cells)
