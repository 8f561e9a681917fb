"""A record's version: ETag, If-Match, the parameter `version` (docs/contract.md §5.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms_app.models import CustomForm, FormEntity, Member
from tests.apaas.conftest import Api, address, parsed

Record = Callable[..., int]


def row(record_id: int) -> tuple[int, Any, dict[str, Any]]:
    return FormEntity.objects.values_list("version", "updated_at", "data").get(id=record_id)


def test_detail_create_and_update_answer_the_version_as_a_tag(api: Api, form: CustomForm) -> None:
    made = api.call("POST", address(form), {"form_entity": {"amount": 1}})
    assert made["ETag"] == '"1"'
    path = address(form, str(parsed(made)["data"]["id"]))
    assert api.call("PUT", path, {"form_entity": {"amount": 2}})["ETag"] == '"2"'
    assert api.call("GET", path)["ETag"] == '"2"'


def test_the_version_is_a_key_only_where_it_is_asked_for(api: Api, form: CustomForm, record: Record) -> None:
    path = address(form, str(record(amount=1)))
    assert "version" not in api.ok("GET", path)
    assert api.ok("PUT", path, {"form_entity": {"amount": 2}, "only_field_names": ["version"]}) == {"version": 2}
    listed = api.ok("PUT", address(form), {"only_field_names": ["version", "amount"]})
    assert listed["models"] == [{"version": 2, "amount": 2}]
    assert api.faults("PUT", address(form), {"filters": [{"name": "version", "op": "in", "value": [2]}]})


@pytest.mark.parametrize("tags", ['"1"', ' "1" ', '"7", "1"', '"1","7"', 'W/"1"', "*", '"x", "1"'])
def test_a_condition_that_holds_lets_the_write_through(api: Api, form: CustomForm, record: Record, tags: str) -> None:
    record_id = record(amount=1)
    api.ok("PUT", address(form, str(record_id)), {"form_entity": {"amount": 2}}, HTTP_IF_MATCH=tags)
    assert row(record_id)[0] == 2


@pytest.mark.parametrize("tags", ['"999"', '"2", "3"', 'W/"2"', '"x"', '""', '"01"', '"99999999999999999999"'])
@pytest.mark.parametrize("values", [{"amount": 2}, {"amount": 1}, {}])
def test_another_version_is_412_with_the_current_one_and_nothing_is_written(
    api: Api, form: CustomForm, record: Record, tags: str, values: dict[str, Any]
) -> None:
    record_id = record(amount=1)
    before = row(record_id)
    body = {"form_entity": values}
    refused = api.refused("PUT", address(form, str(record_id)), body, status=412, HTTP_IF_MATCH=tags)
    assert [(e["field"], e["code"], e["allowed"]) for e in refused["errors"]] == [("version", "stale_version", 1)]
    assert row(record_id) == before


@pytest.mark.parametrize("tags", ["999", "", '"1', '1"', '"1" "2"', '"1",', ',"1"', '*, "1"', "'1'", 'w/"1"'])
def test_a_condition_that_can_t_be_read_is_refused(api: Api, form: CustomForm, record: Record, tags: str) -> None:
    record_id = record(amount=1)
    body = {"form_entity": {"amount": 2, "nope": 1}}
    faults = api.faults("PUT", address(form, str(record_id)), body, HTTP_IF_MATCH=tags)
    assert ("If-Match", "wrong_tags", None) in faults
    assert ("nope", "unknown_field", None) in faults
    assert row(record_id)[0] == 1


def test_the_parameter_says_the_same(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(amount=1)
    path = address(form, str(record_id))
    assert api.refused("PUT", path, {"form_entity": {"amount": 2}, "version": 2}, status=412)
    api.ok("PUT", path, {"form_entity": {"amount": 2}, "version": 1})
    api.ok("POST", f"{path}&version=2", {"form_entity": {"amount": 3}})
    assert row(record_id)[0] == 3
    for wrong in (0, -1, "x", 1.5, True, 2**63):
        assert api.faults("PUT", path, {"form_entity": {"amount": 4}, "version": wrong}) == [
            ("version", "wrong_integer", None)
        ]


def test_header_and_parameter_must_both_hold(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(amount=1)
    path = address(form, str(record_id))
    for version, tags in ((1, '"2"'), (2, '"1"')):
        body = {"form_entity": {"amount": 2}, "version": version}
        assert api.refused("PUT", path, body, status=412, HTTP_IF_MATCH=tags)
    api.ok("PUT", path, {"form_entity": {"amount": 2}, "version": 1}, HTTP_IF_MATCH='"1"')


def test_a_record_that_is_not_there_is_404_whatever_the_condition(api: Api, form: CustomForm, record: Record) -> None:
    missing = address(form, str(record(amount=1) + 999))
    for tags in ("*", '"1"'):
        api.refused("PUT", missing, {"form_entity": {"amount": 2}}, status=404, HTTP_IF_MATCH=tags)


def test_wrong_values_come_before_a_wrong_version(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(amount=1)
    body = {"form_entity": {"amount": "many"}}
    assert api.faults("PUT", address(form, str(record_id)), body, HTTP_IF_MATCH='"9"')[0][0] == "amount"


@pytest.mark.parametrize(
    "values",
    [{}, {"amount": 1}, {"amount": 1.0}, {"title": "泵"}, {"due": None}, {"title": "泵", "amount": 1, "due": None}],
)
def test_an_update_that_changes_nothing_writes_nothing(
    api: Api, form: CustomForm, record: Record, values: dict[str, Any]
) -> None:
    record_id = record(title="泵", amount=1)
    before = row(record_id)
    answer = api.call("PUT", address(form, str(record_id)), {"form_entity": values})
    assert (answer.status_code, answer["ETag"]) == (200, '"1"')
    assert row(record_id) == before


def test_every_write_of_a_record_moves_its_version_by_one(
    api: Api, form: CustomForm, record: Record, alice: Member
) -> None:
    record_id = record(amount=1)
    for amount in range(2, 6):
        api.ok("PUT", address(form, str(record_id)), {"form_entity": {"amount": amount}})
    assert row(record_id)[0] == 5
    api.ok("PUT", address(form, "transfer"), {"ids": [record_id], "to_user_uid": alice.uid})
    assert row(record_id)[0] == 6
