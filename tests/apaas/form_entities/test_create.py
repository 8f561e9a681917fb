"""POST form_entities: a new record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from forms_app.field_types import registry
from forms_app.models import CustomForm, FormEntity, Member
from tests.apaas.conftest import Api, address
from tests.factories import add_example_field, add_field, make_entity, make_form


def count(form: CustomForm) -> int:
    return FormEntity.objects.filter(custom_form_id=form.pk).count()


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("in_body", [False, True])
def test_it_makes_a_record_owned_by_the_token_s_member(api: Api, form: CustomForm, slash: str, in_body: bool) -> None:
    body: dict[str, Any] = {"form_entity": {"title": "泵", "amount": Decimal("1.50")}}
    path = f"form_entities{slash}"
    if in_body:
        body["custom_form_id"] = str(form.pk)
    else:
        path += f"?custom_form_id={form.pk}"
    data = api.ok("POST", path, body)
    assert (data["title"], data["amount"], data["due"]) == ("泵", Decimal("1.5"), None)
    assert (data["user"]["uid"], data["custom_form_id"]) == (1, form.pk)
    assert api.ok("GET", address(form, str(data["id"]))) == data


def test_an_empty_object_makes_an_empty_record_and_a_missing_one_is_refused(api: Api, form: CustomForm) -> None:
    assert api.ok("POST", address(form), {"form_entity": {}})["primary_field_value"] is None
    for body in ({}, {"form_entity": None}, {"form_entity": ""}, {"form_entity": []}):
        assert api.faults("POST", address(form), body) == [("form_entity", "required", None)]
    for wrong in ("x", 5, True, [{"title": "x"}]):
        assert api.faults("POST", address(form), {"form_entity": wrong}) == [("form_entity", "wrong_object", None)]
    assert api.faults("POST", address(form), raw=b"") == [("form_entity", "required", None)]
    assert count(form) == 1


def test_only_field_names_gives_exactly_these(api: Api, form: CustomForm) -> None:
    names = ["updated_at", "id", "title"]
    body = {"form_entity": {"title": "泵"}, "only_field_names": names}
    assert list(api.ok("POST", address(form), body)) == names
    assert list(api.ok("POST", address(form, **{"only_field_names[]": names}), {"form_entity": {}})) == names


def test_values_may_come_by_the_query_string_and_are_read_as_their_type(api: Api, form: CustomForm) -> None:
    query = "&form_entity[title]=1&form_entity[amount]=2.50&form_entity[due]=2023-08-20 00:01"
    data = api.ok("POST", address(form) + query)
    assert (data["title"], data["amount"], data["due"][:19]) == ("1", Decimal("2.5"), "2023-08-20T00:01:00")
    wrong = "&form_entity[amount]=１"
    assert api.faults("POST", address(form) + wrong) == [("amount", "wrong_type", None)]
    assert api.faults("POST", address(form), {"form_entity": {"amount": "1"}}) == [("amount", "wrong_type", None)]


@pytest.mark.parametrize("field_type", list(registry), ids=lambda t: t.name)
def test_each_type_answers_as_its_examples_say(api: Api, custom_app: Any, people: Any, field_type: Any) -> None:
    form = make_form(custom_app, {"title": "text_field"})
    add_example_field(form, field_type, form.pk)
    for sent, code in field_type.rejects:
        answer = api.refused("POST", address(form), {"form_entity": {"example": sent, "title": "kept?"}})
        (fault, *_) = answer["errors"]
        assert (fault["field"], fault["code"]) == ("example", code), sent
        assert fault["label"] in ("label of example", ""), fault
    assert count(form) == 0


def test_every_fault_is_named_and_nothing_is_written(api: Api, form: CustomForm) -> None:
    add_field(form, "needed", ("text_field", {"required": True}))
    body = {
        "form_entity": {"title": 5, "amount": "x", "due": "never", "nope": 1, "id": 7, "user": 1, "created_at": "x"},
        "only_field_names": ["nope"],
        "filters": [],
        "page": 1,
    }
    assert set(api.faults("POST", address(form), body)) == {
        ("title", "wrong_type", None),
        ("amount", "wrong_type", None),
        ("due", "invalid_time", None),
        ("nope", "unknown_field", None),
        ("nope", "unknown_field", 0),
        ("id", "unknown_field", None),
        ("user", "unknown_field", None),
        ("created_at", "unknown_field", None),
        ("needed", "required", None),
        ("page", "unknown_parameter", None),
    }
    assert count(form) == 0


def test_a_unique_value_that_is_taken_is_a_conflict(api: Api, form: CustomForm) -> None:
    add_field(form, "code", ("text_field", {"unique": True}))
    body = {"form_entity": {"code": "A-1"}}
    api.ok("POST", address(form), body)
    answer = api.refused("POST", address(form), body, status=409)
    assert [(f["field"], f["code"], f["got"]) for f in answer["errors"]] == [("code", "not_unique", "A-1")]
    assert count(form) == 1


def test_a_read_only_token_is_forbidden_and_nothing_is_written(
    reader: Api, stranger: Api, limited: Api, form: CustomForm, other_form: CustomForm
) -> None:
    body = {"form_entity": {"title": "x"}}
    answer = reader.refused("POST", address(form), body, status=403)
    assert [fault["code"] for fault in answer["errors"]] == ["read_only_token"]
    stranger.refused("POST", address(form), body, status=404)
    limited.refused("POST", address(other_form), body, status=404)
    limited.refused("POST", address(other_form), {"form_entity": 5}, status=404)
    assert (count(form), count(other_form)) == (0, 0)


def test_references_must_exist_for_the_token(
    api: Api, stranger: Api, limited: Api, form: CustomForm, other_form: CustomForm, alice: Member, charlie: Member
) -> None:
    add_field(form, "partner", ("relation_field", {"form": other_form.pk}))
    add_field(form, "owner", "user_field")
    hidden = make_entity(other_form, alice, secret="s")
    body = {"form_entity": {"partner": {"value": hidden}, "owner": [{"uid": 1}, {"uid": 99}]}}
    unknown = [("partner", "unknown_record", 0), ("owner", "unknown_member", 1)]
    assert sorted(limited.faults("POST", address(form), body)) == sorted(unknown)
    assert api.faults("POST", address(form), body) == [("owner", "unknown_member", 1)]
    absent = {"form_entity": {"partner": {"value": 987654321}}}
    existing = {"form_entity": {"partner": {"value": hidden}}}
    first, second = (limited.refused("POST", address(form), b)["errors"][0] for b in (absent, existing))
    assert {k: v for k, v in first.items() if k not in ("got", "message")} == {
        k: v for k, v in second.items() if k not in ("got", "message")
    }


def test_the_totals_of_the_list_follow(api: Api, form: CustomForm) -> None:
    for expected in (1, 2, 3):
        api.ok("POST", address(form), {"form_entity": {}})
        assert api.ok("GET", address(form))["total_count"] == expected


def test_text_that_cannot_be_stored_is_refused_wherever_it_stands(api: Api, form: CustomForm) -> None:
    for raw, field in (
        (rb'{"form_entity":{"title":"a\u0000b"}}', "title"),
        (rb'{"form_entity":{"title":"a\ud800b"}}', "title"),
        (rb'{"form_entity":{"a\u0000":1}}', "a\ufffd"),
        (rb'{"x\udfff":1}', "x\ufffd"),
    ):
        faults = api.faults("POST", address(form), raw=raw)
        assert (field, "invalid_text", None) in faults, raw
    assert api.ok("POST", address(form), raw=rb'{"form_entity":{"title":"\ud83d\ude00"}}')["title"] == "😀"
    assert count(form) == 1


def test_a_refused_call_asks_the_database_for_nothing_but_what_it_names(
    api: Api, form: CustomForm, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.VERSION_CHECK_SECONDS = 3_600
    api.faults("POST", address(form), {"form_entity": {"nope": 1}})
    with django_assert_num_queries(0):
        api.faults("POST", address(form), {"form_entity": {"nope": 1}})
