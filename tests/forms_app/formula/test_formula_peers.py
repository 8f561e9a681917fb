"""What the public examples of spreadsheets and of formula.js give, and where we differ from them on purpose.

`peers.tsv` holds facts: a formula, the result that they tell (`error` for any), and who tells it (`docs`: the
functions documentation of Excel, LibreOffice or Google Sheets).
"""

from decimal import Decimal
from pathlib import Path

import pytest
from formula_samples import computed

from forms_app.formula import ErrorValue, FormulaRefused
from tests.docs.pages import rows, section, text_of

ROWS = [line.split("\t") for line in (Path(__file__).parent / "peers.tsv").read_text(encoding="utf-8").splitlines()]
DIGITS = Decimal("1e-9")
"""Theirs are doubles."""


def given(text):
    try:
        return computed(text)
    except FormulaRefused as refused:
        return ErrorValue("refused", str(refused))


def is_same(result, told):
    if told == "error":
        return isinstance(result, ErrorValue)
    wanted = computed(told)
    if isinstance(wanted, Decimal) and isinstance(result, Decimal):
        return abs(result - wanted) <= max(abs(wanted) * DIGITS, DIGITS)
    empty = ("", None, ())
    return (result == wanted and type(result) is type(wanted)) or (result in empty and wanted in empty)


def test_the_examples_of_peers_give_what_they_tell():
    assert len(ROWS) > 500
    wrong = [(text, told, given(text)) for text, told, _who in ROWS if not is_same(given(text), told)]
    assert wrong == []


DIFFERENCES = rows(section(text_of("docs/formulas.md"), "## Differences from spreadsheets"))


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row[1])
def test_a_documented_difference_is_one(row):
    _about, formula, theirs, ours = (cell.strip("`") for cell in row)
    result = given(formula)
    if ours == "refused":
        assert isinstance(result, ErrorValue)
        assert result.code == "refused"
    elif ours == "empty":
        assert result is None
    else:
        assert result == computed(ours)
    assert theirs != ours
