"""PUT|POST form_entities/mass_update: many records, each changed by its own values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, FormEntity
from tests.apaas.conftest import Api, address
from tests.factories import make_form

Record = Callable[..., int]


def stored(form: CustomForm) -> dict[int, tuple[int, dict[str, Any]]]:
    return {
        record_id: (version, data)
        for record_id, version, data in FormEntity.objects.filter(custom_form=form).values_list("id", "version", "data")
    }


@pytest.fixture
def path(form: CustomForm) -> str:
    return address(form, "mass_update")


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_each_record_changes_by_its_own_values(
    api: Api, form: CustomForm, record: Record, path: str, method: str
) -> None:
    one, two, same = record(title="a", amount=1), record(title="b", due="2023-08-20"), record(title="c", amount=3)
    sent = [
        {"id": two, "form_entity": {"due": None, "amount": 2}},
        {"id": same, "form_entity": {"amount": 3}},
        {"id": one, "form_entity": {"title": "x"}},
    ]
    answer = api.ok(method, path, {"form_entities": sent})
    assert [answer[name] for name in ("created", "updated", "unchanged", "refused")] == [0, 2, 1, 0]
    assert answer["results"] == [
        {"index": 0, "status": "updated", "id": two, "version": 2},
        {"index": 1, "status": "unchanged", "id": same, "version": 1},
        {"index": 2, "status": "updated", "id": one, "version": 2},
    ]
    assert stored(form) == {
        one: (2, {"title": "x", "amount": 1}),
        two: (2, {"title": "b", "amount": 2}),
        same: (1, {"title": "c", "amount": 3}),
    }


def test_the_records_are_answered_as_an_update_answers_them(
    api: Api, form: CustomForm, record: Record, path: str
) -> None:
    ids = [record(amount=number) for number in range(3)]
    sent = [{"id": record_id, "form_entity": {"title": "x"}} for record_id in ids]
    body = {"form_entities": sent, "only_field_names": ["id", "title", "amount", "version"]}
    shown = [result["record"] for result in api.ok("PUT", path, body)["results"]]
    assert shown == [{"id": i, "title": "x", "amount": n, "version": 2} for n, i in enumerate(ids)]


def test_a_version_of_a_row_is_asked_for(api: Api, form: CustomForm, record: Record, path: str) -> None:
    one, two = record(amount=1), record(amount=1)
    sent = [{"id": one, "version": 1, "form_entity": {"amount": 2}}, {"id": two, "version": 7, "form_entity": {}}]
    (error,) = api.refused("PUT", path, {"form_entities": sent}, status=412)["errors"]
    assert (error["row"], error["field"], error["code"], error["allowed"], error["got"]) == (
        *(1, "version", "stale_version"),
        *(1, 7),
    )
    assert stored(form)[one][0] == 1
    results = api.ok("PUT", path, {"form_entities": sent, "partial": True})["results"]
    assert [(r["status"], r["id"], r["version"]) for r in results] == [("updated", one, 2), ("refused", two, 1)]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"form_entity": {}}, "id", "required"),
    ({"id": "x", "form_entity": {}}, "id", "wrong_id"),
    ({"id": 0, "form_entity": {}}, "id", "wrong_id"),
    ({"id": 1}, "form_entity", "required"),
    ({"id": 1, "form_entity": []}, "form_entity", "wrong_object"),
    ({"id": 1, "version": 0, "form_entity": {}}, "version", "wrong_integer"),
    ({"id": 1, "values": {}, "form_entity": {}}, "values", "unknown_key"),
    ({"id": 1, "form_entity": {"nope": 1}}, "nope", "unknown_field"),
    ({"id": 1, "form_entity": {"amount": "x"}}, "amount", "wrong_type"),
]


@pytest.mark.parametrize(("wrong", "field", "code"), WRONG)
def test_a_wrong_row_is_named_by_its_place(
    api: Api, form: CustomForm, record: Record, path: str, wrong: dict[str, Any], field: str, code: str
) -> None:
    right, other = record(amount=1), record(amount=1)
    wrong = {**wrong, "id": other} if wrong.get("id") == 1 else wrong
    sent = [{"id": right, "form_entity": {"amount": 2}}, wrong]
    errors = api.refused("PUT", path, {"form_entities": sent})["errors"]
    assert [(error["row"], error["field"], error["code"]) for error in errors] == [(1, field, code)]
    assert {version for version, _data in stored(form).values()} == {1}
    answer = api.ok("PUT", path, {"form_entities": sent, "partial": True})
    assert [result["status"] for result in answer["results"]] == ["updated", "refused"]
    assert stored(form)[right] == (2, {"amount": 2})


def test_a_record_that_is_not_there_is_404_and_one_that_stands_twice_is_refused(
    api: Api, form: CustomForm, record: Record, path: str, stranger: Api
) -> None:
    one = record(amount=1)
    missing = {"id": 987654321, "form_entity": {"amount": 1}}
    (error,) = api.refused("PUT", path, {"form_entities": [missing]}, status=404)["errors"]
    assert (error["row"], error["code"], error["got"]) == (0, "unknown_record", 987654321)
    twice = [{"id": one, "form_entity": {"amount": amount}} for amount in (2, 3)]
    (error,) = api.refused("PUT", path, {"form_entities": twice})["errors"]
    assert (error["row"], error["field"], error["code"]) == (1, "id", "repeated")
    stranger.refused("PUT", path, {"form_entities": twice[:1]}, status=404)
    assert stored(form)[one][0] == 1


def test_unique_values_are_free_of_all_others_and_may_stay_one_s_own(api: Api, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"no": ("text_field", {"unique": True}), "title": "text_field"})
    ids = [api.ok("POST", address(form), {"form_entity": {"no": no}})["id"] for no in ("a", "b", "c")]
    sent = [
        {"id": ids[0], "form_entity": {"no": "a", "title": "x"}},
        {"id": ids[1], "form_entity": {"no": "c"}},
        {"id": ids[2], "form_entity": {"no": "new"}},
    ]
    (error,) = api.refused("PUT", address(form, "mass_update"), {"form_entities": sent}, status=409)["errors"]
    assert (error["row"], error["field"], error["code"]) == (1, "no", "not_unique")
    answer = api.ok("PUT", address(form, "mass_update"), {"form_entities": sent, "partial": True})
    assert [result["status"] for result in answer["results"]] == ["updated", "refused", "updated"]


def test_formulas_follow_here_and_in_the_records_that_read_these(api: Api, custom_app: CustomApp) -> None:
    parts = make_form(custom_app, {"price": "float_field", "gross": ("formula_field", {"formula": "{price} * 2"})})
    orders = make_form(
        custom_app,
        {
            "part": ("relation_field", {"form": parts.pk}),
            "n": "float_field",
            "sum": ("formula_field", {"formula": "{part.gross} * {n}"}),
        },
    )
    part = [api.ok("POST", address(parts), {"form_entity": {"price": price}})["id"] for price in (1, 10)]
    order = [
        api.ok("POST", address(orders), {"form_entity": {"part": {"value": one}, "n": n}})["id"]
        for one in part
        for n in (1, 2)
    ]
    sent = [{"id": one, "form_entity": {"price": price}} for one, price in zip(part, (3, 30), strict=True)]
    api.ok("PUT", address(parts, "mass_update"), {"form_entities": sent})
    body = {"only_field_names": ["sum"], "sort": [{"id": "asc"}]}
    assert [row["sum"] for row in api.ok("PUT", address(orders), body)["models"]] == [6, 12, 60, 120]
    moved = [{"id": one, "form_entity": {"part": {"value": part[1]}, "n": 1}} for one in order[:2]]
    shown = api.ok("PUT", address(orders, "mass_update"), {"form_entities": moved, "only_field_names": ["sum"]})
    assert [result["record"]["sum"] for result in shown["results"]] == [60, 60]
