"""PUT|POST form_entities/:id: change the fields that were sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms_app.models import CustomForm, FieldOption, FormEntity, Member
from tests.apaas.conftest import Api, address
from tests.factories import add_field, make_entity

Record = Callable[..., int]


def stored(record_id: int) -> dict[str, Any]:
    return dict(FormEntity.objects.values_list("data", flat=True).get(id=record_id))


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_only_the_keys_sent_change_and_null_clears(
    api: Api, form: CustomForm, record: Record, method: str, slash: str
) -> None:
    record_id = record(title="泵", amount=1, due="2023-08-20")
    path = f"form_entities/{record_id}{slash}?custom_form_id={form.pk}"
    data = api.ok(method, path, {"form_entity": {"amount": 2, "due": None}})
    assert (data["title"], data["amount"], data["due"]) == ("泵", 2, None)
    assert api.ok(method, path, {"form_entity": {"title": ""}})["title"] is None
    assert stored(record_id) == {"amount": 2}


def test_it_answers_the_record_or_what_is_asked_for(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(title="泵", amount=1)
    body = {"form_entity": {"amount": 3}, "only_field_names": ["amount", "id"]}
    assert api.ok("PUT", address(form, str(record_id)), body) == {"amount": 3, "id": record_id}
    full = api.ok("PUT", address(form, str(record_id)), {"form_entity": {}})
    assert full == api.ok("GET", address(form, str(record_id)))
    assert list(full)[:2] == ["id", "app_id"]


def test_updated_at_moves_and_created_at_stays(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(title="泵")
    before = api.ok("GET", address(form, str(record_id)))
    after = api.ok("PUT", address(form, str(record_id)), {"form_entity": {"title": "x"}})
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] >= before["updated_at"]
    assert after["user"] == before["user"]


def test_the_form_and_the_id_may_stand_in_the_body_where_the_id_is_the_path_s(
    api: Api, form: CustomForm, record: Record
) -> None:
    record_id = record(title="泵")
    path = f"form_entities/{record_id}"
    body = {"custom_form_id": form.pk, "custom_app_id": 4, "format": "json", "form_entity": {"amount": 1}}
    for same in (record_id, str(record_id)):
        assert api.ok("PUT", path, {**body, "id": same})["amount"] == 1
    assert api.faults("PUT", path, {**body, "id": record_id + 1}) == [("id", "other_id", None)]
    assert api.faults("PUT", path, {**body, "id": "x"}) == [("id", "wrong_id", None)]
    assert api.faults("PUT", path, {"form_entity": {}}) == [("custom_form_id", "required", None)]
    assert api.faults("PUT", address(form, str(record_id))) == [("form_entity", "required", None)]


def test_every_fault_is_named_and_nothing_is_written(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(title="泵", amount=1)
    body = {
        "form_entity": {"title": "neu", "amount": True, "due": 5, "nope": 1},
        "only_field_names": "title",
        "ids": [1],
        "id": 5,
    }
    assert set(api.faults("PUT", address(form, str(record_id)), body)) == {
        ("amount", "wrong_type", None),
        ("due", "wrong_type", None),
        ("nope", "unknown_field", None),
        ("only_field_names", "wrong_list", None),
        ("ids", "unknown_parameter", None),
        ("id", "other_id", None),
    }
    assert stored(record_id) == {"title": "泵", "amount": 1}


def test_an_absent_record_comes_before_what_is_wrong_with_its_values(api: Api, form: CustomForm) -> None:
    for values in ({"title": "x"}, {"title": 5}, {}, {"nope": 1}):
        answer = api.refused("PUT", address(form, "987654321"), {"form_entity": values}, status=404)
        assert [(fault["field"], fault["code"]) for fault in answer["errors"]] == [("id", "unknown_record")]


def test_charlie_and_a_limited_token_get_not_found_and_a_read_only_one_is_forbidden(
    stranger: Api, limited: Api, reader: Api, form: CustomForm, other_form: CustomForm, alice: Member, record: Record
) -> None:
    record_id, hidden = record(title="泵"), make_entity(other_form, alice, secret="s")
    for values in ({"title": "x"}, {"title": 5}):
        body = {"form_entity": values}
        stranger.refused("PUT", address(form, str(record_id)), body, status=404)
        limited.refused("POST", address(other_form, str(hidden)), body, status=404)
    answer = reader.refused("PUT", address(form, str(record_id)), {"form_entity": {"title": "x"}}, status=403)
    assert [fault["code"] for fault in answer["errors"]] == ["read_only_token"]
    assert (stored(record_id), stored(hidden)) == ({"title": "泵"}, {"secret": "s"})


def test_a_record_of_the_same_id_in_another_form_is_not_touched(
    api: Api, form: CustomForm, other_form: CustomForm, record: Record
) -> None:
    record_id = record(title="泵")
    api.refused("PUT", address(other_form, str(record_id)), {"form_entity": {"secret": "x"}}, status=404)
    assert stored(record_id) == {"title": "泵"}


def test_a_unique_value_may_stay_but_not_be_taken_from_another(api: Api, form: CustomForm, record: Record) -> None:
    add_field(form, "code", ("text_field", {"unique": True}))
    first, second = record(code="A"), record(code="B")
    assert api.ok("PUT", address(form, str(first)), {"form_entity": {"code": "A"}})["code"] == "A"
    answer = api.refused("PUT", address(form, str(second)), {"form_entity": {"code": "A", "title": "x"}}, status=409)
    assert [(fault["field"], fault["code"]) for fault in answer["errors"]] == [("code", "not_unique")]
    assert stored(second) == {"code": "B"}


def test_what_a_record_holds_may_be_sent_back_though_it_could_not_be_chosen_anew(
    api: Api, wide: CustomForm, people: dict[int, Member]
) -> None:
    token, gone = "H6Qq/ojoIFNyICUXzx3UOw==", people[4]
    values = {"a_select_field": token, "a_user_field": [{"uid": 4}]}
    held, other = (api.ok("POST", address(wide), {"form_entity": v})["id"] for v in (values, {}))
    option = FieldOption.objects.get(custom_field__name="a_select_field", value=token)
    option.status = "disable"
    option.save()
    gone.is_active = False
    gone.save()
    data = api.ok("PUT", address(wide, str(held)), {"form_entity": values})
    assert (data["a_select_field_display"], data["a_user_field"][0]["uid"]) == ("官网", 4)
    assert sorted(api.faults("PUT", address(wide, str(other)), {"form_entity": values})) == [
        ("a_select_field", "disabled_option", None),
        ("a_user_field", "unknown_member", 0),
    ]


def test_a_required_field_can_be_left_out_but_not_cleared(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(title="泵")
    add_field(form, "needed", ("text_field", {"required": True}))
    assert api.ok("PUT", address(form, str(record_id)), {"form_entity": {"amount": 1}})["amount"] == 1
    for empty in (None, ""):
        body = {"form_entity": {"needed": empty}}
        assert api.faults("PUT", address(form, str(record_id)), body) == [("needed", "required", None)]
