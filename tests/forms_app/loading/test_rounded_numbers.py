"""Numbers that a spreadsheet may have rounded are no texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forms_app.field_types import Option
from forms_app.loading.sheet_cells import Rounded, number_text_of
from forms_app.models import CustomForm, Member
from tests.factories import make_form
from tests.forms_app.loading.files import load, refused_table, stored_rows, write_xlsx
from tests.forms_app.loading.test_xlsx import SHEET, SHEET_1, rewrite

HELD = ["110101199003071234", "-9007199254740993", "123456789012345678901234567890", "123456789012345", "1E+14", "0.5"]
"""Written digit by digit, or with no more than fifteen of them."""
ROUNDED = [
    "1.10101199003071E+17",
    "110101199003071232",
    "110101199003071230",
    "1234567890123456",
    "1e20",
    "0.30000000000000004",
]


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(
        custom_app, {"text": "text_field", "long": "text_area", "tel": "tel_field", "number": "float_field"}
    )


@pytest.mark.parametrize("value", HELD)
def test_digits_that_the_file_holds_are_kept(value: str) -> None:
    assert type(number_text_of(value)) is str


@pytest.mark.parametrize("value", ROUNDED)
def test_what_a_double_may_have_rounded_is_marked(value: str) -> None:
    text = number_text_of(value)
    assert type(text) is Rounded
    assert float(text) == float(value)


def sheet(path: Path, heading: str, value: str, kind: str = "n") -> Path:
    write_xlsx(path, [[heading]])
    cells = f'<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>{heading}</x:t></x:is></x:c></x:row>'
    rewrite(
        path,
        SHEET_1,
        lambda _xml: SHEET.format(f'{cells}<x:row r="2"><x:c r="A2" t="{kind}"><x:v>{value}</x:v></x:c></x:row>'),
    )
    return path


@pytest.mark.parametrize("column", ["text", "long", "tel"])
@pytest.mark.parametrize("value", ["1.10101199003071E+17", "1234567890123456"])
def test_a_text_is_not_made_of_it(form: CustomForm, alice: Member, tmp_path: Path, column: str, value: str) -> None:
    path = sheet(tmp_path / "a.xlsx", column, value)
    done = load(form, alice, path)
    assert (done.loaded, done.refused) == (0, 1)
    (row,) = refused_table(tmp_path / "a.xlsx.refused")
    assert "rounded_number" in str(row) or "fifteen digits" in str(row) or "15" in str(row)


def test_a_number_is(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    done = load(form, alice, sheet(tmp_path / "a.xlsx", "number", "1234567890123456"))
    assert (done.loaded, [int(row["number"]) for row in stored_rows(form)]) == (1, [1234567890123456])


NUMBERED = (Option("H6Qq/ojoIFNyICUXzx3UOw==", "1234567890123456"),)
KINDS: dict[str, Any] = {
    "of": ("select_field", {}, NUMBERED),
    "picked": ("select2_field", {}, NUMBERED),
    "some": ("multi_select", {}, NUMBERED),
    "path": ("nested_select", {}, NUMBERED),
    "people": "user_field",
    "units": "department_field",
}


@pytest.mark.parametrize("column", [*KINDS, "related"])
def test_it_names_no_option_person_or_record(
    form: CustomForm, custom_app: Any, alice: Member, tmp_path: Path, column: str
) -> None:
    """Another one may have been meant."""
    Member.objects.filter(pk=alice.pk).update(uid=1234567890123456)
    alice.refresh_from_db()
    other = make_form(custom_app, {**KINDS, "related": ("relation_field", {"form": form.pk})}, name="other")
    assert load(other, alice, sheet(tmp_path / "a.xlsx", column, "1234567890123456")).loaded == 0
    (row,) = refused_table(tmp_path / "a.xlsx.refused")
    assert row["#codes"] == "rounded_number"


@pytest.mark.parametrize("column", ["of", "picked", "some"])
def test_no_option_is_made_of_it_nor_of_an_error(custom_app: Any, alice: Member, tmp_path: Path, column: str) -> None:
    form = make_form(custom_app, KINDS)
    cells = [("110101199003071232", "n"), ("1.10101199003071E+17", "n"), ("#DIV/0!", "e")]
    for number, (value, kind) in enumerate(cells):
        path = sheet(tmp_path / f"{number}.xlsx", column, value, kind)
        load(form, alice, path, add_options=lambda form_id, labels: pytest.fail(f"made {labels}"))
    assert stored_rows(form) == []


def test_a_text_with_every_digit_is_taken(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    load(form, alice, sheet(tmp_path / "a.xlsx", "text", "110101199003071234"))
    load(form, alice, write_xlsx(tmp_path / "b.xlsx", [["text"], ["110101199003071232"]]))
    assert [row["text"] for row in stored_rows(form)] == ["110101199003071234", "110101199003071232"]
