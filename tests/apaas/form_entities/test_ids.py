"""GET|PUT form_entities/ids: the ids of all matching records, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address

Record = Callable[..., int]
BELOW_ONE = {"name": "amount", "op": "lt", "value": 1}


@pytest.fixture
def ids(record: Record) -> list[int]:
    return [record(title=f"pump {n}", amount=n) for n in range(20)]


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_it_gives_all_ids_in_sort_order(api: Api, form: CustomForm, ids: list[int], method: str, slash: str) -> None:
    path = f"form_entities/ids{slash}?custom_form_id={form.pk}"
    assert api.ok(method, path) == {"ids": ids[::-1]}
    assert api.ok(method, path, {"sort": [{"amount": "asc"}]}) == {"ids": ids}
    assert api.ok(method, path + "&sort[][amount]=asc") == {"ids": ids}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"search_column_name": "title", "query": "PUMP 1"}, [1, *range(10, 20)]),
        ({"filters": [{"name": "amount", "op": "within", "value": [3, 4]}]}, [3, 4]),
        ({"filters": [{"or": [BELOW_ONE, {"name": "title", "op": "like", "value": "7"}]}]}, [0, 7, 17]),
        ({"scope": "mine", "filters": [{"name": "amount", "op": "gte", "value": 18}]}, [18, 19]),
        ({"filters": [{"name": "user", "op": "in", "value": {"user_ids": [2]}}]}, []),
    ],
)  # fmt: skip
def test_it_takes_what_restricts_the_list(
    api: Api, form: CustomForm, ids: list[int], terms: dict[str, Any], expected: list[int]
) -> None:
    data = api.ok("PUT", address(form, "ids"), {**terms, "sort": [{"id": "asc"}]})
    assert data == {"ids": [ids[n] for n in expected]}


@pytest.mark.parametrize("name", ["page", "per_page", "only_field_names", "ids"])
def test_it_takes_neither_paging_nor_a_projection(api: Api, form: CustomForm, name: str) -> None:
    assert api.faults("PUT", address(form, "ids"), {name: 1}) == [(name, "unknown_parameter", None)]


def test_over_its_limit_it_answers_too_large_and_never_cuts(
    api: Api, form: CustomForm, ids: list[int], settings: Settings
) -> None:
    settings.MAX_IDS = 20
    assert len(api.ok("GET", address(form, "ids"))["ids"]) == 20
    settings.MAX_IDS = 19
    answer = api.refused("GET", address(form, "ids"), status=413)
    assert [(fault["code"], fault["allowed"]) for fault in answer["errors"]] == [("too_many_ids", 19)]


def test_charlie_and_a_limited_token_get_not_found(
    stranger: Api, limited: Api, form: CustomForm, other_form: CustomForm
) -> None:
    stranger.refused("GET", address(form, "ids"), status=404)
    limited.refused("GET", address(other_form, "ids"), status=404)
    assert limited.ok("GET", address(form, "ids")) == {"ids": []}


def test_a_read_only_token_may_ask(reader: Api, form: CustomForm, ids: list[int]) -> None:
    assert len(reader.ok("PUT", address(form, "ids"))["ids"]) == 20


def test_the_form_is_required_and_faults_come_together(api: Api, form: CustomForm) -> None:
    assert api.faults("GET", "form_entities/ids") == [("custom_form_id", "required", None)]
    body = {"sort": [{"nope": "asc"}], "filters": [{"name": "nope", "op": "eq", "value": 1}], "x": 1}
    assert {code for _field, code, _index in api.faults("PUT", address(form, "ids"), body)} == {
        "unknown_field",
        "unknown_parameter",
    }
    assert len(api.faults("PUT", address(form, "ids"), body)) == 3
