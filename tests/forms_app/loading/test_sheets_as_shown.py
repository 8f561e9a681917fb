"""What a sheet shows otherwise than it is read: hidden rows and merged cells are said."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from forms_app.models import CustomForm, Member
from tests.forms_app.loading.files import load, stored_rows


def test_hidden_rows_and_merged_cells_are_said(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((("name", "code"), ("a", "1"), ("b", "2"), ("c", "3"), ("d",))):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(3, 30)
        sheet.merge_range("B4:B5", "3")
    said: list[str] = []
    load(form, alice, path, note=said.append)
    assert [(row["name"], row.get("code")) for row in stored_rows(form)] == [
        ("a", "1"), ("b", "2"), ("c", "3"), ("d", None),
    ]  # fmt: skip
    assert len(said) == 2
    assert said[0].startswith("1 ") or " 1 " in said[0]
    assert "B4:B5" in said[1]


def test_a_plain_sheet_says_nothing(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_column(0, 0, ["name", "a"])
    said: list[str] = []
    load(form, alice, path, note=said.append)
    assert said == []
