"""The page of formulas, held to the functions, the limits and the error values."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from forms_app.formula import ERRORS, FUNCTIONS, Function, Limits
from tests.docs.pages import rows, section, text_of


def written(value: Any) -> str:
    """A value as the table of functions writes it."""
    match value:
        case bool():
            return str(value).upper()
        case Decimal():
            return format(value, "f")
        case str():
            return f'"{value}"'
        case tuple():
            return f"({', '.join(map(written, value))})"
        case datetime() | date():
            return value.isoformat()
    raise TypeError(type(value).__name__)


def row_of(function: Function) -> str:
    names = (function.name, *function.aliases)
    english = " ".join(f"`{name}`" for name in names if name.isascii())
    chinese = " ".join(name for name in names if not name.isascii())
    needed = len(function.parameters) - function.optional
    takes = [p.expected if n < needed else f"[{p.expected}]" for n, p in enumerate(function.parameters)]
    takes += ["…"] if function.repeats else []
    formula, result = function.example
    return f"| {english} | {chinese} | {', '.join(takes)} | {function.english} | `{formula}` → `{written(result)}` |"


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
