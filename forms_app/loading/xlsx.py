"""XLSX, row by row: what a sheet's cells say, as texts (ECMA-376 part 1, §18.3, §18.4, §18.8).

Memory does not grow with the file: the sheet is read in pieces, the shared texts lie in a temporary file. A row as
Excel and the common libraries write it is cut by one regular expression; any other one is parsed as XML. What is no XML
from its first byte to its last is refused. Why not by a library: docs/decisions/024-sheets.md.
"""

from __future__ import annotations

import codecs
import mmap
import re
import tempfile
import xml.etree.ElementTree as ET
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, NoReturn
from xml.parsers import expat

from django.utils.translation import gettext as _

from forms_app.loading.sheet_cells import (
    LONGEST_ROW,
    Broken,
    Parsed,
    UnreadableFile,
    inner_text,
    is_time,
    letters_of,
    moment_text,
    number_text_of,
    parsed,
    parsed_cells,
    place_of,
    plain,
    tag_of,
)

PIECE = 1 << 18
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,  # a compression or encryption that zipfile does not know
    expat.ExpatError,
    ET.ParseError,
    LookupError,
    ValueError,
)
LETTERS = [letters_of(place) for place in range(1_000)]
_ROW = re.compile(r'<(?:[\w.-]+:)?row\b[^>]*?(?:\br="(\d+)")?[^>]*>')
_HIDDEN = re.compile(r'[^>]*?\bhidden="(?:1|true)"')
_MERGED = re.compile(r'<(?:[\w.-]+:)?mergeCell\b[^>]*?\bref="([A-Z0-9:]{1,40})"')
_NUMBERED = re.compile(r'[^>]*?\br="(\d+)"')
# Possessive (`++`, `?+`): nothing that is matched would match otherwise, and so it takes two thirds of the time.
_CELL = re.compile(
    r'<c r="([A-Z]{1,3}+)[0-9]++"(?: s="([0-9]++)")?+(?: t="([a-zA-Z]++)")?+'
    r"(?:/>|>(<f[^>]*/>|<f[^>]*>[^<]*</f>)?+"
    r'(?:<v>([^<]*+)</v>|<v ?/>|<is><t(?: xml:space="preserve")?+>([^<]*+)</t></is>)?+</c>)'
)
_SHARED = re.compile(r'\s*<si><t(?: xml:space="preserve")?>([^<]*)</t>')


class Sheet:
    """One sheet of a workbook, to be read once. Raises UnreadableFile for what is no XLSX file."""

    def __init__(self, path: Path, name: str = "") -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
            with_dates_from_1904, member = self._find(name)
            self._first_day = datetime(1904, 1, 1) if with_dates_from_1904 else datetime(1899, 12, 30)
            self._styles = self._time_styles()
            self.size = self._archive.getinfo(member).file_size
            self._file: IO[bytes] = self._archive.open(member)
        except _DAMAGED as error:
            raise self._unreadable(error) from error
        self.position = 0
        self._hidden = 0
        self._behind = ""
        self._prefixed = False
        self._texts: Callable[[int], str] = lambda place: ""

    def close(self) -> None:
        self._file.close()
        self._archive.close()

    def notes(self) -> list[str]:
        """What a spreadsheet shows otherwise than it was read, once the rows are."""
        said = []
        if self._hidden:
            said.append(_("{count} hidden rows of the sheet were read like the others.").format(count=self._hidden))
        merged = _MERGED.findall(self._behind)
        if merged:
            message = _("{count} merged cells were read as their first cell, the rest of each as empty: {places}")
            said.append(message.format(count=len(merged), places=", ".join(merged[:10])))
        return said

    def _unreadable(self, error: Exception) -> UnreadableFile:
        if isinstance(error, UnreadableFile):
            return error
        return UnreadableFile(_("{path} is no XLSX file: {error}").format(path=self._path, error=error))

    def _small(self, member: str) -> bytes:
        """A member that is read as a whole. Raises UnreadableFile for one that no workbook has so large."""
        if self._archive.getinfo(member).file_size > LONGEST_ROW:
            _refuse()
        return self._archive.read(member)

    def _find(self, name: str) -> tuple[bool, str]:
        """Whether days count from 1904, and the archive's member that holds the sheet: the first visible one, or that
        of the name."""
        book = ET.fromstring(self._small("xl/workbook.xml"))
        links = [*ET.fromstring(self._small("xl/_rels/workbook.xml.rels"))]
        self._members = {_kind_of(link): _member_of(link) for link in links}
        worksheets = {link.get("Id"): _member_of(link) for link in links if _kind_of(link) == "worksheet"}
        properties = next((part for part in book if tag_of(part) == "workbookPr"), None)
        late = properties is not None and properties.get("date1904") in ("1", "true")
        listed = [(_link_id(sheet), sheet) for part in book if tag_of(part) == "sheets" for sheet in part]
        sheets = [(worksheets[link], sheet) for link, sheet in listed if link in worksheets]  # others are charts
        fits = [
            member
            for member, sheet in sheets
            if (sheet.get("name") == name if name else sheet.get("state", "visible") == "visible")
        ]
        if not fits:
            names = ", ".join(sheet.get("name", "") for _member, sheet in sheets)
            message = _("{path} has no sheet {name} with cells; it has: {names}") if name else ""
            message = message or _("{path} has no sheet that is shown; name one: {names}")
            raise UnreadableFile(message.format(path=self._path, name=name, names=names or "–"))
        return late, fits[0]

    def _time_styles(self) -> frozenset[str]:
        """The styles whose numbers are times."""
        if "styles" not in self._members:
            return frozenset()
        styles = ET.fromstring(self._small(self._members["styles"]))
        own = {form.get("numFmtId"): form.get("formatCode", "") for form in styles.iter() if tag_of(form) == "numFmt"}
        cell_styles = [style for part in styles if tag_of(part) == "cellXfs" for style in part]
        return frozenset(
            str(place)
            for place, style in enumerate(cell_styles)
            if is_time(style.get("numFmtId", "0"), own.get(style.get("numFmtId")))
        )

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(number as the spreadsheet shows it, texts of the cells from column A on) of each row that is there. Raises
        UnreadableFile where the file breaks off or is damaged: rows that came before are right."""
        try:
            with tempfile.TemporaryFile() as spool:
                self._texts = self._shared_texts(spool)
                number = 0
                for piece in self._pieces(self._file, "row", "sheetData"):
                    start = piece.rfind("<row")
                    start = start if start >= 0 else max(row.start() for row in _ROW.finditer(piece))
                    numbered = _NUMBERED.match(piece, start)
                    number = int(numbered[1]) if numbered else number + 1
                    self._hidden += _HIDDEN.match(piece, start) is not None
                    yield number, self._row(piece[start:])
        except _DAMAGED as error:
            raise self._unreadable(error) from error

    def _pieces(self, file: IO[bytes], tag: str, within: str = "") -> Iterator[str]:
        """The text of the file up to each closing `tag`, from `within` on, so long as there is another one."""
        decode = codecs.getincrementaldecoder("utf-8")().decode
        whole = expat.ParserCreate()
        whole.StartDoctypeDeclHandler = _refuse  # entities of its own
        rest, closing = "", ""
        while piece := file.read(PIECE):
            if file is self._file:
                self.position += len(piece)
            whole.Parse(piece)
            if len(rest) > LONGEST_ROW:
                message = _("A row or a text of the workbook has more than {limit} characters.")
                raise UnreadableFile(message.format(limit=LONGEST_ROW))
            rest += decode(piece)
            if not closing:
                opened = re.search(rf"<((?:[\w.-]+:)?){within or tag}\b[^>]*>", rest)
                if opened is None:
                    continue
                closing = f"</{opened[1]}{tag}>"
                self._prefixed = bool(opened[1])
                rest = rest[opened.end() if within else opened.start() :]
            pieces = rest.split(closing)
            rest = pieces.pop()
            yield from pieces
        if file is self._file:
            self._behind = rest
        whole.Parse(b"", True)

    def _shared_texts(self, spool: IO[bytes]) -> Callable[[int], str]:
        """The shared texts by number, written to the temporary file."""
        ends = array("Q", [0])
        if "sharedStrings" in self._members:
            with self._archive.open(self._members["sharedStrings"]) as file:
                for piece in self._pieces(file, "si"):
                    shared = _SHARED.fullmatch(piece) if "&#" not in piece and "\r" not in piece else None
                    text = (plain(shared[1]) if shared else inner_text(parsed(piece))).encode(errors="surrogatepass")
                    spool.write(text)
                    ends.append(ends[-1] + len(text))
        spool.flush()
        texts = mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) if ends[-1] else b""
        return lambda place: texts[ends[place] : ends[place + 1]].decode(errors="surrogatepass")

    def _row(self, piece: str) -> list[str]:
        cells: list[Parsed] = _CELL.findall(piece)
        count = piece.count("<c ") + piece.count("<c>")
        if self._prefixed or len(cells) != count or "&#" in piece or "\r" in piece or "<!" in piece:
            cells = parsed_cells(piece)
        time_styles = self._styles
        # The commonest cells first: there are millions.
        texts = [
            inline
            if kind == "inlineStr" and "&" not in inline and "_x" not in inline
            else value
            if not kind and value.isdigit() and len(value) < 16 and style not in time_styles
            else self._text(style, kind, formula, value, inline)
            for _letters, style, kind, formula, value, inline in cells
        ]
        letters = [cell[0] for cell in cells]
        return texts if letters == LETTERS[: len(letters)] else _placed(letters, texts)

    def _text(self, style: str, kind: str, formula: str, value: str, inline: str) -> str:
        """What the cell says, as one would type it."""
        if kind == "inlineStr":
            return plain(inline)
        if kind == "e":
            return Broken(value)
        if not value:
            return Broken("=") if formula and kind != "str" else ""
        if kind == "s":
            return self._texts(int(value))
        if kind == "b":
            return "true" if value == "1" else "false"
        if kind in ("str", "d"):
            return plain(value)
        return moment_text(self._first_day, value) if style in self._styles else number_text_of(value)


def _placed(letters: list[str], texts: list[str]) -> list[str]:
    """The texts with those of the empty cells between them."""
    places = [place_of(letter) for letter in letters]
    row = [""] * (max(places, default=-1) + 1)
    for place, text in zip(places, texts, strict=True):
        row[place] = text
    return row


def _refuse(*_declared: object) -> NoReturn:
    raise UnreadableFile(_("The workbook's XML can't be read."))


def _kind_of(link: ET.Element) -> str:
    return link.get("Type", "").rpartition("/")[2]


def _member_of(link: ET.Element) -> str:
    """The archive's member that the workbook's link leads to."""
    target = link.get("Target", "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _link_id(sheet: ET.Element) -> str:
    return next((value for key, value in sheet.items() if key.endswith("}id")), "")
