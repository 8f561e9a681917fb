"""The API page of a flow in the admin: for whom it is, what stands on it, and that it is true."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from apaas.api_pages.answers import nobody
from apaas.api_pages.flow_examples import FlowExamples
from apaas.api_pages.flow_tabs import FlowPage, flow_tabs
from apaas.api_pages.flow_tickets import FlowTickets
from apaas.api_pages.flow_views import plan_for
from apaas.api_pages.tabs import Sample, Tab
from apaas.examples import FormExamples
from forms_app.actor import Actor
from forms_app.models import CustomForm, Flow, FormEntity, Member, Status, Ticket, TicketStep, TicketToken
from forms_app.services.flows import flow_create, flow_save, flow_unpublish
from forms_app.services.security_codes import security_code_issue
from forms_app.services.tickets import ticket_open, ticket_push
from tests.apaas.test_api_page import with_permissions
from tests.apaas.tickets.conftest import EDIT, QUERY, Desk
from tests.factories import UserFactory, actor_of, make_form, make_token, schema_of
from tests.flows import data_id, definition, make_flow

ORIGIN = "http://testserver"
NAMES = ("security", "open", "query", "push")
LANGUAGES = ("en", "zh-hans", "zh-hant")


def page_url(flow: Flow) -> str:
    return reverse("flow-api", args=[flow.pk])


def page_of(client: Client, flow: Flow, status: int = 200) -> str:
    response = client.get(page_url(flow))
    assert response.status_code == status, response.content[:500]
    return unescape(response.content.decode())


def tabs_of(flow: Flow, member: Member, reader: Actor | None = None, language: str = "en") -> dict[str, Tab]:
    """The tabs as they are for a member now."""
    with translation.override(language):
        return _tabs_of(flow, member, reader)


def _tabs_of(flow: Flow, member: Member, reader: Actor | None) -> dict[str, Tab]:
    flow = Flow.objects.select_related("custom_form", "published").get(pk=flow.pk)
    schema = schema_of(flow.custom_form)
    plan = plan_for(flow, schema)
    examples = FlowExamples(plan, FormExamples(schema, actor_of(member), reader)) if plan else None
    page = FlowPage(flow, ORIGIN, examples, FlowTickets(flow, schema), has_member=True)
    return {tab.name: tab for tab in flow_tabs(page)}


def variant(tab: Tab, name: str) -> Sample:
    return next(one for one in tab.variants if one.name == name)


def filled(sent: Any, security: str) -> Any:
    """The body of a sample with the secret in its place."""
    return {**sent, "security": security}


def answered(sample: Sample, security: str) -> dict[str, Any]:
    """What the API answers to a sample's body."""
    path = sample.request.url.removeprefix(ORIGIN)
    raw = json.dumps(filled(sample.request.body, security)).encode()
    found: dict[str, Any] = json.loads(Desk(security).send(path, raw).content)
    return found


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    """FORMITM_1 title, 2 amount, 3 people, 4 papers, 5 note, 6 urgent."""
    return make_form(
        custom_app,
        {
            "title": ("text_field", {"required": True}),
            "amount": ("float_field", {"min": 0}),
            "people": "user_field",
            "papers": "file_field",
            "note": "text_field",
            "urgent": "boolean_field",
        },
        name="訂單",
    )


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    """Its start validates; review (note required, title shown), then approve; attachments on."""
    review = {
        "fields": [
            {"name": "title", "access": "read"},
            {"name": "amount", "access": "write"},
            {"name": "note", "access": "write", "required": True},
        ],
        "validation": {"formula": "{amount} <> 77", "message": "不可為七十七"},
        "actions": [{"name": "好", "values": [{"target": "note", "value": "fine"}]}],
    }
    start = {
        "variables": [{"name": "limit", "kind": "number", "required": True}],
        "validation": {"formula": "{amount} > {$limit}", "message": "金額須大於限額"},
    }
    source = definition("start > review > approve > end", start=start, review=review)
    return make_flow(form, source, name="採購", api_path="buying", attachments=True)


@pytest.fixture
def reader(db: None) -> Client:
    return with_permissions("view_flow", "view_formentity")


def opened(flow: Flow, member: Member, amount: float = 50) -> Ticket:
    """A ticket that waits at review."""
    values = {"title": "secret deal", "amount": amount}
    flow = Flow.objects.select_related("published").get(pk=flow.pk)
    row = ticket_open(flow=flow, values=values, actor=actor_of(member), start_input={"limit": 1})
    return Ticket.objects.get(pk=row.id)


# --- For whom --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["view_flow", "change_flow"])
def test_who_may_see_the_flow_gets_the_page(name: str, flow: Flow, alice: Member) -> None:
    text = page_of(with_permissions(name), flow)
    for tab in NAMES:
        assert f'data-call="{tab}"' in text


def test_who_may_not_see_flows_does_not_see_their_api(flow: Flow) -> None:
    page_of(with_permissions("view_customform", "view_formentity", "view_ticket"), flow, status=403)
    anonymous = Client().get(page_url(flow))
    assert anonymous.status_code == 302
    assert reverse("admin:login") in anonymous["Location"]


def test_there_is_no_page_for_a_flow_that_does_not_exist(reader: Client, flow: Flow) -> None:
    assert reader.get(reverse("flow-api", args=[flow.pk + 1000])).status_code == 404
    assert reader.post(page_url(flow)).status_code == 405


def test_no_secret_and_no_one_elses_data_is_on_the_page(flow: Flow, alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(name="Alice herself", phone="13912345678")
    account = UserFactory()
    alice.user = account
    alice.save()
    _kept, token = make_token(alice)
    code = security_code_issue(user=account)
    opened(flow, alice)
    for text in (
        page_of(with_permissions("view_flow"), flow),
        page_of(with_permissions("view_flow", "view_formentity"), flow),
        str(tabs_of(flow, alice, nobody())),
    ):
        for secret in (token, code, "Alice herself", "13912345678", "secret deal"):
            assert secret not in text


@translation.override("en")
def test_the_secrets_are_variables_with_the_line_that_sets_them(flow: Flow, alice: Member) -> None:
    tabs = tabs_of(flow, alice)
    for name in ("open", "query", "push"):
        for sample in tabs[name].variants:
            (_c, _curl, shell), (_p, _python, program) = sample.samples
            line = 'export SECURITY="${SECURITY:-<your security code, or an access token>}"'
            assert line in shell.splitlines()
            assert program.startswith("# ") and line in program.splitlines()[0]
            assert "$SECURITY" in shell and 'os.environ["SECURITY"]' in program
    (_c, _curl, shell), (_p, _python, program) = tabs["security"].variants[0].samples
    assert '-u "$APAAS_USER:$APAAS_PASSWORD"' in shell
    assert 'auth=(os.environ["APAAS_USER"].encode(), os.environ["APAAS_PASSWORD"].encode())' in program


# --- What stands on it -----------------------------------------------------------------------------------


def test_each_call_shows_its_address_parameters_samples_answer_and_errors(
    reader: Client, flow: Flow, alice: Member
) -> None:
    opened(flow, alice)
    text = page_of(reader, flow)
    parts = dict(zip(NAMES, text.split("data-call=")[1:], strict=True))
    edit = ("/rest/flowmanage/api/omdata/edit/buying", "action", "formdata", "files", "files_item")
    expected = {
        "security": ("/accounts/api/security/get", "取得成功。", "使用者不存在或未啟用。"),
        "open": (*edit, "start_input", "開單成功。", "開單失敗。", "金額須大於限額"),
        "query": ("/rest/flowmanage/api/omdata-data-id/get/buying", "data_no", "查詢成功。", "查詢失敗。"),
        "push": (*edit, "data_id", "quick_action", "推單成功。", "推單失敗。"),
    }
    for name, part in parts.items():
        for label in (*expected[name], "curl", "Python", "HTTP 200"):
            assert label in part, (name, label)


def test_the_form_is_tabled_with_numbers_and_where_each_field_is_written(reader: Client, flow: Flow) -> None:
    table = page_of(reader, flow).rpartition("Fields for formdata")[2]
    rows = table.split("<tr>")[2:]
    assert [f"FORMITM_{number}" in row for number, row in enumerate(rows, 1)] == [True] * 6
    note = rows[4]
    assert "<code data-copy>note</code>" in note
    assert note.count('"ap-required"') == 1
    assert ["start" in note, "review" in note, "approve" in note] == [True] * 3
    assert "review" not in rows[0]
    assert "required" in rows[0]


def test_required_fields_come_first_and_values_are_text(flow: Flow, alice: Member) -> None:
    sent = variant(tabs_of(flow, alice)["open"], "plain").request.body
    assert sent["formdata"][0]["id"] == "FORMITM_1"
    values = {item["id"]: item["value"] for item in sent["formdata"]}
    assert float(values["FORMITM_2"]) > float(sent["start_input"]["limit"])
    assert values["FORMITM_3"] == [{"uid": alice.uid}]
    assert "FORMITM_4" not in values  # files come as parts
    assert all(isinstance(value, str) for name, value in values.items() if name != "FORMITM_3")
    pushed = variant(tabs_of(flow, alice)["push"], "review").request.body
    assert [item["id"] for item in pushed["formdata"]] == ["FORMITM_5", "FORMITM_2"]


def test_the_samples_are_accepted_by_the_api(flow: Flow, alice: Member) -> None:
    token = make_token(alice)[1]
    shown = variant(tabs_of(flow, alice)["open"], "plain")
    assert answered(shown, token) == shown.answer == {"status": "200", "message": "開單成功。", "result": ""}
    asked = tabs_of(flow, alice)["query"].variants[0]
    assert answered(asked, token) == asked.answer
    assert [stage["stop_chart_text"] for stage in asked.answer["result"]] == ["review"]
    for name in ("review", "approve"):
        shown = variant(tabs_of(flow, alice)["push"], name)
        assert "ticket 1." in shown.warning
        at = data_id(Ticket.objects.get(flow=flow).pk, name)
        body = {**shown.request.body, "data_id": str(at)}
        raw = json.dumps(filled(body, token)).encode()
        assert json.loads(Desk(token).send(EDIT + "buying", raw).content) == shown.answer
    asked = tabs_of(flow, alice)["query"].variants[0]
    assert "has ended" in asked.warning
    assert answered(asked, token) == asked.answer


def test_a_flow_without_a_rule_tells_the_next_number(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end"), name="plain", api_path="plain")
    token = make_token(alice)[1]
    for number in ("1", "2"):
        shown = variant(tabs_of(flow, alice)["open"], "plain")
        assert shown.answer["result"] == number
        assert answered(shown, token) == shown.answer


def test_before_the_first_ticket_the_page_says_so(flow: Flow, alice: Member) -> None:
    tabs = tabs_of(flow, alice)
    (asked,) = tabs["query"].variants
    assert asked.request.body["data_no"] == "1"
    assert asked.answer["result"] == []
    assert "No ticket was opened yet" in asked.warning
    assert "No ticket waits here now" in variant(tabs["push"], "review").warning


def test_a_rule_that_no_example_meets_is_told(form: CustomForm, alice: Member) -> None:
    start = {"validation": {"formula": 'AND({amount} = 3.5, LEFT({title}, 9) = "x" & "yz")', "message": "無例可循"}}
    flow = make_flow(form, definition("start > review > end", start=start), name="picky")
    shown = variant(tabs_of(flow, alice)["open"], "plain")
    assert "無例可循" in shown.warning
    assert "{label of amount} = 3.5" in shown.warning


def test_a_required_field_with_nothing_to_choose_from_is_named(custom_app: Any, alice: Member) -> None:
    empty = make_form(custom_app, {"title": "text_field"}, name="empty")
    form = make_form(custom_app, {"lead": ("relation_field", {"form": empty.pk, "required": True})}, name="leads")
    tabs = tabs_of(make_flow(form, definition("start > review > end")), alice)
    assert "label of lead" in tabs["open"].note
    assert not tabs["open"].variants


def test_nothing_is_written_by_looking(reader: Client, flow: Flow, alice: Member) -> None:
    ticket = opened(flow, alice)
    push = data_id(ticket.pk, "review")
    ticket_push(flow=flow, data_id=push, values={"note": "x"}, actor=actor_of(alice))
    kinds: tuple[Any, ...] = (FormEntity, Ticket, TicketToken, TicketStep)
    before = [sorted(map(str, kind.objects.values_list())) for kind in kinds]
    page_of(reader, flow)
    assert [sorted(map(str, kind.objects.values_list())) for kind in kinds] == before


# --- Refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_refusals_are_what_the_mistakes_are_answered(flow: Flow, alice: Member, language: str) -> None:
    token = make_token(alice)[1]
    ticket = opened(flow, alice)
    ticket_push(flow=flow, data_id=data_id(ticket.pk, "review"), values={"note": "x"}, actor=actor_of(alice))
    opened(flow, alice)
    tabs = tabs_of(flow, alice, language=language)
    counts = {name: len(tab.refusals) for name, tab in tabs.items()}
    assert counts == {"security": 1, "open": 6, "query": 2, "push": 7}
    for name in ("open", "query", "push"):
        for refusal in tabs[name].refusals:
            security = refusal.sent["security"]
            body = filled(refusal.sent, token if security == "<security>" else security)
            address = QUERY if name == "query" else EDIT
            raw = json.dumps(body).encode()
            live = json.loads(Desk(token).send(address + "buying", raw, HTTP_ACCEPT_LANGUAGE=language).content)
            assert live == refusal.answer, (name, refusal.title)
            assert list(live) == ["status", "message", "reason"]
    (wrong,) = tabs["security"].refusals
    assert Client().get("/accounts/api/security/get/").json() == wrong.answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_asks_for_the_pages_language(flow: Flow, alice: Member, language: str) -> None:
    tabs = tabs_of(flow, alice, language=language)
    with translation.override(language):
        texts = [text for tab in tabs.values() for _key, _language, text in tab.samples]
    assert len(texts) == 2 * (2 + 2 + 1 + 3)
    for text in texts:
        assert ("Accept-Language" in text) == (language != "zh-hant")


# --- Flows that can't be called --------------------------------------------------------------------------


def test_an_unpublished_flow_shows_its_draft_and_says_so(reader: Client, flow: Flow, alice: Member) -> None:
    flow_unpublish(flow=flow)
    text = page_of(reader, flow)
    assert "The flow is not published" in text
    assert variant(tabs_of(flow, alice)["push"], "review")


def test_a_flow_whose_calls_are_off_says_so(reader: Client, flow: Flow) -> None:
    Flow.objects.filter(pk=flow.pk).update(api_enabled=False)
    assert "API calls are switched off" in page_of(reader, flow)
    CustomForm.objects.filter(pk=flow.custom_form_id).update(status=Status.DISABLE)
    assert "as if the flow did not exist" in page_of(reader, flow)


@pytest.mark.parametrize("draft", [{}, {"components": [], "lines": []}, {"components": 1}, {"components": [{}]}])
def test_a_draft_that_can_not_be_read_leaves_the_addresses(
    reader: Client, form: CustomForm, draft: Mapping[str, Any]
) -> None:
    flow = flow_create(custom_form=form, name="broken")
    Flow.objects.filter(pk=flow.pk).update(draft=draft)
    text = page_of(reader, flow)
    assert f"/rest/flowmanage/api/omdata/edit/{flow.api_path}" in text
    assert "no samples can be made of it" in text


@pytest.mark.parametrize(
    "more",
    [
        {"fields": [{"name": "gone", "access": "write", "required": True}]},
        {"fields": []},
        {"validation": {"formula": "{gone} > 1", "message": "m"}},
        {"validation": {"formula": "((", "message": "m"}},
        {"variables": [{"name": "v", "kind": "what", "formula": "(("}]},
    ],
)
def test_a_draft_with_faults_has_a_page(reader: Client, form: CustomForm, alice: Member, more: Any) -> None:
    flow = flow_create(custom_form=form, name="faulty")
    source = definition("start > review > end", start=more, review={k: v for k, v in more.items() if k != "variables"})
    flow_save(flow=flow, design={"definition": source})
    page_of(reader, flow)


def test_a_flow_without_stages_and_a_form_without_fields_have_a_page(reader: Client, custom_app: Any) -> None:
    bare = make_form(custom_app, {}, name="bare")
    flow = make_flow(bare, definition("start > end"), name="short")
    Member.objects.update(is_active=False)
    assert "no stage where somebody pushes" in page_of(reader, flow)


def test_an_account_without_a_member_is_told_that_it_gets_no_code(flow: Flow, alice: Member) -> None:
    assert "linked to no member" in page_of(with_permissions("view_flow"), flow)
    assert "linked to no member" not in page_of(with_permissions("view_flow", member=alice), flow)


def test_what_a_stage_is_called_is_no_markup(reader: Client, form: CustomForm, alice: Member) -> None:
    hostile = '</script><b>it\'s & "so" $(date)'
    source = definition("start > review > end")
    source["components"][1]["name"] = hostile
    flow = make_flow(form, source, name=hostile)
    opened_by = ticket_open(flow=flow, values={"title": hostile}, actor=actor_of(alice))
    assert opened_by.data_no == 1
    raw = reader.get(page_url(flow)).content.decode()
    assert "</script><b>" not in raw
    assert "&lt;/script&gt;&lt;b&gt;" in raw


def test_the_ways_to_the_page(admin_client: Client, flow: Flow) -> None:
    for name in ("changelist", "design"):
        args = [flow.pk] if name == "design" else []
        response = admin_client.get(reverse(f"admin:forms_app_flow_{name}", args=args))
        assert f'href="{page_url(flow)}"' in response.content.decode(), name


def test_it_asks_a_fixed_number_of_statements(
    reader: Client, flow: Flow, alice: Member, django_assert_max_num_queries: Any
) -> None:
    page_of(reader, flow)
    for _number in range(5):
        opened(flow, alice)
    page_of(reader, flow)
    with django_assert_max_num_queries(60):
        page_of(reader, flow)
