"""PUT or POST form_entities/transfer: give records to another owner, all or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forms_app.models import CustomForm, FormEntity, Member
from tests.apaas.conftest import Api, address, parsed
from tests.factories import make_entity

Record = Callable[..., int]


def owners(form: CustomForm) -> list[int]:
    return list(FormEntity.objects.filter(custom_form_id=form.pk).order_by("id").values_list("owner_uid", flat=True))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_it_moves_the_records_and_answers_without_data(
    api: Api, form: CustomForm, record: Record, slash: str, method: str
) -> None:
    ids = [record(title=str(n)) for n in range(3)]
    before = api.ok("GET", address(form, str(ids[0])))
    body = {"custom_form_id": form.pk, "ids": [ids[0], str(ids[2]), ids[0]], "to_user_uid": 2}
    response = api.call(method, f"form_entities/transfer{slash}", body)
    assert list(parsed(response)) == ["code", "message", "remark"]
    assert owners(form) == [2, 1, 2]
    after = api.ok("GET", address(form, str(ids[0])))
    assert after["user"]["uid"] == 2
    assert after["updated_at"] > before["updated_at"]
    assert after["created_at"] == before["created_at"]


def test_it_takes_its_parameters_by_the_query_string(api: Api, form: CustomForm, record: Record) -> None:
    ids = [record(), record()]
    assert api.ok("PUT", address(form, "transfer", **{"ids[]": ids}, to_user_uid=3)) is None
    assert owners(form) == [3, 3]


def test_ids_and_people_that_do_not_exist_refuse_the_whole_call_and_are_listed(
    api: Api, form: CustomForm, other_form: CustomForm, record: Record, alice: Member
) -> None:
    mine, elsewhere = record(), make_entity(other_form, alice)
    body = {"ids": [mine, mine, elsewhere, 987654321], "to_user_uid": 99}
    answer = api.refused("PUT", address(form, "transfer"), body, status=404)
    assert [(f["field"], f["code"], f.get("index"), f["got"]) for f in answer["errors"]] == [
        ("to_user_uid", "unknown_member", None, 99),
        ("ids", "unknown_record", 2, elsewhere),
        ("ids", "unknown_record", 3, 987654321),
    ]
    assert owners(form) == [1]


def test_someone_who_left_or_belongs_elsewhere_gets_nothing(
    api: Api, form: CustomForm, record: Record, bob: Member, charlie: Member
) -> None:
    record_id = record()
    bob.is_active = False
    bob.save()
    charlie.uid = 77
    charlie.save()
    for uid in (2, 77):
        body = {"ids": [record_id], "to_user_uid": uid}
        api.refused("PUT", address(form, "transfer"), body, status=404)
    assert owners(form) == [1]


def test_faults_come_together_with_their_index(api: Api, form: CustomForm) -> None:
    body = {"ids": [1, "x", True, 2**63, 1.5], "to_user_uid": "x", "scope": "all"}
    assert set(api.faults("PUT", address(form, "transfer"), body)) == {
        *(("ids", "wrong_id", place) for place in (1, 2, 3, 4)),
        ("to_user_uid", "wrong_id", None),
        ("scope", "unknown_parameter", None),
    }
    assert set(api.faults("PUT", address(form, "transfer"))) == {
        ("ids", "required", None),
        ("to_user_uid", "required", None),
    }
    for wrong in (5, "5", {"0": 1}):
        body = {"ids": wrong, "to_user_uid": 2}
        assert api.faults("PUT", address(form, "transfer"), body) == [("ids", "wrong_list", None)]


def test_a_thousand_ids_are_taken_and_one_more_is_over_the_limit(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record()
    body = {"ids": [record_id] * 1000, "to_user_uid": 2}
    assert api.ok("PUT", address(form, "transfer"), body) is None
    answer = api.refused("PUT", address(form, "transfer"), {"ids": [record_id] * 1001, "to_user_uid": 3}, status=413)
    assert [(fault["field"], fault["code"], fault["got"]) for fault in answer["errors"]] == [
        ("ids", "too_many_items", 1001)
    ]
    assert owners(form) == [2]


def test_charlie_and_a_limited_token_get_not_found_and_a_read_only_one_is_forbidden(
    stranger: Api, limited: Api, reader: Api, form: CustomForm, other_form: CustomForm, record: Record, alice: Member
) -> None:
    mine, hidden = record(), make_entity(other_form, alice)
    stranger.refused("PUT", address(form, "transfer"), {"ids": [mine], "to_user_uid": 1}, status=404)
    limited.refused("PUT", address(other_form, "transfer"), {"ids": [hidden], "to_user_uid": 2}, status=404)
    limited.refused("PUT", address(form, "transfer"), {"ids": [hidden], "to_user_uid": 2}, status=404)
    reader.refused("PUT", address(form, "transfer"), {"ids": [mine], "to_user_uid": 2}, status=403)
    assert (owners(form), owners(other_form)) == ([1], [1])


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH"])
def test_it_has_no_other_methods(api: Api, form: CustomForm, method: str) -> None:
    response = api.call(method, address(form, "transfer"))
    assert (response.status_code, "PUT" in response["Allow"]) == (405, True)
