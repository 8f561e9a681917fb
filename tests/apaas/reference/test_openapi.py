"""The OpenAPI document: valid, complete, and true for what the server takes and gives."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve, reverse
from jsonschema import Draft202012Validator

from apaas.errors import ERRORS
from apaas.reference.calls import BY_NAME, endpoints
from apaas.reference.ticket_openapi import OPERATIONS
from apaas.requests.parameters import CALLS
from forms_app.field_types import registry
from forms_app.models import CustomForm, Member
from tests.apaas.conftest import Api, address
from tests.factories import UserFactory, add_field, make_form, schema_of

OPENAPI = "openapi.json"


def document(api: Api, form: CustomForm | None = None, **headers: str) -> Any:
    response = api.call("GET", f"{OPENAPI}?custom_form_id={form.pk}" if form else OPENAPI, **headers)
    assert response.status_code == 200, response.content[:1000]
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)


def every(node: Any, key: str) -> Iterator[Any]:
    """The values of `key` at any depth."""
    if isinstance(node, Mapping):
        for name, item in node.items():
            if name == key:
                yield item
            yield from every(item, key)
    elif isinstance(node, list):
        for item in node:
            yield from every(item, key)


def validator(found: Any, schema: Any) -> Draft202012Validator:
    """A schema of the document, its references into it followed."""
    return Draft202012Validator({**copy.deepcopy(schema), "components": found["components"]})


def operations(found: Any) -> dict[str, Any]:
    return {operation["operationId"]: operation for item in found["paths"].values() for operation in item.values()}


def of_calls(found: Any) -> dict[str, Any]:
    """All but the ticket API's."""
    return {name: operation for name, operation in operations(found).items() if operation["tags"] != ["Tickets"]}


def body_schema(found: Any, name: str) -> Any:
    return operations(found)[name]["requestBody"]["content"]["application/json"]["schema"]


def answer_schema(found: Any, name: str) -> Any:
    return operations(found)[name]["responses"]["200"]["content"]["application/json"]["schema"]


def fits(found: Any, schema: Any, value: Any) -> None:
    errors = [f"{error.json_path}: {error.message}" for error in validator(found, schema).iter_errors(value)]
    assert errors == []


@pytest.fixture(params=["of any form", "of one form"])
def found(request: Any, api: Api, wide: CustomForm) -> Any:
    """The document without a form, and with one."""
    return document(api, wide if request.param == "of one form" else None)


def test_its_references_lead_somewhere_and_its_schemas_are_schemas(found: Any) -> None:
    assert found["openapi"] == "3.1.0"
    assert set(found) == {"openapi", "info", "servers", "paths", "components", "tags"}
    assert found["servers"] == [{"url": "http://testserver"}]
    for reference in every(found, "$ref"):
        node = found
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]
    for schema in [*every(found["paths"], "schema"), *found["components"]["schemas"].values()]:
        Draft202012Validator.check_schema(schema)


def test_each_operation_is_well_formed(found: Any) -> None:
    names = list(operations(found))
    assert len(names) == len(set(names)) == sum(len(item) for item in found["paths"].values())
    for path, item in found["paths"].items():
        for operation in item.values():
            assert {"operationId", "summary", "tags", "parameters", "responses", "security"} <= set(operation)
            assert set(operation["tags"]) <= {tag["name"] for tag in found["tags"]}
            given = {(row["in"], row["name"]) for row in operation["parameters"]}
            assert len(given) == len(operation["parameters"])
            in_path = {name for place, name in given if place == "path"}
            assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert all(("schema" in row) != ("content" in row) for row in operation["parameters"])
            for scheme in operation["security"]:
                assert set(scheme) <= set(found["components"]["securitySchemes"])


def test_it_has_every_endpoint_of_the_url_table(found: Any) -> None:
    of_records = {path: item for path, item in found["paths"].items() if path.startswith("/apaas/")}
    listed = {(method.upper(), path) for path, item in of_records.items() for method in item}
    assert listed == {(endpoint.method, endpoint.path) for rows in endpoints().values() for endpoint in rows}


def test_it_has_every_address_of_the_ticket_api(found: Any) -> None:
    named = {pattern.name for pattern in get_resolver("apaas.ticket_urls").url_patterns if pattern.name}
    assert named == set(OPERATIONS)
    paths = {path: set(item) for path, item in found["paths"].items() if not path.startswith("/apaas/")}
    assert paths == {
        "/accounts/api/security/get": {"get"},
        "/rest/flowmanage/api/omdata/edit/{api_path}": {"post"},
        "/rest/flowmanage/api/omdata-data-id/get/{api_path}": {"post"},
        "/rest/my-mission/api/my-mission/list": {"post"},
        "/rest/flowmanage/api/omdata/list/{api_path}": {"post"},
        "/rest/flowmanage/api/omdata-worklog/create": {"post"},
        "/rest/flowmanage/api/omdata-worklog/list": {"post"},
    }
    for path in paths:
        assert resolve(path.replace("{api_path}", "service-desk"))


def test_it_has_every_parameter_of_each_call(found: Any) -> None:
    for name, operation in of_calls(found).items():
        call = name.partition("_by_")[0]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        told = {row["name"] for row in operation["parameters"] if row["in"] == "query"}
        told |= set(content.get("schema", {}).get("properties", {}))
        assert {parameter.name for parameter in CALLS[call]} <= told
        assert call in BY_NAME


def test_it_has_every_error_as_a_response(found: Any) -> None:
    for operation in of_calls(found).values():
        assert {str(row.status) for row in ERRORS} | {"200", "414"} == set(operation["responses"])
    assert "content" not in found["components"]["responses"]["AddressTooLong"]
    for name, response in found["components"]["responses"].items():
        if name == "AddressTooLong":
            continue
        content = response["content"]["application/json"]
        fits(found, content["schema"], content["example"])


def test_a_forms_fields_are_typed(api: Api, wide: CustomForm) -> None:
    found = document(api, wide)
    written = found["components"]["schemas"]["FormEntity"]["properties"]
    shown = found["components"]["schemas"]["Record"]["properties"]
    fields = schema_of(wide).fields
    assert set(written) == {column.name for column in fields if column.type.writable}
    assert {column.name for column in fields} <= set(shown)
    assert written["a_select_field"]["enum"] == [
        "H6Qq/ojoIFNyICUXzx3UOw==",
        "qxjjDA3ECTzu2olh+sPR9A==",
        "QpbX0pPJ6koOUsZBXwtclg==",
        None,
    ]
    assert written["a_select_field"]["x-enum-descriptions"][0] == "官网"
    assert written["a_select_field"]["title"] == "label of a_select_field"
    assert "AAAAAAAAAAAAAAAAAAAAAA==" in shown["a_select_field"]["enum"]
    assert written["a_email_field"]["format"] == "email"
    assert shown["a_datetime_field"] | {"title": ""} == {
        "title": "",
        "type": ["string", "null"],
        "format": "date-time",
        "x-field-type": "datetime_field",
    }
    assert shown["a_formula_field"]["type"] == ["number", "null"]
    assert shown["a_formula_field"]["readOnly"] is True
    assert "a_nested_select_display" in shown


def test_the_worked_examples_fit_their_types_schemas(api: Api, wide: CustomForm) -> None:
    found = document(api, wide)
    written = found["components"]["schemas"]["FormEntity"]["properties"]
    for field_type in registry:
        for sent, _read in field_type.accepts:
            if sent not in ("", []):  # these clear a field; the schema says it by null alone
                fits(found, written[f"a_{field_type.name}"], sent)


def test_a_required_field_is_required_of_a_new_record_only(api: Api, form: CustomForm) -> None:
    add_field(form, "needed", ("text_field", {"required": True}))
    found = document(api, form)
    url = {"custom_form_id": form.pk}
    schema = body_schema(found, "create")
    assert not validator(found, schema).is_valid({"form_entity": {"title": "x"}, **url})
    fits(found, schema, {"form_entity": {"needed": "x"}, **url})
    fits(found, body_schema(found, "update"), {"form_entity": {"title": "x"}, **url})
    assert not validator(found, schema).is_valid({"form_entity": {"needed": "x", "unknown": 1}, **url})
    assert not validator(found, schema).is_valid({"form_entity": {"needed": "x"}})
    api.refused("POST", address(form), {"form_entity": {"title": "x"}} | url)


def test_a_filter_and_a_group_have_names_of_their_own(found: Any) -> None:
    schemas = found["components"]["schemas"]
    assert schemas["FilterItem"]["anyOf"] == [{"$ref": "#/components/schemas/" + n} for n in ("Filter", "FilterGroup")]
    wanted = {"name": "id", "op": "in", "value": [1]}
    fits(found, schemas["FilterItem"], {"or": [wanted, {"or": [wanted]}]})
    assert not validator(found, schemas["FilterItem"]).is_valid({**wanted, "x": 1})


def test_fields_of_one_label_have_titles_of_their_own(api: Api, form: CustomForm) -> None:
    for name in ("one", "two"):
        add_field(form, name, "geo_address")
    form.custom_fields.filter(name__in=["one", "two"]).update(label="位置")
    form.save()
    written = document(api, form)["components"]["schemas"]["FormEntity"]["properties"]
    assert [written[name]["title"] for name in ("title", "one", "two")] == [
        "label of title", "位置 (one)", "位置 (two)"
    ]  # fmt: skip


def test_it_is_for_callers_who_see_the_form(
    api: Api, stranger: Api, limited: Api, form: CustomForm, other_form: CustomForm
) -> None:
    document(api, other_form)
    document(limited, form)
    for caller, hidden in ((stranger, form), (limited, other_form)):
        caller.refused("GET", f"{OPENAPI}?custom_form_id={hidden.pk}", status=404)
    Api(None).refused("GET", OPENAPI, status=401)
    assert api.faults("GET", f"{OPENAPI}?custom_form=1") == [("custom_form", "unknown_parameter", None)]


def test_a_slash_at_its_end_changes_nothing(api: Api) -> None:
    assert api.call("GET", OPENAPI + "/").content == api.call("GET", OPENAPI).content


def test_it_speaks_the_callers_language(api: Api) -> None:
    for asked, summary, tag, last in (
        ({}, "List", "Read records", "Tickets"),
        ({"HTTP_ACCEPT_LANGUAGE": ""}, "List", "Read records", "Tickets"),
        ({"HTTP_ACCEPT_LANGUAGE": "en"}, "List", "Read records", "Tickets"),
        ({"HTTP_ACCEPT_LANGUAGE": "zh-CN,zh;q=0.9"}, "列表", "读取记录", "工单"),
        ({"HTTP_ACCEPT_LANGUAGE": "zh-TW"}, "清單", "讀取記錄", "工單"),
    ):
        told = document(api, **asked)
        assert operations(told)["list"]["summary"] == summary
        assert told["tags"][-1] == {"name": last}
        assert operations(told)["list"]["tags"] == [tag] and operations(told)["ticket_edit"]["tags"] == [last]
        assert told["info"]["title"] == "Form-entity API"
        assert all(re.fullmatch(r"[a-z_]+", name) for name in operations(told))


def test_it_asks_a_fixed_number_of_statements(api: Api, wide: CustomForm, settings: Any) -> None:
    settings.VERSION_CHECK_SECONDS = 60  # else the tags are read at each question
    document(api, wide)
    with CaptureQueriesContext(connection) as few:
        document(api, wide)
    make_form(wide.custom_app, {"more": "text_field"})
    add_field(wide, "more", "text_field")
    document(api, wide)
    with CaptureQueriesContext(connection) as many:
        document(api, wide)
    assert len(few) == len(many) <= 16, [query["sql"][:100] for query in many]


def test_a_page_shows_it_offline(alice: Member, form: CustomForm) -> None:
    alice.user = UserFactory()
    alice.save()
    client = Client(HTTP_ACCEPT="text/html")
    client.force_login(alice.user)
    response = client.get(f"{reverse('reference')}?custom_form_id={form.pk}")
    text = response.content.decode()
    assert response.status_code == 200
    assert f'data-document="{reverse("openapi")}?custom_form_id={form.pk}"' in text
    sources = [part.split('"')[0] for part in text.split('src="')[1:]]
    assert sources and all(source.startswith("/static/") for source in sources)
    for source in sources:
        with closing(client.get(source)) as file:
            assert file.status_code == 200
    assert "script-src 'self';" in response["Content-Security-Policy"]


def test_the_guide_names_every_endpoint_parameter_and_error() -> None:
    guide = (settings.BASE_DIR / "docs" / "api.md").read_text()
    for name, rows in endpoints().items():
        for endpoint in rows:
            path = endpoint.path.replace("{id}", ":id").replace("{token}", ":token")
            lines = [line for line in guide.splitlines() if path in line.replace("`", " ").split()]
            assert any(endpoint.method in line for line in lines), (endpoint, lines)
        for parameter in CALLS[name]:
            assert f"`{parameter.name}`" in guide, parameter.name
    errors = (settings.BASE_DIR / "docs" / "errors.md").read_text()
    assert "(errors.md#codes)" in guide
    for row in ERRORS:
        assert f"| {row.code} | {row.status} |" in errors
