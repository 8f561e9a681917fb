"""The page of formulas, held to the functions, the limits and the error values."""

from __future__ import annotations

import re

import pytest

from forms_app.formula import ERRORS, FUNCTIONS, Limits
from tests.docs.pages import rows, section, text_of
from tests.docs.write import row_of


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_a_function_has_its_row(name: str) -> None:
    assert row_of(FUNCTIONS[name]) in text_of("docs/formulas.md").splitlines()


def test_no_other_function_has_a_row() -> None:
    functions = section(text_of("docs/formulas.md"), "## Functions")
    assert sorted(rows(functions)) == sorted(rows("\n".join(row_of(function) for function in FUNCTIONS.values())))


def test_the_limits_of_formulas_are_told() -> None:
    told = re.search(r"^Limits of a formula: (.*?)\n\n", text_of("docs/formulas.md"), re.MULTILINE | re.DOTALL)
    assert told
    limits = Limits()
    wanted = (limits.length, limits.depth, limits.nodes, limits.text, limits.steps)
    assert [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", told[1])] == list(wanted)


def test_every_error_value_has_its_row() -> None:
    assert [row[0].strip("`") for row in rows(section(text_of("docs/formulas.md"), "## Errors"))] == list(ERRORS)
