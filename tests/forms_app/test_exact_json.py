"""JSON in and out without losing a digit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_app.exact_json import dumps, exact, number_text, reads, shows

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | TEXTS
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    text = dumps(value).decode()
    assert reads(text) == value
    assert json.loads(text, parse_float=Decimal) == value


@given(VALUES)
def test_what_is_shown_is_the_text_that_was_stored(value: Any) -> None:
    text = dumps(value)
    assert dumps(shows(text.decode())) == text


@pytest.mark.parametrize(
    "text",
    [
        "123456789123456.12345",
        "0.1",
        "1.10",
        "1E+2",
        "-0.0",
        "1" * 38,
        str(2**63 - 1),
        str(2**63),
        str(-(2**63)),
        str(2**64),
        "1e-300",
    ],
)
def test_a_number_keeps_its_text(text: str) -> None:
    assert dumps(shows(text)).decode() == text
    assert reads(text) == Decimal(text)


@pytest.mark.parametrize("number", [0, 10**15, 10**17, 2**63 - 1, -(2**63) + 1])
def test_an_id_is_a_number_to_look_up_by(number: int) -> None:
    assert shows(str(number)) == number
    assert type(shows(f"[{number}]")[0]) is int


def test_a_fraction_is_kept_as_text() -> None:
    assert isinstance(shows("1.5"), orjson.Fragment)


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nul", "1 2", '"\x01"', "{'a': 1}", "1.", "01"])
def test_what_is_no_json_is_said_to_be_none(text: str) -> None:
    for read in (reads, shows):
        with pytest.raises(ValueError):
            read(text)


class Said(str):
    """A text that somebody sent, as the field types know it."""


@pytest.mark.parametrize("text", ['"\\ud83d"', '["\ud83d"]', Said("[1.50]")])
def test_odd_texts_are_read_as_the_standard_library_reads_them(text: str) -> None:
    assert reads(text) == json.loads(text, parse_float=Decimal)
    assert [type(item) for item in reads(Said('[1, 1.5, "1", true]'))] == [int, Decimal, str, bool]


@pytest.mark.parametrize("digits", [4_299, 4_300, 4_301, 20_000])
def test_an_integer_may_be_as_long_as_postgresql_has_it(digits: int) -> None:
    """Python's own int() stops at 4,300 digits (sys.set_int_max_str_digits)."""
    text = "7" * digits
    for found in (text, f'{{"a": [{text}], "b": 1.50}}'):
        assert dumps(shows(found)).decode() == found.replace(" ", "")
    assert reads(text) == Decimal(text)
    assert reads(f'[{text}, 1.50, "x"]') == [Decimal(text), Decimal("1.50"), "x"]


@pytest.mark.parametrize(
    ("number", "text"),
    [("1E-8", "0.00000001"), ("1E+3", "1000"), ("-0.50", "-0.50"), ("1234567890123456.12", "1234567890123456.12")],
)
def test_a_decimal_is_written_without_an_exponent(number: str, text: str) -> None:
    assert number_text(Decimal(number)) == text
    assert dumps([Decimal(number)]).decode() == f"[{text}]"


def test_text_stays_as_it_is() -> None:
    assert dumps({"键": "值\u2028"}).decode() == '{"键":"值\u2028"}'


def test_long_integers_are_written_wherever_they_stand() -> None:
    value = {"a": [2**70, {"b": (-(2**70), True)}], "c": Decimal("1.5")}
    assert dumps(value).decode() == f'{{"a":[{2**70},{{"b":[{-(2**70)},true]}}],"c":1.5}}'


@pytest.mark.parametrize("value", [{1, 2}, object(), "\ud800", [2**70, {3}]])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        dumps(value)


def test_a_field_of_the_orm_gives_floats_that_become_exact() -> None:
    assert exact({"a": [0.1, 1, "x", None, 1e-7]}) == {"a": [Decimal("0.1"), 1, "x", None, Decimal("1E-7")]}
