"""The file of refused rows: for its owner alone, harmless in a spreadsheet, and right when it is loaded again."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_app.loading.formula_guard import guarded, unguarded
from forms_app.models import CustomForm, Member
from tests.forms_app.loading.files import load, stored_rows, write_csv, write_jsonl, write_xlsx

RUN = ("=", "+", "-", "@", "\t", "\r")
"""With these at its beginning a spreadsheet takes a text for a formula."""
TEXTS = ["=1+2", "+86 138", "-5", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-1", "'quoted'", "'", "a=b", "", "＝1"]


@given(st.text(alphabet="'=+-@\t\rab", max_size=6))
def test_a_guarded_text_runs_nowhere_and_comes_back(text: str) -> None:
    assert not guarded(text).startswith(RUN)
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [("=1", "'=1"), ("'=1", "''=1"), ("-5", "'-5"), ("'a", "'a"), ("5", "5"), ("a=b", "a=b"), ("\r\nx", "'\r\nx")],
)
def test_only_what_would_run_is_written_otherwise(text: str, written: str) -> None:
    assert guarded(text) == written


def raw_table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_only_its_owner_may_read_it(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    load(form, alice, write_csv(tmp_path / "a.csv", [["name", "amount"], ["a", "x"]]))
    load(form, alice, write_jsonl(tmp_path / "a.jsonl", [{"name": 5}]))
    for name in ("a.csv.refused", "a.jsonl.refused"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_no_cell_of_it_is_a_formula(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    rows = [["name", "amount", "#=mine", "=notes"], *([text, "=x", text, text, "=extra"] for text in TEXTS)]
    done = load(form, alice, write_csv(tmp_path / "a.csv", rows), left_out=["=notes"])
    assert done.refused == len(TEXTS)
    cells = [cell for row in raw_table(tmp_path / "a.csv.refused") for cell in row]
    assert [cell for cell in cells if cell.startswith(RUN)] == []
    assert len(cells) == 7 + len(TEXTS) * 8


@pytest.mark.parametrize("write", [write_csv, write_xlsx], ids=["csv", "xlsx"])
def test_loaded_again_each_text_is_what_it_was(write: object, form: CustomForm, alice: Member, tmp_path: Path) -> None:
    """Mended in a spreadsheet it may be saved in either format."""
    texts = [text for text in TEXTS if text and "\r" not in text and not text.startswith("\t")]
    load(form, alice, write_csv(tmp_path / "a.csv", [["name", "amount"], *([text, "x"] for text in texts)]))
    heading, *rows = raw_table(tmp_path / "a.csv.refused")
    mended = [[row[0], "", *row[2:]] for row in rows]
    path = write(tmp_path / f"b.{write.__name__[6:]}", [heading, *mended])  # type: ignore[operator, attr-defined]
    assert load(form, alice, path).loaded == len(texts)
    assert [row["name"] for row in stored_rows(form)] == texts


def test_refused_a_second_time_it_gathers_no_apostrophes(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    load(form, alice, write_csv(tmp_path / "a.csv", [["name", "amount"], ["=1", "-x"]]))
    again = tmp_path / "b.csv"
    again.write_bytes((tmp_path / "a.csv.refused").read_bytes())
    load(form, alice, again)
    _heading, row = raw_table(tmp_path / "b.csv.refused")
    assert row[:2] == ["'=1", "'-x"]


def test_in_any_other_file_an_apostrophe_is_one(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    load(form, alice, write_csv(tmp_path / "a.csv", [["name", "#row", "#codes"], ["'=1", "1", "x"]]))
    assert [row["name"] for row in stored_rows(form)] == ["'=1"]
