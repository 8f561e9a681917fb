"""The registry of functions, and the contract that each function in it keeps."""

import dataclasses
import re

import pytest
from formula_samples import compiled, computed

from forms_app.formula import EXAMPLE_NOW, FUNCTIONS, FormulaRefused
from forms_app.formula.values import kind_of

ASKED_FOR = """
ABS ROUND ROUNDUP ROUNDDOWN INT TRUNC CEILING FLOOR MOD POWER SQRT SIGN MIN MAX SUM AVERAGE COUNT COUNTA
PRODUCT MEDIAN EXP LN LOG10 CONCAT CONCATENATE LEFT RIGHT MID LEN FIND SEARCH SUBSTITUTE REPLACE UPPER LOWER
TRIM REPT EXACT STARTSWITH ENDSWITH CONTAINS TEXT VALUE SPLIT JOIN IF IFS SWITCH AND OR NOT XOR IFERROR
ISBLANK ISERROR COALESCE IFEMPTY TODAY NOW DATE DATETIME YEAR MONTH DAY HOUR MINUTE SECOND WEEKDAY WEEKNUM
DATEDIF DATEADD DAYS EDATE EOMONTH NETWORKDAYS DATEVALUE TIMESTAMP FIRST LAST INDEX SIZE UNIQUE SORT IN
INCLUDES NUMBER STRING TODATE BOOL CHINESEAMOUNT
""".split()  # noqa: SIM905 - a hundred quotes are harder to read


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_worked_example_holds(name):
    text, expected = FUNCTIONS[name].example
    result = computed(text, now=EXAMPLE_NOW)
    assert result == expected
    assert type(result) is type(expected)
    assert name in text


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_type_of_the_example_is_the_declared_one(name):
    formula = compiled(FUNCTIONS[name].example[0])
    kind = kind_of(FUNCTIONS[name].example[1])
    assert formula.result.kind == "any" or formula.result.is_list == (kind == "list")
    if not formula.result.is_list:
        assert formula.result.kind in ("any", kind)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_function_has_words_and_a_chinese_name(name):
    function = FUNCTIONS[name]
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", name)
    assert function.english.endswith(".")
    chinese_names = [alias for alias in function.aliases if re.search(r"[一-鿿]", alias)]
    assert chinese_names
    for alias in function.aliases:
        assert FUNCTIONS.find(alias) is function
        renamed = re.sub(rf"\b{name}\(", f"{alias}(", function.example[0])
        assert computed(renamed) == computed(function.example[0])


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_arguments_that_are_all_empty_never_raise(name):
    function = FUNCTIONS[name]
    least, most = function.arity
    for count in range(least, (most or least + 4) + 1):
        try:
            computed(f"{name}({', '.join(['{any}'] * count)})")
        except FormulaRefused as refusal:
            assert [fault.code for fault in refusal.faults] == ["wrong_arity"]


def test_all_functions_that_were_asked_for_are_there():
    assert [name for name in ASKED_FOR if FUNCTIONS.find(name) is None] == []
    assert len(FUNCTIONS) >= 60


def test_names_are_found_in_any_case():
    assert FUNCTIONS.find("sum") is FUNCTIONS["SUM"]
    assert FUNCTIONS.find("none such") is None


@pytest.mark.parametrize(
    "names", [{"name": "SUM"}, {"name": "NEW", "aliases": ("求和",)}, {"name": "NEW", "aliases": ("NEW",)}]
)
def test_a_name_can_be_taken_once_only(names):
    clash = dataclasses.replace(FUNCTIONS["SUM"], **{"aliases": (), **names})
    with pytest.raises(ValueError, match="taken"):
        FUNCTIONS.add(clash)
    assert "NEW" not in FUNCTIONS


def test_a_function_can_be_added_for_a_while():
    with FUNCTIONS.added(dataclasses.replace(FUNCTIONS["ABS"], name="SIZEOF", aliases=())):
        assert computed("SIZEOF(-1)") == 1
    assert FUNCTIONS.find("SIZEOF") is None
