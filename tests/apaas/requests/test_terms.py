"""Filters, search, sort, scope, projection: what is refused, with code, index and field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from forms_app.models import CustomForm, FormTab
from tests.apaas.conftest import Api, address
from tests.factories import add_field

Record = Callable[..., int]
Fault = tuple[str, str, int | None]
AMOUNT = {"name": "amount", "op": "eq", "value": 1}

WRONG_FILTERS: list[tuple[Any, list[Fault]]] = [
    ("x", [("filters", "wrong_list", None)]),
    ({"name": "amount"}, [("filters.op", "required", 0)]),
    ({"0": AMOUNT}, [("filters.0", "unknown_key", 0), ("filters.name", "required", 0), ("filters.op", "required", 0)]),
    (5, [("filters", "wrong_list", None)]),
    ([5], [("filters", "wrong_object", 0)]),
    ([AMOUNT, "x"], [("filters", "wrong_object", 1)]),
    ([None], [("filters", "wrong_object", 0)]),
    ([{}], [("filters.name", "required", 0), ("filters.op", "required", 0)]),
    ([{"name": 5, "op": ["in"]}], [("filters.name", "required", 0), ("filters.op", "required", 0)]),
    ([{**AMOUNT, "x": 1, "y": 2}], [("filters.x", "unknown_key", 0), ("filters.y", "unknown_key", 0)]),
    ([{"name": "nope", "op": "eq", "value": 1}], [("nope", "unknown_field", 0)]),
    ([{"name": "custom_form_id", "op": "eq", "value": 1}], [("custom_form_id", "unknown_field", 0)]),
    ([{"name": "Amount", "op": "eq", "value": 1}], [("Amount", "unknown_field", 0)]),
    ([{"name": "amount", "op": "in", "value": [1]}], [("amount", "unknown_operator", 0)]),
    ([{"name": "amount", "op": "EQ", "value": 1}], [("amount", "unknown_operator", 0)]),
    ([{"name": "place", "op": "eq", "value": {}}], [("place", "unknown_operator", 0)]),
    ([{"name": "now", "op": "eq", "value": 1}], [("now", "unknown_operator", 0)]),
    ([{"name": "amount", "op": "eq"}], [("amount", "required", 0)]),
    ([{"name": "amount", "op": "within", "value": []}], [("amount", "required", 0)]),
    ([{"name": "user", "op": "in", "value": {}}], [("user", "required", 0)]),
    ([{"name": "amount", "op": "eq", "value": "1"}], [("amount", "wrong_type", 0)]),
    ([{"name": "amount", "op": "eq", "value": True}], [("amount", "wrong_type", 0)]),
    ([{"name": "amount", "op": "eq", "value": [1]}], [("amount", "wrong_type", 0)]),
    ([{"name": "amount", "op": "within", "value": 1}], [("amount", "wrong_range", 0)]),
    ([{"name": "amount", "op": "within", "value": [1]}], [("amount", "wrong_range", 0)]),
    ([{"name": "amount", "op": "within", "value": [1, 2, 3]}], [("amount", "wrong_range", 0)]),
    ([{"name": "amount", "op": "within", "value": [2, 1]}], [("amount", "wrong_range", 0)]),
    ([{"name": "amount", "op": "within", "value": [None, None]}], [("amount", "wrong_range", 0)]),
    ([{"name": "amount", "op": "within", "value": ["a", "b"]}], [("amount", "wrong_type", 0)] * 2),
    ([{"name": "amount", "op": "empty", "value": "yes"}], [("amount", "wrong_operand", 0)]),
    ([{"name": "id", "op": "in", "value": 5}], [("id", "wrong_operand", 0)]),
    ([{"name": "id", "op": "in", "value": [1, "x", 0]}], [("id", "wrong_id", 0)] * 2),
    ([{"name": "user", "op": "in", "value": [1]}], [("user", "wrong_operand", 0)]),
    ([{"name": "user", "op": "in", "value": {"ids": [1]}}], [("user", "unknown_key", 0)]),
    ([{"name": "user", "op": "in", "value": {"user_ids": 1}}], [("user", "wrong_operand", 0)]),
    ([{"name": "created_at", "op": "within", "value": ["2023-13-01", None]}], [("created_at", "invalid_time", 0)]),
    ([{"name": "created_at", "op": "within", "value": "2023-01-01"}], [("created_at", "wrong_range", 0)]),
    ([{"name": "due", "op": "within", "value": ["2023-02-01", "2023-01-01"]}], [("due", "wrong_range", 0)]),
    ([{"name": "due", "op": "gt", "value": 5}], [("due", "wrong_type", 0)]),
    ([{"name": "kind", "op": "in", "value": ["官网"]}], [("kind", "malformed_token", 0)]),
    ([{"name": "kind", "op": "in", "value": "H6Qq/ojoIFNyICUXzx3UOw=="}], [("kind", "wrong_operand", 0)]),
    ([{"name": "title", "op": "like", "value": 5}], [("title", "wrong_operand", 0)]),
    ([{"name": "title", "op": "like", "value": "x" * 201}], [("title", "wrong_operand", 0)]),
    ([{"or": []}], [("filters.or", "wrong_list", 0)]),
    ([{"or": "x"}], [("filters.or", "wrong_list", 0)]),
    ([{"or": AMOUNT}], [("filters.or", "wrong_list", 0)]),
    ([{"or": [AMOUNT], "name": "amount"}], [("filters.name", "unknown_key", 0)]),
    ([{"or": [{"name": "x", "op": "eq", "value": 1}, AMOUNT, {}]}],
     [("x", "unknown_field", 0), ("filters.name", "required", 0), ("filters.op", "required", 0)]),
    ([{"or": [{"or": [{"name": "x", "op": "eq", "value": 1}]}]}], [("x", "unknown_field", 0)]),
    ([{"and": [AMOUNT]}], [("filters.and", "unknown_key", 0), ("filters.name", "required", 0),
                           ("filters.op", "required", 0)]),
]  # fmt: skip
WRONG_SORTS: list[tuple[Any, list[Fault]]] = [
    ("amount", [("sort", "wrong_list", None)]),
    ({"amount": "asc", "id": "asc"}, [("sort", "wrong_object", 0)]),
    ({"nope": "asc"}, [("nope", "unknown_field", 0)]),
    (["amount"], [("sort", "wrong_object", 0)]),
    ([{}], [("sort", "wrong_object", 0)]),
    ([{"amount": "asc", "id": "asc"}], [("sort", "wrong_object", 0)]),
    ([{"id": "asc"}, {"nope": "asc"}], [("nope", "unknown_field", 1)]),
    ([{"amount": "ASC"}], [("amount", "unknown_direction", 0)]),
    ([{"amount": None}], [("amount", "unknown_direction", 0)]),
    ([{"amount": ["asc"]}], [("amount", "unknown_direction", 0)]),
    ([{"amount": {"asc": 1}}], [("amount", "unknown_direction", 0)]),
    ([{"amount": "asc"}, {"amount": "desc"}], [("amount", "repeated", 1)]),
    ([{"place": "asc"}], [("place", "not_sortable", 0)]),
    ([{"now": "asc"}], [("now", "not_sortable", 0)]),
    ([{"primary_field_value": "asc"}], [("primary_field_value", "unknown_field", 0)]),
]
WRONG_SEARCHES: list[tuple[dict[str, Any], list[Fault]]] = [
    ({"query": "x"}, [("search_column_name", "required", None)]),
    ({"query": "x", "search_column_name": "nope"}, [("search_column_name", "unknown_field", None)]),
    ({"query": "x", "search_column_name": "amount"}, [("search_column_name", "not_searchable", None)]),
    ({"query": "x", "search_column_name": "user"}, [("search_column_name", "not_searchable", None)]),
    ({"search_column_name": "nope"}, [("search_column_name", "unknown_field", None)]),
    ({"search_column_name": "title", "query": "x" * 201}, [("query", "wrong_operand", None)]),
    ({"search_column_name": 5, "query": True},
     [("search_column_name", "wrong_text", None), ("query", "wrong_text", None)]),
    ({"search_column_name": ["title"], "query": "x"}, [("search_column_name", "wrong_text", None)]),
    ({"scope": "nope"}, [("scope", "unknown_scope", None)]),
    ({"scope": "ALL"}, [("scope", "unknown_scope", None)]),
    ({"scope": ["all"]}, [("scope", "wrong_text", None)]),
    ({"only_field_names": "id"}, [("only_field_names", "wrong_list", None)]),
    ({"only_field_names": {"id": 1}}, [("only_field_names", "wrong_list", None)]),
    ({"only_field_names": ["id", None, "id", "nope", 5]},
     [("only_field_names", "wrong_text", 1), ("only_field_names", "repeated", 2), ("nope", "unknown_field", 3),
      ("only_field_names", "wrong_text", 4)]),
    ({"only_field_names": ["amount_display"]}, [("amount_display", "unknown_field", 0)]),
]  # fmt: skip


@pytest.fixture
def rich(form: CustomForm) -> CustomForm:
    add_field(form, "place", "geo_address")
    add_field(form, "now", ("formula_field", {"formula": "NOW()"}))
    add_field(form, "kind", ("select_field", {}, ()))
    return form


def test_every_wrong_filter_is_refused_by_field_code_and_index(api: Api, rich: CustomForm) -> None:
    for path in (address(rich), address(rich, "ids")):
        for filters, expected in WRONG_FILTERS:
            assert api.faults("PUT", path, {"filters": filters}) == expected, filters


def test_every_wrong_sort_search_scope_and_projection_is_refused(api: Api, rich: CustomForm) -> None:
    for sort, expected in WRONG_SORTS:
        assert api.faults("PUT", address(rich), {"sort": sort}) == expected, sort
    for body, expected in WRONG_SEARCHES:
        assert sorted(api.faults("PUT", address(rich), body), key=str) == sorted(expected, key=str), body


def test_a_fault_says_what_would_be_right(api: Api, rich: CustomForm) -> None:
    for body, allowed in (
        ({"filters": [{"name": "nope", "op": "eq", "value": 1}]}, {"title", "amount", "id", "user", "created_at"}),
        ({"filters": [{"name": "amount", "op": "x", "value": 1}]}, {"within", "eq", "ne", "empty", "not_empty"}),
        ({"sort": [{"nope": "asc"}]}, {"title", "amount", "due", "id", "updated_at"}),
        ({"sort": [{"amount": "up"}]}, {"asc", "desc"}),
        ({"query": "x"}, {"title"}),
        ({"scope": "x"}, {"all", "mine", "department"}),
        ({"only_field_names": ["x"]}, {"id", "title", "user", "kind_display"}),
    ):
        (fault,) = api.refused("PUT", address(rich), body)["errors"]
        assert allowed <= set(fault["allowed"]), body
        assert fault["message"]


def test_a_fault_of_a_field_carries_its_label(api: Api, rich: CustomForm) -> None:
    body = {"filters": [{"name": "amount", "op": "eq", "value": "x"}, {"name": "user", "op": "in", "value": 1}]}
    labels = [fault["label"] for fault in api.refused("PUT", address(rich), body)["errors"]]
    assert labels[0] == "label of amount"
    assert labels[1]


def test_lists_over_their_limits_are_too_large(api: Api, rich: CustomForm, settings: Settings) -> None:
    settings.MAX_ONLY_FIELD_NAMES = 3
    for body, field in (
        ({"filters": [AMOUNT] * 101}, "filters"),
        ({"filters": [{"or": [AMOUNT] * 100}]}, "filters"),
        ({"filters": [{"or": [{"or": [AMOUNT] * 60}]}, {"or": [AMOUNT] * 60}]}, "filters"),
        ({"filters": [{"name": "id", "op": "in", "value": [1] * 1001}]}, "id"),
        ({"filters": [{"name": "user", "op": "in", "value": {"user_ids": [1] * 1001}}]}, "user"),
        ({"sort": [{"id": "asc"}] * 11}, "sort"),
        ({"only_field_names": ["id", "user", "title", "amount"]}, "only_field_names"),
    ):
        answer = api.refused("PUT", address(rich), body, status=413)
        assert {(f["field"], f["code"]) for f in answer["errors"]} == {(field, "too_many_items")}, field
        assert api.refused("PUT", address(rich), {**body, "x": 1}, status=400)["errors"]
    api.ok("PUT", address(rich), {"filters": [AMOUNT] * 100})
    api.ok("PUT", address(rich), {"filters": [{"or": [AMOUNT] * 99}]})
    api.ok("PUT", address(rich), {"filters": [{"name": "id", "op": "in", "value": [1] * 1000}]})
    api.ok("PUT", address(rich), {"query": "x" * 200, "search_column_name": "title"})


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([{"or": [{"name": "amount", "op": "eq", "value": 1}, {"name": "amount", "op": "gte", "value": 3}]}], [1, 3]),
        ([{"or": [{"or": [{"name": "amount", "op": "eq", "value": 0}]}, {"name": "title", "op": "empty"}]}], [0, 3]),
        ([{"or": [{"name": "amount", "op": "lt", "value": 2}]}, {"name": "title", "op": "like", "value": "1"}], [1]),
        ([{"name": "title", "op": "not_empty"}, {"name": "amount", "op": "ne", "value": 1}], [0, 2]),
        ([{"name": "title", "op": "empty", "value": False}], [0, 1, 2]),
        ([{"name": "amount", "op": "within", "value": [None, 1]}], [0, 1]),
        ([{"name": "due", "op": "empty"}], [0, 1, 2, 3]),
    ],
)
def test_filters_are_joined_by_and_their_groups_by_or(
    api: Api, form: CustomForm, record: Record, filters: Any, expected: list[int]
) -> None:
    ids = [record(title=f"t{n}" if n < 3 else None, amount=n) for n in range(4)]
    data = api.ok("PUT", address(form, "ids"), {"filters": filters, "sort": [{"id": "asc"}]})
    assert data["ids"] == [ids[n] for n in expected]


def test_a_tab_that_no_longer_fits_its_form_is_refused_and_not_ignored(api: Api, form: CustomForm) -> None:
    gone = [{"name": "gone", "op": "eq", "value": 1}]
    FormTab.objects.create(custom_form=form, name="old", label="旧", filters=gone, sort=[{"gone": "asc"}])
    faults = api.faults("GET", address(form, scope="old"))
    assert faults == [("gone", "unknown_field", 0), ("gone", "unknown_field", 0)]


def test_a_disabled_field_is_refused_as_disabled(api: Api, form: CustomForm) -> None:
    field = form.custom_fields.get(name="amount")
    field.status = "disable"
    field.save()
    body = {"filters": [AMOUNT], "sort": [{"amount": "asc"}], "only_field_names": ["amount"]}
    assert api.faults("PUT", address(form), body) == [("amount", "disabled_field", 0)] * 3
