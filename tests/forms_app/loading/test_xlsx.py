"""Reading workbooks: what calamine reads, and what it does not tell."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from forms_app.exact_json import number_text
from forms_app.loading import xlsx
from forms_app.loading.sheet_cells import Broken, UnreadableFile, number_text_of
from forms_app.loading.xlsx import Sheet
from tests.forms_app.loading.files import write_xlsx

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.sampled_from(["<c r='A1'>", "</row>", "&amp;", "_x000D_", " a ", "a\nb", "]]>", '"', "'", "=1+1"]),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
)


def rows_of(path: Path, name: str = "") -> list[tuple[int, list[str]]]:
    sheet = Sheet(path, name)
    try:
        return list(sheet.rows())
    finally:
        sheet.close()


def said(value: Any) -> str:
    """A cell that calamine read, as a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return str(value)


@pytest.mark.parametrize("inline", [False, True], ids=["shared texts", "texts in the sheet"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=8))
def test_cells_say_what_calamine_reads(table: list[list[Any]], inline: bool, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", table, constant_memory=inline)
    with CalamineWorkbook.from_path(path) as book:
        sheet = book.get_sheet_by_index(0)
        expected = [[said(cell) for cell in row] for row in sheet.iter_rows()]
    first, width = (sheet.start or (0, 0))[1], max(map(len, expected), default=0)  # it leaves out empty columns before
    found = dict(rows_of(path))
    rows = [(found.get(number, []) + [""] * (first + width)) for number in range(1, len(expected) + 1)]
    assert [row[first : first + width] for row in rows] == expected
    assert all(row[:first] == [""] * first for row in rows)


@given(st.from_regex(r"-?[0-9]{1,10}(\.[0-9]{1,10})?(E-?[0-9]{1,2})?", fullmatch=True))
def test_a_number_is_the_shortest_that_means_its_double(text: str) -> None:
    assert number_text_of(text) == text or float(number_text_of(text)) == float(text)
    if not (text.isdigit() and len(text) < 16):
        assert number_text_of(text) == number_text(Decimal(repr(float(text)))).removesuffix(".0")


def test_times_are_told_by_their_formats(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        cells: list[tuple[Any, str]] = [
            (datetime(2023, 8, 20, 0, 1, 0, 123000), "yyyy-mm-dd hh:mm:ss.000"),
            (date(2023, 8, 20), 'yyyy"年"m"月"d"日"'),
            (date(2023, 8, 20), "[$-804]d mmm"),
            (time(1, 2, 3), "hh:mm:ss"),
            (datetime(1900, 1, 2), "dd/mm/yy"),
            (1.5, "[h]:mm"),
            (45158, '0 "days"'),
            (45158, "General"),
            (0.1 + 0.2, '[Red]0.00" h"'),
        ]
        for place, (value, form) in enumerate(cells):
            write = sheet.write_number if isinstance(value, int | float) else sheet.write_datetime
            write(0, place, value, book.add_format({"num_format": form}))
    assert rows_of(path) == [
        (
            1,
            [
                "2023-08-20 00:01:00.123",
                "2023-08-20",
                "2023-08-20",
                "01:02:03",
                "1900-01-02",
                "1.5",
                "45158",
                "45158",
                "0.3",
            ],
        )
    ]


def test_days_may_count_from_1904(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": True}) as book:
        book.add_worksheet().write_datetime(0, 0, datetime(2023, 8, 20), book.add_format({"num_format": "yyyy"}))
    assert rows_of(path) == [(1, ["2023-08-20"])]


def test_errors_and_formulas_without_a_value_are_not_taken_for_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for place, value in enumerate(["#DIV/0!", 7, "text", True]):
            sheet.write_formula(0, place, "=A2", None, value)
    plain = path.read_bytes()
    ((_number, cells),) = rows_of(path)
    assert cells == ["#DIV/0!", "7", "text", "true"]
    assert [isinstance(cell, Broken) for cell in cells] == [True, False, False, False]
    assert plain
    rewrite(path, SHEET_1, lambda xml: xml.replace("<v>7</v>", ""))
    ((_number, cells),) = rows_of(path)
    assert isinstance(cells[1], Broken)


SHEET_1 = "xl/worksheets/sheet1.xml"
SHEET = '<?xml version="1.0"?><x:worksheet xmlns:x="http://m"><x:sheetData>{}</x:sheetData></x:worksheet>'


def rewrite(path: Path, member: str, change: Any) -> None:
    """Change one part of the workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = change(parts.get(member, b"").decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<x:row r="3"><x:c r="B3"><x:v>5</x:v></x:c></x:row>', [(3, ["", "5"])]),
        ("<x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>", [(1, ["1", "2"])]),
        (
            '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:r><x:t>a&#65;</x:t></x:r><x:r><x:t>b</x:t></x:r>'
            "<x:rPh><x:t>no</x:t></x:rPh></x:is></x:c></x:row>",
            [(1, ["aAb"])],
        ),
        (
            '<x:row r="1" spans="1:1"/><x:row r="2"><x:c r="A2" t="str"><x:v>&lt;a:b&gt;</x:v></x:c></x:row>',
            [(2, ["<a:b>"])],
        ),
        ('<x:row r="1"><x:c r="AB1"><x:v>1E3</x:v></x:c></x:row>', [(1, [""] * 27 + ["1000"])]),
        ("", []),
        ('<x:row r="1"><!-- --><x:c r="A1" t="str"><x:v><![CDATA[a<b&amp;]]></x:v></x:c></x:row>', [(1, ["a<b&amp;"])]),
        ('<x:row r="1"><x:c r="C1"><x:v>3</x:v></x:c><x:c r="A1"><x:v>1</x:v></x:c></x:row>', [(1, ["1", "", "3"])]),
    ],
)
def test_rows_may_be_written_in_any_way(rows: str, expected: Any, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["x"]])
    rewrite(path, SHEET_1, lambda xml: SHEET.format(rows))
    assert rows_of(path) == expected


@pytest.mark.parametrize("digits", ["110101199003071234", "-9007199254740993", "123456789012345678901234567890"])
def test_an_integer_keeps_every_digit_that_the_file_holds(digits: str, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["x"]])
    rewrite(path, SHEET_1, lambda xml: SHEET.format(f'<x:row r="1"><x:c r="A1"><x:v>{digits}</x:v></x:c></x:row>'))
    assert rows_of(path) == [(1, [digits])]


def test_shared_texts_lie_where_the_workbook_says(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["a"]])
    with zipfile.ZipFile(path) as archive:
        texts = archive.read("xl/sharedStrings.xml").decode()
    rewrite(path, "xl/texts/All.xml", lambda _none: texts)
    rewrite(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("sharedStrings.xml", "texts/All.xml"))
    rewrite(path, "xl/sharedStrings.xml", lambda xml: xml.replace("<t>a</t>", "<t>another</t>"))
    assert rows_of(path) == [(1, ["a"])]


def test_a_chart_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=rows!$A$1:$A$1"})
        book.add_chartsheet("chart").set_chart(chart)
        book.add_worksheet("rows").write(0, 0, "x")
    assert rows_of(path) == [(1, ["x"])]
    for name in ("chart", "none"):
        with pytest.raises(UnreadableFile, match=f"{name}.*rows"):
            rows_of(path, name)


CELL = '<x:row r="2"><x:c r="A2" t="{}"><x:v>{}</x:v></x:c></x:row>'
ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "damage",
    [
        lambda xml: xml[:-20],
        lambda xml: xml.replace("</x:sheetData>", "<broken</x:sheetData>"),
        lambda xml: xml.replace("</x:sheetData>", CELL.format("str", "&a;") + "</x:sheetData>"),
        lambda xml: xml.replace("</x:sheetData>", CELL.format("s", "7") + "</x:sheetData>"),
        lambda xml: xml.replace("</x:sheetData>", CELL.format("s", "first") + "</x:sheetData>"),
        lambda xml: xml.replace("<x:worksheet", ENTITY + "<x:worksheet").replace(">5<", ">&a;<"),
        lambda xml: xml.replace("<x:worksheet", ENTITY + "<x:worksheet").replace(">5<", ">&b;<"),
    ],
    ids=["cut off", "no XML", "unknown entity", "absent text", "no number of a text", "entity", "external entity"],
)
def test_a_damaged_sheet_is_refused_and_not_taken_for_a_shorter_one(damage: Any, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["x"]])
    whole = SHEET.format('<x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c></x:row>')
    rewrite(path, SHEET_1, lambda xml: damage(whole))
    with pytest.raises(UnreadableFile):
        rows_of(path)


def test_shared_texts_that_are_missing_are_not_taken_for_empty(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["x"]])
    rewrite(path, "xl/sharedStrings.xml", lambda xml: xml.replace("<si><t>x</t></si>", ""))
    with pytest.raises(UnreadableFile):
        rows_of(path)
    rewrite(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("/sharedStrings", "/none"))
    with pytest.raises(UnreadableFile):
        rows_of(path)


def test_a_row_without_an_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["x" * 10_000]], constant_memory=True)
    monkeypatch.setattr(xlsx, "PIECE", 1_000)
    assert rows_of(path) == [(1, ["x" * 10_000])]
    monkeypatch.setattr(xlsx, "LONGEST_ROW", 5_000)
    with pytest.raises(UnreadableFile):
        rows_of(path)


def test_a_sheet_is_chosen_by_name_else_the_first_that_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        hidden, seen, other = (book.add_worksheet(name) for name in ("hidden", "seen", "另一个"))
        seen.activate()
        hidden.hide()
        for sheet in (hidden, seen, other):
            sheet.write(0, 0, sheet.get_name())
    assert rows_of(path) == [(1, ["seen"])]
    assert rows_of(path, "另一个") == [(1, ["另一个"])]
    with pytest.raises(UnreadableFile, match="另一个"):
        rows_of(path, "absent")


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    for content in (b"", b"name,code", b"PK\x03\x04 broken"):
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match="XLSX"):
            rows_of(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(UnreadableFile):
        rows_of(path)
