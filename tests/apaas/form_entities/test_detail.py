"""GET form_entities/:id: one record."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from forms_app.models import CustomForm, Member
from tests.apaas.conftest import Api, address
from tests.factories import add_field, make_entity

Record = Callable[..., int]


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_gives_the_full_record(api: Api, form: CustomForm, record: Record, slash: str) -> None:
    record_id = record(title="泵", amount=Decimal("0.10"), due="2023-08-20 00:01:00")
    data = api.ok("GET", f"form_entities/{record_id}{slash}?custom_form_id={form.pk}")
    assert list(data) == [
        "id",
        "app_id",
        "custom_form_id",
        "organization_id",
        "custom_form_data_table_name",
        "primary_field_value",
        "user",
        "created_at",
        "updated_at",
        "title",
        "amount",
        "due",
    ]
    assert (data["id"], data["app_id"], data["custom_form_id"]) == (record_id, form.custom_app_id, form.pk)
    assert (data["title"], data["amount"], data["due"]) == ("泵", Decimal("0.1"), "2023-08-20T00:01:00.000+08:00")
    assert data["user"]["uid"] == 1
    assert data["created_at"] == data["updated_at"]
    assert data["created_at"][-10:-6].startswith(".")
    assert data["created_at"].endswith("+08:00")


def test_only_field_names_are_taken_from_the_query_string_or_the_body(
    api: Api, form: CustomForm, record: Record
) -> None:
    record_id = record(title="泵")
    names = ["updated_at", "title", "id"]
    for path, body in (
        (address(form, str(record_id), **{"only_field_names[]": names}), None),
        (address(form, str(record_id)), {"only_field_names": names}),
        (address(form, str(record_id), only_field_names=json.dumps(names)), None),
        (f"form_entities/{record_id}", {"only_field_names": names, "custom_form_id": form.pk, "id": record_id}),
    ):
        assert list(api.ok("GET", path, body)) == names


def test_faults_come_together(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record()
    body = {"id": record_id + 1, "only_field_names": ["nope", "title", "title", 5], "page": 1}
    assert set(api.faults("GET", address(form, str(record_id)), body)) == {
        ("id", "other_id", None),
        ("nope", "unknown_field", 0),
        ("only_field_names", "repeated", 2),
        ("only_field_names", "wrong_text", 3),
        ("page", "unknown_parameter", None),
    }


def test_a_record_of_another_form_of_the_same_id_is_another_record(
    api: Api, form: CustomForm, other_form: CustomForm, record: Record
) -> None:
    record_id = record(title="泵")
    api.refused("GET", address(other_form, str(record_id)), status=404)


@pytest.mark.parametrize("path", ["0", "-1", str(2**63), "1.5", "abc", "１", "1/2", "%31x"])
def test_what_is_no_id_is_an_unknown_path(api: Api, form: CustomForm, path: str) -> None:
    api.refused("GET", f"form_entities/{path}?custom_form_id={form.pk}", status=404)


def test_an_absent_record_charlie_s_view_and_a_limited_token_s_are_alike(
    api: Api, stranger: Api, limited: Api, form: CustomForm, other_form: CustomForm, alice: Member, record: Record
) -> None:
    record_id, hidden = record(title="泵"), make_entity(other_form, alice, secret="s")
    absent = api.refused("GET", address(form, "987654321"), status=404)
    assert [fault["code"] for fault in absent["errors"]] == ["unknown_record"]
    charlie = stranger.refused("GET", address(form, str(record_id)), status=404)
    nothing = stranger.refused("GET", address(form, "987654321"), status=404)
    assert charlie["errors"] == nothing["errors"]
    limited.refused("GET", address(other_form, str(hidden)), status=404)
    assert limited.ok("GET", address(form, str(record_id)))["title"] == "泵"


def test_a_read_only_token_may_read(reader: Api, form: CustomForm, record: Record) -> None:
    assert reader.ok("GET", address(form, str(record(title="泵"))))["title"] == "泵"


def test_a_disabled_field_is_neither_shown_nor_named(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(title="泵", amount=3)
    field = form.custom_fields.get(name="amount")
    field.status = "disable"
    field.save()
    assert "amount" not in api.ok("GET", address(form, str(record_id)))
    body = {"only_field_names": ["amount"]}
    assert api.faults("GET", address(form, str(record_id)), body) == [("amount", "disabled_field", 0)]


def test_a_new_field_shows_at_once_as_null(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(title="泵")
    assert "extra" not in api.ok("GET", address(form, str(record_id)))
    add_field(form, "extra", "text_field")
    assert api.ok("GET", address(form, str(record_id)))["extra"] is None


def test_the_form_is_required(api: Api, record: Record) -> None:
    assert api.faults("GET", f"form_entities/{record()}") == [("custom_form_id", "required", None)]
