"""The examples of the OpenAPI document: they work as they stand, and change nothing that is there."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from forms_app.models import AccessToken, CustomForm, Department, FormEntity, Member, Role
from tests.apaas.conftest import Api, address, administer, sample_number
from tests.apaas.reference.test_openapi import answer_schema, document, fits, of_calls
from tests.factories import add_field, make_entity


def queried(operation: Any) -> str:
    """The query string of all its examples, as tools make it."""
    given = {row["name"]: row["example"] for row in operation["parameters"] if row["in"] == "query"}
    return "?" + urlencode(given, doseq=True)


def test_its_requests_work_and_its_answers_fit(api: Api, wide: CustomForm, alice: Member) -> None:
    administer(alice)
    add_field(wide, "total", ("formula_field", {"formula": "{a_float_field} * 2"}))
    add_field(wide, "serial", ("text_field", {"unique": True}))
    record = api.ok("POST", address(wide), {"form_entity": {}})["id"]
    found = document(api, wide)
    tried = set()
    for path, item in found["paths"].items():
        for method, operation in item.items():
            name = operation["operationId"]
            if name in ("upload", "download") or not path.startswith("/apaas/"):
                continue
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            body = content["example"] if content else {}
            if content:
                fits(found, content["schema"], body)
            if "ids" in body:
                body = {**body, "ids": [api.ok("POST", address(wide), {"form_entity": {}})["id"]]}
            if name.startswith("restore"):
                api.ok("POST", address(wide, "mass_destroy"), {"ids": body["ids"]})
            number = sample_number(name, wide, record, alice)
            response = api.call(method.upper(), path.replace("{id}", str(number)) + queried(operation), body or None)
            if response.streaming:
                assert b"".join(response.streaming_content)
                continue
            assert response.status_code == 200, (name, response.content.decode()[:1000])
            fits(found, answer_schema(found, name), json.loads(response.content))
            tried.add(name)
    assert len(tried) >= 32


HARMLESS_IDS = (
    *("update", "role_update", "role_delete", "token_update", "token_revoke", "token_rotate"),
    *("webhook_update", "webhook_delete", "webhook_replay"),
)
"""Calls that would change what their path names."""


def rows_of(organization_id: int) -> list[Any]:
    """What a call could change, but for the records that `create` makes."""
    records = FormEntity.objects.filter(organization_id=organization_id).order_by("custom_form_id", "id")
    people = Member.objects.filter(organization_id=organization_id).order_by("uid")
    tokens = AccessToken.objects.filter(member__organization_id=organization_id).order_by("id")
    return [
        list(records.values("custom_form_id", "id", "data", "owner_uid", "updated_at")),
        list(people.values("uid", "name", "is_active")),
        list(Department.objects.filter(organization_id=organization_id).order_by("did").values("did", "name")),
        list(tokens.values("id", "name", "revoked_at")),
        list(Role.objects.filter(organization_id=organization_id).order_by("id").values("id", "name")),
    ]


@pytest.mark.parametrize("of_form", [True, False])
def test_requests_made_of_it_as_it_stands_change_nothing_that_is_there(
    api: Api, wide: CustomForm, alice: Member, of_form: bool
) -> None:
    administer(alice)
    add_field(wide, "total", ("formula_field", {"formula": "{a_float_field} * 2"}))
    add_field(wide, "serial", ("text_field", {"unique": True}))
    for number in range(3):
        make_entity(wide, alice, title=f"record {number}")
    before = rows_of(wide.organization_id)
    answered = {}
    for path, item in document(api, wide if of_form else None)["paths"].items():
        for method, operation in item.items():
            there = path
            for row in operation["parameters"]:
                if row["in"] == "path":
                    there = there.replace(f"{{{row['name']}}}", str(row["example"]))
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            body = content.get("example") or content.get("examples", {}).get("open", {}).get("value")
            response = api.call(method.upper(), there + queried(operation), body)
            if response.streaming:  # left half read, its transaction would end in another test
                assert b"".join(response.streaming_content)
            answered[operation["operationId"].partition("_by_")[0]] = response.status_code
    records, people, departments, tokens, roles = rows_of(wide.organization_id)
    assert (people, departments) == (before[1], before[2])
    for had, has in ((before[0], records), (before[3], tokens), (before[4], roles)):
        assert [row for row in had if row not in has] == []
    refused = {name: status for name, status in answered.items() if status != 200}
    unread = dict.fromkeys(("role", "download", "webhook", "webhook_deliveries"), 404) | {"upload": 415}
    related = dict.fromkeys(
        ("evaluate", "mass_upsert"), 400
    )  # the caller's first form computes nothing, and has no key
    nobody = dict.fromkeys((*HARMLESS_IDS, "transfer", "mass_destroy", "restore"), 404)
    assert refused == unread | nobody | ({} if of_form else related)


def test_ids_and_lists_have_their_bounds(api: Api, wide: CustomForm) -> None:
    found = document(api, wide)
    for name, operation in of_calls(found).items():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        properties = content.get("schema", {}).get("properties", {})
        rows = {row["name"]: row["schema"] for row in operation["parameters"]} | properties
        for key in {"id", "custom_form_id", "custom_app_id", "to_user_uid", "uid", "user_id"} & set(rows):
            assert (rows[key]["minimum"], rows[key]["maximum"]) == (1, 2**63 - 1), (name, key)
        for key, most in (("ids", 1000), ("filters", 100), ("sort", 10), ("only_field_names", 2000)):
            if rows.get(key, {}).get("type") == "array":
                assert rows[key]["maxItems"] == most, (name, key)
