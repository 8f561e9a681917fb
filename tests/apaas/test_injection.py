"""SQL and JSON-path injection in every place that takes a name or a value: refused by name, or taken as plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from forms_app.models import CustomForm, Member
from tests.apaas.conftest import Api, address, parsed
from tests.factories import add_field, make_entity

PAYLOADS = [
    "'", "''", '"', "\\", "`", ";", "--", "/*", "#", "%", "%s", "%(x)s", "%%", "{}", "{title}", "$1", "?",
    "' OR '1'='1", "' OR 1=1 --", '" OR ""="', "1 OR 1=1", "1; DROP TABLE form_entity",
    "1); DELETE FROM form_entity --", "' UNION SELECT digest FROM forms_app_accesstoken --",
    "title'; SELECT pg_sleep(5) --", "title' || pg_sleep(5) || '", "title) FROM form_entity --", "title->>'x'",
    "title' -> 'x", "data", "data->>'title'", "(SELECT 1)", "owner_uid", "xmin", "id; --", "id::text", "id,1",
    "id) OR (1", "form_entity.id", "$.title", "$[*]", "$..*", "@", "title.*", '$.title ? (@ like_regex ".*")',
    "title[0]", "title__contains", "user__password", "title'::regclass", "E'\\047'", "U&'\\0027'", "%27", "%2527",
    "ʼ", "＇", "'||(SELECT version())||'", "asc; --", "asc, (SELECT 1)", "desc NULLS FIRST", "ASC", "__proto__",
    "__class__", "../../etc/passwd", "{{7*7}}", "' & !'", "a:*", "\u200b", "\u202e", "A" * 5000, " title", "title ",
    "TITLE",
]  # fmt: skip
NAMES = [payload for payload in PAYLOADS if payload.strip()]


@pytest.fixture
def target(form: CustomForm, alice: Member, other_form: CustomForm) -> CustomForm:
    add_field(form, "kind", "select_field")
    add_field(form, "partner", ("relation_field", {"form": other_form.pk}))
    add_field(form, "place", "geo_address")
    add_field(form, "region", "address_select")
    add_field(form, "papers", "file_field")
    add_field(form, "people", "user_field")
    add_field(form, "total", ("formula_field", {"formula": "{amount} * 2"}))
    make_entity(form, alice, title="kept", amount=1)
    return form


def snapshot() -> list[Any]:
    """All rows that a hostile call could change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custom_form_id, id, owner_uid, data::text, version, updated_at FROM form_entity ORDER BY 1, 2"
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT id, name, definition_version FROM forms_app_customform ORDER BY id")
        return [*rows, *cursor.fetchall()]


def named(payload: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path below form_entities, body) of each place that takes a name."""
    yield "PUT", "", {"filters": [{"name": payload, "op": "eq", "value": "x"}]}
    yield "PUT", "", {"filters": [{"name": "title", "op": payload, "value": "x"}]}
    yield "PUT", "ids", {"filters": [{"or": [{"name": payload, "op": payload, "value": "x"}]}]}
    yield "PUT", "", {"filters": [{payload: 1, "name": "title", "op": "like", "value": "x"}]}
    yield "PUT", "", {"sort": [{payload: "asc"}]}
    yield "PUT", "", {"sort": [{"title": payload}]}
    yield "PUT", "", {"sort": [{"title": "asc"}, {"amount": f"desc {payload}"}]}
    yield "PUT", "", {"scope": payload}
    yield "PUT", "", {"search_column_name": payload, "query": "x"}
    yield "PUT", "", {"only_field_names": ["id", payload]}
    yield "PUT", "", {payload: 1}
    yield "POST", "", {"form_entity": {payload: "x"}}
    yield "POST", "", {"form_entity": {"title": "x"}, "only_field_names": [payload]}
    yield "POST", "", {"form_entity": {"kind": payload}}
    yield "POST", "", {"form_entity": {"partner": {"value": payload}}}
    yield "POST", "", {"form_entity": {"partner": {"value": 1, payload: 1}}}
    yield "POST", "", {"form_entity": {"place": {"latitude": 1, "longitude": 1, payload: 1}}}
    yield "POST", "", {"form_entity": {"region": {"country_id": "1", payload: 1}}}
    yield "POST", "", {"form_entity": {"papers": [{"name": "a", "file_url": "https://a.example/b", payload: 1}]}}
    yield "POST", "", {"form_entity": {"people": [{"uid": payload}]}}
    yield "POST", "", {"form_entity": {"amount": payload, "due": payload}}
    yield "PUT", "", {"filters": [{"name": "id", "op": "in", "value": [payload]}]}
    yield "PUT", "", {"filters": [{"name": "amount", "op": "within", "value": [payload, None]}]}
    yield "PUT", "", {"filters": [{"name": "kind", "op": "in", "value": [payload]}]}
    yield "PUT", "", {"filters": [{"name": "due", "op": "within", "value": [payload, payload]}]}
    yield "PUT", "", {"filters": [{"name": "region", "op": "eq", "value": {payload: "1"}}]}
    yield "PUT", "", {"filters": [{"name": "user", "op": "in", "value": {payload: [1]}}]}
    yield "PUT", "", {"filters": [{"name": "user", "op": "in", "value": {"user_ids": [payload]}}]}
    yield "PUT", "transfer", {"ids": [payload], "to_user_uid": payload}
    yield "DELETE", "mass_destroy", {"ids": [payload]}
    yield "POST", "mass_create", {"form_entities": [{payload: "x"}, {"kind": payload}]}
    yield "POST", "mass_create", {"form_entities": [{"title": "x"}], "only_field_names": [payload]}
    yield "PUT", "mass_update", {"form_entities": [{"id": payload, "version": payload, "form_entity": {}}]}
    yield "PUT", "mass_update", {"form_entities": [{"id": 1, "form_entity": {payload: "x"}, payload: 1}]}
    yield "PUT", "mass_upsert", {"form_entities": [{"title": "x"}], "key": payload}
    yield "PUT", "evaluate", {"field_name": payload}
    yield "PUT", "evaluate", {"field_name": "total", "form_entity": {payload: 1}}
    yield "PUT", "evaluate", {"field_name": "total", payload: {"price": 1}}
    yield "PUT", "", {"page": payload, "per_page": payload}
    yield "PUT", "", {"custom_form_id": payload}


def test_there_are_many_payloads_in_many_places() -> None:
    assert len(set(NAMES)) >= 60
    assert len(list(named("x"))) >= 30


@pytest.mark.parametrize("part", range(3))
def test_each_payload_as_a_name_is_refused_by_name_and_changes_nothing(api: Api, target: CustomForm, part: int) -> None:
    before = snapshot()
    for payload in NAMES[part::3]:
        for method, path, body in named(payload):
            response = api.call(method, address(target, path), body)
            answer = parsed(response)
            assert response.status_code in (400, 404), (payload, body, answer)
            assert answer["errors"], (payload, body)
            assert all(len(str(fault["message"])) < 1000 for fault in answer["errors"]), body
    assert snapshot() == before


def test_each_payload_as_a_value_is_plain_text(api: Api, target: CustomForm) -> None:
    for payload in [p for p in PAYLOADS if len(p) <= 200]:
        record_id = api.ok("POST", address(target), {"form_entity": {"title": payload}})["id"]
        assert api.ok("GET", address(target, str(record_id)))["title"] == payload
        only = [{"name": "id", "op": "eq", "value": record_id}]
        for body in (
            {"search_column_name": "title", "query": payload, "filters": only},
            {"filters": [*only, {"name": "title", "op": "like", "value": payload}]},
        ):
            assert api.ok("PUT", address(target, "ids"), body)["ids"] == [record_id], payload
        found = api.ok("GET", address(target, "simple", query=payload))["models"]
        assert all(payload.lower() in model["label"].lower() for model in found)
        assert record_id in [model["id"] for model in found]
    assert api.ok("PUT", address(target), {"search_column_name": "title", "query": "kept"})["total_count"] == 1


@pytest.mark.parametrize("place", ["custom_form_id", "custom_app_id", "page"])
def test_payloads_in_the_query_string_of_every_read_are_refused(
    api: Api, target: CustomForm, record: Callable[..., int], place: str
) -> None:
    paths = {
        "custom_form_id": ["form_entities", "form_entities/ids", "form_entities/simple", f"form_entities/{record()}"],
        "custom_app_id": ["custom_forms", "form_entities"],
        "page": ["custom_apps", "custom_forms", "form_entities/simple"],
    }[place]
    for path in paths:
        for payload in NAMES[:40]:
            answer = api.call("GET", path, {place: payload})
            assert answer.status_code == 400, (path, payload, answer.content)
            assert place in [fault["field"] for fault in parsed(answer)["errors"]]
