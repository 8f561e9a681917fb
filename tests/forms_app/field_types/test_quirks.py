"""What single types promise beyond what all do: values that come as text, limits, results of formulas."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.exact_json import dumps
from forms_app.exceptions import Refused
from forms_app.field_types import Option, Text, registry
from forms_app.models import Member
from forms_app.records.query import Filter, Search, Sort, Terms
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.field_types.every_type import column_alone
from tests.forms_app.worlds import query_of, stored_of

A, B = "H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A=="


def codes(refused: Any) -> list[str]:
    return [fault.code for fault in refused.value.faults]


# --- Values that came as text ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field_type", "text", "stored"),
    [
        ("integer_field", "12", 12),
        ("integer_field", "-0", 0),
        ("float_field", "1.50", Decimal("1.50")),
        ("float_field", ".5", Decimal("0.5")),
        ("float_field", "1e2", Decimal("100")),
        ("currency_field", "+3.", Decimal(3)),
        ("boolean_field", "TRUE", True),
        ("boolean_field", "false", False),
        ("text_field", "12", "12"),
        ("datetime_field", "2023-08-20 00:01", "2023-08-19T16:01:00.000Z"),
        ("select_field", A, A),
    ],
)
def test_a_text_without_a_type_is_read_as_the_field_s(field_type: str, text: str, stored: Any) -> None:
    found = column_alone(registry.get(field_type)).clean(Text(text))
    assert found == stored
    assert type(found) is not Text
    dumps(found)


@pytest.mark.parametrize(
    ("field_type", "text"),
    [
        ("integer_field", "１２"),
        ("integer_field", "1_000"),
        ("integer_field", " 1"),
        ("integer_field", "0x10"),
        ("integer_field", "NaN"),
        ("integer_field", "Infinity"),
        ("integer_field", "1" * 500),
        ("boolean_field", "yes"),
        ("boolean_field", "1"),
        ("user_field", "1"),
        ("geo_address", "1,2"),
    ],
)
def test_a_text_that_spells_no_value_of_the_field_is_refused(field_type: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        column_alone(registry.get(field_type)).clean(Text(text))
    assert codes(refused) == ["wrong_type"]


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("sNaN")])
def test_what_is_no_number_is_refused(number: Decimal) -> None:
    with pytest.raises(Refused) as refused:
        column_alone(registry.get("float_field")).clean(number)
    assert codes(refused) == ["wrong_type"]


@pytest.mark.parametrize("number", ["1e309", "1e-309", "0e400", "0e-400", "1" * 39, "1." + "0" * 37 + "01"])
def test_a_number_has_an_end(number: str) -> None:
    with pytest.raises(Refused) as refused:
        column_alone(registry.get("float_field")).clean(Decimal(number))
    assert codes(refused) == ["too_many_digits"]


@pytest.mark.parametrize("number", ["1e308", "1e-308", "1" * 38, "1" + "0" * 300, "0.00"])
def test_a_number_within_the_limits_is_taken(number: str) -> None:
    assert column_alone(registry.get("float_field")).clean(Decimal(number)) == Decimal(number)
    assert column_alone(registry.get("float_field")).clean(int(Decimal("1e300"))) == Decimal("1e300")


# --- Operands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field_type", "op", "raw", "code"),
    [
        ("integer_field", "within", [2, 1], "wrong_range"),
        ("integer_field", "within", [None, None], "wrong_range"),
        ("integer_field", "within", ["", None], "wrong_range"),
        ("integer_field", "within", [1], "wrong_range"),
        ("integer_field", "within", 1, "wrong_range"),
        ("integer_field", "within", "12", "wrong_range"),
        ("datetime_field", "within", ["2023-08-21", "2023-08-20"], "wrong_range"),
        ("datetime_range_field", "within", [None, None], "wrong_range"),
        ("select_field", "in", A, "wrong_operand"),
        ("select_field", "in", [], "wrong_operand"),
        ("select_field", "in", [A] * 1001, "too_many_items"),
        ("select_field", "in", ["官网"], "malformed_token"),
        ("select_field", "eq", 1, "wrong_type"),
        ("nested_select", "eq", {"level_1": A}, "missing_level"),
        ("nested_select", "eq", {}, "empty_shape"),
        ("address_select", "eq", {}, "wrong_operand"),
        ("address_select", "eq", {"country_id": ""}, "wrong_operand"),
        ("address_select", "eq", {"detail_address": "x"}, "unknown_key"),
        ("user_field", "in", {}, "wrong_operand"),
        ("user_field", "in", {"user_ids": []}, "wrong_operand"),
        ("user_field", "in", [1], "wrong_operand"),
        ("user_field", "in", {"uids": [1]}, "unknown_key"),
        ("user_field", "in", {"user_ids": [0]}, "wrong_id"),
        ("user_field", "eq", 2**63, "wrong_id"),
        ("department_field", "in", {"user_ids": [1]}, "unknown_key"),
        ("relation_field", "in", ["１"], "wrong_id"),
        ("text_field", "like", "", "wrong_operand"),
        ("text_field", "like", "x" * 201, "wrong_operand"),
        ("text_field", "like", "\ud800", "invalid_text"),
        ("text_field", "like", 1, "wrong_operand"),
        ("boolean_field", "eq", 1, "wrong_type"),
    ],
    ids=str,
)
def test_an_operand_that_makes_no_sense_is_refused(field_type: str, op: str, raw: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        column_alone(registry.get(field_type)).operand(op, raw)
    assert codes(refused) == [code]


def test_each_faulty_end_and_item_is_told_with_its_place() -> None:
    with pytest.raises(Refused) as refused:
        column_alone(registry.get("integer_field")).operand("within", ["x", True])
    assert [(fault.code, fault.index) for fault in refused.value.faults] == [("wrong_type", 0), ("wrong_type", 1)]
    with pytest.raises(Refused) as refused:
        column_alone(registry.get("select_field")).operand("in", [A, "x", 1])
    assert [fault.index for fault in refused.value.faults] == [1, 2]


@pytest.mark.parametrize(
    ("raw", "low", "high"),
    [
        ("2023-08-20", "2023-08-19T16:00:00.000Z", "2023-08-20T15:59:59.999Z"),
        ("2023-08-20 12:00:00", "2023-08-20T04:00:00.000Z", "2023-08-20T04:00:00.999Z"),
        ("2023-08-20 12:00:00.5", "2023-08-20T04:00:00.500Z", "2023-08-20T04:00:00.500Z"),
        ("2023-08-20T12:00:00,25Z", "2023-08-20T12:00:00.250Z", "2023-08-20T12:00:00.250Z"),
        ("2023-08-20T12:00:00 +0530", "2023-08-20T06:30:00.000Z", "2023-08-20T06:30:00.999Z"),
        ("2023-08-20T12:00-05", "2023-08-20T17:00:00.000Z", "2023-08-20T17:00:00.999Z"),
    ],
)
def test_an_upper_bound_means_all_of_what_it_names(raw: str, low: str, high: str) -> None:
    column = column_alone(registry.get("datetime_field"))
    assert column.operand("within", [raw, raw]) == column.operand("eq", raw) == (low, high)
    assert column.operand("gt", raw) == (high, None)
    assert column.operand("gte", raw) == (low, None)
    assert column.operand("lt", raw) == (None, low)
    assert column.operand("lte", raw) == (None, high)


@pytest.mark.parametrize(
    "raw", ["0001-01-01", "9999-12-31T23:59:59-08:00", "2023-01-01T00:00+24:00", "2023-13-01", "20230101"]
)
def test_a_time_that_is_none_is_refused(raw: str) -> None:
    with pytest.raises(Refused) as refused:
        column_alone(registry.get("datetime_field")).clean(raw)
    assert codes(refused) == ["invalid_time"]


def test_early_years_keep_their_width() -> None:
    assert column_alone(registry.get("datetime_field")).clean("0099-01-02T00:00Z") == "0099-01-02T00:00:00.000Z"


# --- Formulas' results -------------------------------------------------------------------------------------


def test_a_text_result_is_searched_and_sorted_as_text(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"t": "text_field"})
    add_field(form, "f", ("formula_field", {"formula": "{t} & '!'"}))
    ids = [make_entity(form, alice, t=text) for text in ("b", "a", "中", "B")]
    column = schema_of(form).columns["f"]
    assert column.type.is_searchable(column)
    assert query_of(form, Terms(search=Search(column, "B!"))).ids() == [ids[3], ids[0]]
    expected = sorted(ids, key=lambda i: column.type.sort_value(column, stored_of(form, i)["f"]))
    assert query_of(form, Terms(sorts=(Sort(column),))).ids() == expected == [ids[3], ids[1], ids[0], ids[2]]


@pytest.mark.parametrize(
    ("formula", "op", "raw", "expected"),
    [
        ("{n} * 2", "gt", 3, [1]),
        ("{n} > 1", "eq", True, [1]),
        ("{d}", "within", ["2023-08-21", None], [1]),
        ("{m}", "lt", "2023-08-21", [0]),
        ("{d}", "ne", "2023-08-20", [1]),
    ],
)
def test_a_result_is_compared_as_its_own_type(
    custom_app: Any, alice: Member, formula: str, op: str, raw: Any, expected: list[int]
) -> None:
    form = make_form(custom_app, {"n": "integer_field", "d": "date_field", "m": "datetime_field"})
    add_field(form, "f", ("formula_field", {"formula": formula}))
    ids = [make_entity(form, alice, n=n, d=f"2023-08-2{n - 1}", m=f"2023-08-2{n - 1} 10:00") for n in (1, 2)]
    column = schema_of(form).columns["f"]
    found = query_of(form, Terms((Filter(column, op, column.operand(op, raw)),))).ids()
    assert found == [ids[place] for place in expected]
    assert column.type.column_indexes(column)


def test_a_list_is_shown_but_neither_compared_nor_sorted(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"m": ("multi_select", {}, (Option(A, "红"), Option(B, "绿"))), "l": "text_field"})
    add_field(form, "f", ("formula_field", {"formula": "{m}"}))
    make_entity(form, alice, m=[A])
    column = schema_of(form).columns["f"]
    assert set(column.lookups) == {"empty", "not_empty"}
    assert column.type.sort_expression(column) is None
    assert not column.type.column_indexes(column)
    assert query_of(form, Terms((Filter(column, "empty", False),))).count() == 1


def test_a_formula_reads_a_relation_as_its_id(custom_app: Any, alice: Member) -> None:
    other = make_form(custom_app, {"t": "text_field"})
    form = make_form(custom_app, {"r": ("relation_field", {"form": other.pk})})
    add_field(form, "f", ("formula_field", {"formula": "{r} + 0"}))
    related = make_entity(other, alice)
    assert stored_of(form, make_entity(form, alice, r={"value": related}))["f"] == related


def test_a_default_of_several_choices_must_be_options(custom_app: Any) -> None:
    form = make_form(custom_app)
    with pytest.raises(Refused) as refused:
        add_field(form, "m", ("multi_select", {"default": [A, B]}, (Option(A, "红"),)))
    assert [fault.field for fault in refused.value.faults] == ["default"]
