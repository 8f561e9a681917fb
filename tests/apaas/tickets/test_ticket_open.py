"""開單: POST /rest/flowmanage/api/omdata/edit/<api_path> with action create."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_app.flows.publishing import flow_publish, flow_save, flow_unpublish
from forms_app.models import Flow, FormEntity, Member, Ticket
from forms_app.people.rights import READING
from tests.apaas.tickets.conftest import EDIT, Desk, reason, value
from tests.factories import make_token
from tests.flows import definition, make_flow
from tests.seeds import ticket_document as document

JSON_TYPES = [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
]


def record() -> dict[str, Any]:
    found: dict[str, Any] = FormEntity.objects.get().data
    return found


def test_it_answers_the_number_as_the_document_does(desk: Desk) -> None:
    for number in ("1", "2", "3"):
        assert desk.open([value("FORMITM_1", "printer")]) == document.said(document.CREATED, result=number)
    assert sorted(Ticket.objects.values_list("data_no", flat=True)) == [1, 2, 3]


def test_a_flow_whose_start_validates_tells_no_number(desk: Desk, checked_flow: Flow) -> None:
    checked = desk.at("checked")
    assert checked.open([value("amount", 1)]) == document.said(document.CREATED_VALIDATING)
    assert Ticket.objects.get().data_no == 1  # it is there when the answer leaves
    assert "金額須大於零" in reason(checked.open([value("amount", 0)]), document.CREATE_FAILED)
    assert Ticket.objects.count() == FormEntity.objects.count() == 1


@pytest.mark.parametrize("content_type", JSON_TYPES)
def test_json_is_read_whatever_the_content_type_says(desk: Desk, content_type: str) -> None:
    body = {"action": "create", "omflow_restapi": 1, "formdata": [value("FORMITM_1", "印表機")]}
    assert desk.edit(body, CONTENT_TYPE=content_type) == document.said(document.CREATED, result="1")
    as_text = {"action": "create", "omflow_restapi": "1", "formdata": json.dumps([value("FORMITM_1", "印表機")])}
    assert desk.edit(as_text, CONTENT_TYPE=content_type) == document.said(document.CREATED, result="2")
    assert [row.data for row in FormEntity.objects.all()] == [{"title": "印表機"}] * 2


@pytest.mark.parametrize("files", [None, {}])
def test_forms_are_read(desk: Desk, files: Any) -> None:
    formdata = json.dumps([value("FORMITM_1", "印表機 & co"), value("FORMITM_2", "1.10")], ensure_ascii=False)
    answer = desk.form({"action": "create", "formdata": formdata}, files)
    assert answer == document.said(document.CREATED, result="1")
    assert str(record()["amount"]) == "1.1"
    answer = desk.form({"action": "create", "formdata[0][id]": "title", "formdata[0][value]": "x"}, files)
    assert answer == document.said(document.CREATED, result="2")


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_trailing_slash_changes_nothing(desk: Desk, slash: str) -> None:
    desk.api_path += slash
    assert desk.create([value("title", "x")]) == "1"


def test_text_is_read_as_the_field_s_type_and_other_values_are_what_they_are(desk: Desk) -> None:
    spelt = [
        value("FORMITM_2", "12345678901234567890.12345"),
        value("due", "2026-01-02 03:04"),
        value("people", '[{"uid": 2}]'),
        value("place", ' {"latitude": 29.95, "longitude": "x"}'),
        value("urgent", "true"),
        {"id": "title", "value": "7", "type": "inputbox"},
    ]
    assert "place" in reason(desk.open(spelt), document.CREATE_FAILED)
    spelt[3] = value("FORMITM_5", '{"latitude": 29.95, "longitude": 121.5}')
    desk.create(spelt)
    stored = FormEntity.objects.get().data
    assert stored["urgent"] is True
    assert stored["title"] == "7"
    assert stored["place"] == {"latitude": 29.95, "longitude": 121.5}
    for wrong, name in ((value("amount", "a lot"), "amount"), (value("title", 7), "title")):
        assert reason(desk.open([wrong]), document.CREATE_FAILED).startswith(f"{name} (label of {name}): ")
    desk.create([value("amount", 5), value("urgent", False), value("people", [{"uid": 1}]), value("note", None)])


def test_every_fault_is_told_by_the_id_that_the_client_sent(desk: Desk) -> None:
    items = [
        value("FORMITM_2", "-1"),
        value("due", "soon"),
        value("FORMITM_99", "x"),
        {"id": "note", "value": "x", "note": 1},
        {"id": "title"},
        value("amount", 1),
        "text",
        value(5, "x"),
        value("people", [{"uid": 99}, 5]),
    ]
    body = {"action": "create", "formdata": items, "colour": "red", "start_input": 5}
    told = reason(desk.edit(body, HTTP_ACCEPT_LANGUAGE="en"), document.CREATE_FAILED)
    for part in (
        "FORMITM_2 (label of amount): ", "due (label of due): ", "formdata[2]: The form has no field FORMITM_99.",
        "formdata[3]: There is no key note here.", "formdata[4]: The key value is missing.",
        "formdata[5]: The field amount is there twice.", "formdata[6]: ", "formdata[7]: The form has no field 5.",
        "people (label of people)[1]: ", "colour: This call has no such parameter.", "start_input: Expected an object.",
        '"FORMITM_1"',
    ):  # fmt: skip
        assert part in told, (part, told)
    assert not Ticket.objects.exists()


def test_a_field_s_required_value_is_told_by_its_number(desk: Desk, flow: Flow) -> None:
    start = {"id": "start", "type": "start", "name": "start"}
    start["fields"] = [{"name": "title", "access": "write", "required": True}]  # type: ignore[assignment]
    changed = {**flow.draft, "components": [start, *flow.draft["components"][1:]]}
    flow_save(flow=flow, design={"definition": changed})
    flow_publish(flow=flow)
    assert reason(desk.open([]), document.CREATE_FAILED).startswith("FORMITM_1 (label of title): ")
    assert "amount" in reason(desk.open([value("amount", 1), value("title", "x")]), document.CREATE_FAILED)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "security"),
        (b"null", "security"),
        (b"[1]", "JSON object"),
        (b'{"security": ', "Not JSON"),
        (b'{"security": "a", "security": "b"}', "twice"),
        (b'{"security": "\xff"}', "UTF-8"),
        (b'{"action": "create", "security": "\\u0000"}', "NUL"),
        (b'{"action": "create", "security": "\\ud800"}', "surrogate"),
        (b'{"security":' + b"[" * 50 + b"]" * 50 + b"}", "nesting"),
        (b'{"security": NaN}', "NaN"),
        (b'{"security": 1' + b"0" * 2000 + b"}", "digits"),
        (b"security=%ff", "neither"),
        (b"security=a&security=b", "twice"),
        (b"security=%00", "NUL"),
        (b'{"security": 5}', "security"),
        (b'{"security": null}', "security"),
        (b'{"security": "00000000-0000-4000-8000-000000000000"}', "security"),
    ],
)
def test_a_body_that_can_t_be_read_fails_with_its_reason(desk: Desk, raw: bytes, said: str) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = desk.send(EDIT + desk.api_path, raw, CONTENT_TYPE=kind, HTTP_ACCEPT_LANGUAGE="en").content
        assert said in reason(answer, document.CREATE_FAILED)


@pytest.mark.parametrize("action", [None, "", "delete", "Create", 5, ["create"]])
def test_an_action_that_can_t_be_read_fails_as_開單(desk: Desk, action: Any) -> None:
    told = reason(desk.edit({"action": action, "formdata": [value("title", "x")]}), document.CREATE_FAILED)
    assert told.startswith("action: ")
    assert '["create","update"]' in told
    assert not Ticket.objects.exists()


def test_a_flow_that_is_absent_elsewhere_or_off_limits_is_the_same(
    desk: Desk, charlie: Member, alice: Member, flow: Flow
) -> None:
    stranger = Desk(make_token(charlie)[1], flow.api_path)
    row, token = make_token(alice)
    row.restricted = True
    row.save()
    limited = Desk(token, flow.api_path)
    told = {
        reason(who.open([value("title", "x")]), document.CREATE_FAILED)
        for who in (stranger, limited, desk.at("unknown"), desk.at("UPPER"), desk.at("%00"), desk.at("a" * 300))
    }
    assert len(told) == 1
    assert not Ticket.objects.exists()


def test_a_flow_that_is_switched_off_or_not_published_fails(desk: Desk, flow: Flow) -> None:
    flow_save(flow=flow, design={"api_enabled": False})
    off = reason(desk.open([value("title", "x")]), document.CREATE_FAILED)
    assert off == reason(desk.query(1), document.QUERY_FAILED) == reason(desk.push(1), document.PUSH_FAILED)
    flow_save(flow=flow, design={"api_enabled": True})
    flow_unpublish(flow=flow)
    assert reason(desk.open([value("title", "x")]), document.CREATE_FAILED) != off
    assert not Ticket.objects.exists()


def test_a_read_only_token_opens_nothing(alice: Member, desk: Desk) -> None:
    reader = Desk(make_token(alice, verbs=READING)[1], desk.api_path)
    assert reason(reader.open([value("title", "x")]), document.CREATE_FAILED)
    number = desk.create([value("title", "x")])
    assert list(reader.stages(number)) == ["review"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_fails_with_a_reason(desk: Desk, method: str) -> None:
    assert reason(desk.send(EDIT + desk.api_path, b"", method).content, document.CREATE_FAILED)


def test_parameters_in_the_address_are_refused(desk: Desk) -> None:
    desk.api_path += "?security=x&debug=1"
    told = reason(desk.open([value("title", "x")]), document.CREATE_FAILED)
    assert "debug: " in told
    assert "security: " in told


def test_parameters_of_the_other_action_are_refused(desk: Desk) -> None:
    for name, given in {"data_id": 1, "data_no": 1, "quick_action": "action1"}.items():
        assert name in reason(desk.open([value("title", "x")], **{name: given}), document.CREATE_FAILED)
    more = {
        "app_name": "a",
        "flow_name": "b",
        "flow_uuid": "c",
        "omflow_restapi": True,
        "data_id": "",
        "quick_action": None,
    }
    assert desk.create([value("title", "x")], **more) == "1"


def test_the_reason_follows_the_caller_s_language_and_nothing_else_does(desk: Desk, flow: Flow) -> None:
    told: dict[str | None, str] = {}
    for language in (None, "zh-Hant", "zh-TW", "zh-CN", "zh", "en", "en-GB,zh;q=0.5", "de", "*", "x" * 5000):
        headers = {} if language is None else {"HTTP_ACCEPT_LANGUAGE": language}
        answer = desk.edit({"action": "create", "formdata": [value("amount", -1)]}, **headers)
        told[language] = reason(answer, document.CREATE_FAILED)
    assert told[None] == told["zh-Hant"] == told["zh-TW"] == told["de"] == told["*"]
    assert told["zh-CN"] == told["zh"] != told[None]
    assert told["en"] == told["en-GB,zh;q=0.5"] != told[None]
    assert "amount (label of amount): " in told["en"]


def test_a_body_over_the_limit_is_read_away_and_answered(desk: Desk, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 2000
    settings.MAX_UPLOAD_BYTES = 3000
    for kind in (
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        told = reason(desk.edit({"formdata": "x" * 5000}, CONTENT_TYPE=kind), document.CREATE_FAILED)
        assert told.startswith("body: "), told


def test_start_input_gives_the_flow_s_variables(desk: Desk, form: Any) -> None:
    start = {"variables": [{"name": "limit", "kind": "number", "required": True, "formula": ""}]}
    make_flow(form, definition("start > review > end", start=start), name="v", api_path="variables")
    variables = desk.at("variables")
    assert "limit" in reason(variables.open([value("title", "x")]), document.CREATE_FAILED)
    assert "limit" in reason(variables.open([], start_input={"limit": "x"}), document.CREATE_FAILED)
    assert "colour" in reason(variables.open([], start_input='{"limit":1,"colour":2}'), document.CREATE_FAILED)
    for number, given in enumerate(({"limit": 5}, {"limit": "5"}, '{"limit": 5}'), 1):
        assert variables.create([], start_input=given) == str(number)
