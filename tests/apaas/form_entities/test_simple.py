"""GET form_entities/simple: id and label of records, to pick one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address
from tests.factories import make_form

Record = Callable[..., int]


def test_it_gives_value_label_id_and_the_primary_field(api: Api, form: CustomForm, record: Record) -> None:
    first, second = record(title="泵 100%"), record(amount=1)
    data = api.ok("GET", address(form, "simple"))
    assert data.pop("models") == [
        {"value": second, "label": None, "id": second, "title": None},
        {"value": first, "label": "泵 100%", "id": first, "title": "泵 100%"},
    ]
    assert data == {"next_page": None, "prev_page": None, "current_page": 1, "per_page": 15, "page": 1}
    assert list(api.ok("GET", address(form, "simple"))["models"][0]) == ["value", "label", "id", "title"]


@pytest.mark.parametrize(("query", "hits"), [("PUMP", 3), ("泵", 1), ("%", 1), ("_", 0), ("p 2", 1), ("nope", 0)])
def test_query_is_a_part_of_the_primary_field(
    api: Api, form: CustomForm, record: Record, query: str, hits: int
) -> None:
    for title in ("Pump 1", "pump 2 100%", "pUMP 泵"):
        record(title=title)
    assert len(api.ok("GET", address(form, "simple", query=query))["models"]) == hits
    assert len(api.ok("GET", address(form, "simple"), {"query": query})["models"]) == hits


def test_it_pages_without_totals(api: Api, form: CustomForm, record: Record) -> None:
    ids = [record(title=str(n)) for n in range(5)]
    data = api.ok("GET", address(form, "simple", page=2, per_page=2, without_count="true"))
    assert [model["id"] for model in data["models"]] == [ids[2], ids[1]]
    assert (data["next_page"], data["prev_page"], data["current_page"], data["per_page"]) == (3, 1, 2, 2)
    assert "total_count" not in data
    last = api.ok("GET", address(form, "simple", page=9, per_page=2))
    assert (last["models"], last["next_page"], last["prev_page"]) == ([], None, 8)


def test_a_form_without_primary_field_gives_ids_alone(api: Api, custom_app: object) -> None:
    form = make_form(custom_app, {"amount": "float_field"})  # type: ignore[arg-type]
    record_id = api.ok("POST", address(form), {"form_entity": {"amount": 1}})["id"]
    assert api.ok("GET", address(form, "simple"))["models"] == [{"value": record_id, "label": None, "id": record_id}]
    assert api.faults("GET", address(form, "simple", query="x")) == [("query", "not_searchable", None)]


@pytest.mark.parametrize("name", ["filters", "sort", "scope", "search_column_name", "only_field_names", "form_entity"])
def test_it_takes_nothing_else(api: Api, form: CustomForm, name: str) -> None:
    assert api.faults("GET", address(form, "simple", **{name: "x"})) == [(name, "unknown_parameter", None)]


def test_faults_come_together(api: Api, form: CustomForm) -> None:
    faults = api.faults("GET", address(form, "simple"), {"query": "x" * 201, "page": 0, "per_page": "１"})
    assert sorted(faults) == [
        ("page", "wrong_integer", None),
        ("per_page", "wrong_integer", None),
        ("query", "wrong_operand", None),
    ]
    assert api.faults("GET", address(form, "simple"), {"query": 5}) == [("query", "wrong_text", None)]


def test_charlie_and_a_limited_token_get_not_found(
    stranger: Api, limited: Api, reader: Api, form: CustomForm, other_form: CustomForm
) -> None:
    stranger.refused("GET", address(form, "simple"), status=404)
    limited.refused("GET", address(other_form, "simple"), status=404)
    assert reader.ok("GET", address(form, "simple"))["models"] == []
    assert limited.ok("GET", address(form, "simple/"))["models"] == []


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_only_get_is_documented(api: Api, form: CustomForm, method: str) -> None:
    response = api.call(method, address(form, "simple"))
    assert response.status_code == 405
    assert "GET" in response["Allow"]
