"""The samples on a flow's API page, and the answers beside them: what the API itself says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from forms_app.models import CustomForm, Flow, Member, Ticket
from forms_app.tickets.pushing import ticket_push
from tests.apaas.reference.flow_api.pages import LANGUAGES, answered, filled, opened, tabs_of, variant
from tests.apaas.tickets.conftest import EDIT, QUERY, Desk
from tests.factories import actor_of, make_form, make_token
from tests.flows import data_id, definition, make_flow


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
