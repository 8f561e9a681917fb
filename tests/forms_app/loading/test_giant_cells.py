"""A cell, line or part of 300 MB is refused when it has grown too long, and never held as a whole."""

from __future__ import annotations

import csv
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from forms_app.loading import row_files, sheet_cells, xlsx
from forms_app.loading.row_files import format_of, open_rows
from forms_app.loading.sheet_cells import UnreadableFile
from tests.forms_app.loading.files import write_csv, write_jsonl, write_xlsx

GIANT = 300
"""Millions of bytes."""
MOST_HELD = 90_000_000
SHEET, SHARED, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"


@pytest.fixture(autouse=True)
def _limit_of_csv() -> Iterator[None]:
    """It is the whole process's."""
    limit = csv.field_size_limit()
    yield
    csv.field_size_limit(limit)


def giant(character: str) -> Iterator[bytes]:
    piece = (character * (1_000_000 // len(character.encode()))).encode()
    return (piece for _n in range(GIANT))


def text_file(name: str, before: str, character: str, after: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with (folder / name).open("wb") as file:
            file.write(before.encode())
            file.writelines(giant(character))
            file.write(after.encode())
        return folder / name

    return write


def workbook(member: str, at: str, character: str) -> Callable[[Path], Path]:
    """A workbook of one cell, in whose `member` the giant text stands behind `at`."""

    def write(folder: Path) -> Path:
        small = write_xlsx(folder / "small.xlsx", [["title"], ["x"]])
        with zipfile.ZipFile(small) as source, zipfile.ZipFile(folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                content = source.read(name)
                place = content.index(at.encode()) + len(at) if name == member else len(content)
                with target.open(name, "w") as file:
                    file.write(content[:place])
                    if name == member:
                        for piece in giant(character):
                            file.write(piece)
                    file.write(content[place:])
        return folder / "a.xlsx"

    return write


@pytest.mark.slow
@pytest.mark.parametrize(
    "write",
    [
        text_file("a.csv", "title\n", "x", "\nlast\n"),
        text_file("a.csv", "title\n", "泵", "\nlast\n"),
        text_file("a.csv", 'title\n"', "x", '"\n'),
        text_file("a.csv", 'title\n"', "xy\n", '"\n'),
        text_file("a.jsonl", '{"title": "', "x", '"}\n'),
        workbook(SHEET, "<v>", "1"),
        workbook(SHEET, "<row ", "x"),
        workbook(SHEET, "<worksheet ", "x"),
        workbook(SHEET, "</sheetData>", "x"),
        workbook(SHARED, "<si><t>", "泵"),
        workbook(WORKBOOK, "<sheets>", "x"),
    ],
    ids=["csv", "chinese", "quoted", "lines", "json", "number", "tag", "head", "tail", "shared text", "workbook"],
)
def test_it_is_refused_without_the_memory_for_it(write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile), open_rows(path, format_of(path)) as file:
            for _row in file.rows:
                pass
        assert tracemalloc.get_traced_memory()[1] < MOST_HELD
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("write", [write_csv, write_jsonl], ids=["csv", "jsonl"])
def test_a_row_of_just_the_longest_is_read(write: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_files, "LONGEST_ROW", 20)
    path = write(tmp_path / f"a.{write.__name__[6:]}", [["first"], ["x" * 10], ["y"]])  # type: ignore[operator, attr-defined]
    longest = max(map(len, path.read_bytes().splitlines(keepends=True)))  # the line's end included
    monkeypatch.setattr(row_files, "LONGEST_ROW", longest)
    with open_rows(path, format_of(path)) as file:
        assert [number for number, _row in file.rows] == [1, 2, 3]
    monkeypatch.setattr(row_files, "LONGEST_ROW", longest - 1)
    with pytest.raises(UnreadableFile, match="2"), open_rows(path, format_of(path)) as file:
        assert next(file.rows)[0] == 1
        next(file.rows)


def test_the_lines_of_a_row_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a\n"b\nb\nb"\nc\n')
    monkeypatch.setattr(row_files, "LONGEST_ROW", 8)
    with open_rows(path, "csv") as file:
        assert [row for _number, row in file.rows] == [["a"], ["b\nb\nb"], ["c"]]
    monkeypatch.setattr(row_files, "LONGEST_ROW", 7)
    with pytest.raises(UnreadableFile, match="2"), open_rows(path, "csv") as file:
        assert len([row for _number, row in file.rows]) == 1


def test_all_readers_have_one_limit() -> None:
    assert row_files.LONGEST_ROW == xlsx.LONGEST_ROW == sheet_cells.LONGEST_ROW == 10_000_000
