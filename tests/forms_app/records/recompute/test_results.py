"""Stored formulas follow their own record, with results of every kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.models import Member
from tests.factories import add_field, make_entity, make_form
from tests.forms_app.records.recompute.truth import OPTIONS, TOKENS, holds_true, update
from tests.forms_app.worlds import shown_of, stored_of


def test_a_formula_follows_its_own_record(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"a": "float_field", "b": "float_field", "free": "text_field"})
    add_field(form, "sum", ("formula_field", {"formula": "{a} + {b}"}))
    add_field(form, "twice", ("formula_field", {"formula": "{sum} * 2"}))
    record_id = make_entity(form, alice, a=1, b=Decimal("0.5"))
    assert stored_of(form, record_id)["twice"] == 3
    update(form, alice, record_id, b=Decimal("0.1"))
    assert (stored_of(form, record_id)["sum"], stored_of(form, record_id)["twice"]) == (Decimal("1.1"), Decimal("2.2"))
    before = stored_of(form, record_id)
    update(form, alice, record_id, free="x")
    assert stored_of(form, record_id) == {**before, "free": "x"}
    update(form, alice, record_id, a=None, b=None)
    assert holds_true(form)


def test_a_formula_that_fails_is_empty_and_comes_back(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"a": "float_field", "b": "float_field"})
    add_field(form, "ratio", ("formula_field", {"formula": "{a} / {b}", "decimal_places": 2}))
    record_id = make_entity(form, alice, a=1, b=0)
    assert "ratio" not in stored_of(form, record_id)
    update(form, alice, record_id, b=3)
    assert stored_of(form, record_id)["ratio"] == Decimal("0.33")
    update(form, alice, record_id, b=0)
    assert "ratio" not in stored_of(form, record_id)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0.125", "0.13"),
        ("-0.125", "-0.13"),
        ("123456789012345678901234567890.125", "123456789012345678901234567890.13"),
        ("12345678901234567890123456789012345.675", "12345678901234567890123456789012345.68"),
        ("1e300", "1e300"),
    ],
)
def test_results_are_rounded_half_up_however_long(custom_app: Any, alice: Member, number: str, expected: str) -> None:
    form = make_form(custom_app, {"a": "float_field"})
    add_field(form, "f", ("formula_field", {"formula": "{a} + 0", "decimal_places": 2}))
    assert stored_of(form, make_entity(form, alice, a=Decimal(number)))["f"] == Decimal(expected)


def test_results_of_every_kind_are_stored_and_shown(custom_app: Any, alice: Member) -> None:
    form = make_form(
        custom_app,
        {
            "n": "float_field",
            "t": "text_field",
            "d": "date_field",
            "m": "datetime_field",
            "b": "boolean_field",
            "r": "datetime_range_field",
            "s": ("select_field", {}, OPTIONS),
            "l": ("multi_select", {}, OPTIONS),
            "c": ("nested_select", {}, OPTIONS),
            "u": "user_field",
            "o": "department_field",
            "a": "address_select",
            "x": "file_field",
        },
    )
    sent = {
        "n": Decimal("1.5"),
        "t": "文",
        "d": "2023-08-20",
        "m": "2023-08-20 01:00:00",
        "b": True,
        "r": ["2023-08-20", "2023-08-21"],
        "s": TOKENS[0],
        "l": list(TOKENS),
        "c": {"level_0": TOKENS[1]},
        "u": [{"uid": 2}, {"uid": 1}],
        "o": [{"did": 3}],
        "a": {"country_id": "4", "detail_address": "路"},
        "x": [{"name": "合同.pdf", "file_url": "https://example.com/a"}],
    }
    expected = {
        "n": Decimal("1.5"),
        "t": "文",
        "d": "2023-08-20",
        "m": "2023-08-20T01:00:00.000+08:00",
        "b": True,
        "r": ["2023-08-20T00:00:00.000+08:00", "2023-08-21T00:00:00.000+08:00"],
        "s": "红",
        "l": ["红", "绿"],
        "c": ["绿"],
        "u": [2, 1],
        "o": [3],
        "a": "路",
        "x": ["合同.pdf"],
    }
    for name in sent:
        add_field(form, f"f_{name}", ("formula_field", {"formula": f"{{{name}}}"}))
        add_field(form, f"g_{name}", ("formula_field", {"formula": f"{{f_{name}}}"}))
    record_id = make_entity(form, alice, **sent)
    shown = shown_of(form, record_id, alice)
    assert {name: shown[f"f_{name}"] for name in sent} == expected
    assert {name: shown[f"g_{name}"] for name in sent} == expected
    empty = shown_of(form, make_entity(form, alice), alice)
    assert {empty[f"g_{name}"] for name in sent} == {None}


def test_a_text_longer_than_any_field_s_is_empty(custom_app: Any, alice: Member, settings: Any) -> None:
    form = make_form(custom_app, {"t": "text_area"})
    add_field(form, "f", ("formula_field", {"formula": "{t} & {t}"}))
    settings.MAX_TEXT_AREA_LENGTH = 10
    assert stored_of(form, make_entity(form, alice, t="x" * 5))["f"] == "x" * 10
    assert "f" not in stored_of(form, make_entity(form, alice, t="x" * 6))
