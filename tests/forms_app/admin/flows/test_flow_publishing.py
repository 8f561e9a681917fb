"""What the flow designer checks, and its publications."""

from __future__ import annotations

import copy

import pytest
from django.test import Client

from forms_app.design.forms import form_create
from forms_app.flows.publishing import flow_create, flow_publish, flow_save
from forms_app.models import CustomForm, Flow, Member
from tests.factories import CustomAppFactory
from tests.forms_app.admin.flows.flow_definitions import approval
from tests.forms_app.admin.flows.flow_pages import faults, post, shown, url


def test_a_check_names_the_components_at_fault_and_saves_nothing(admin: Client, flow: Flow) -> None:
    design = shown(admin, flow)["design"]
    definition = approval()
    definition["components"][2]["name"] = "法务"
    definition["lines"][6]["rule"] = "{nothing} >"
    response = post(admin, flow, "check", {"design": {**design, "definition": definition}})
    found = response.json()["faults"]
    assert {(fault["field"], fault["code"], fault["label"]) for fault in found} >= {
        ("money", "repeated_name", "法务"),
        ("law", "repeated_name", "法务"),
        ("large", "formula", "金额判断"),
    }
    assert shown(admin, flow)["design"] == design
    right = post(admin, flow, "check", {"design": {**design, "definition": approval()}})
    assert right.json() == {"faults": []}


@pytest.mark.parametrize(
    ("formula", "expected", "answer"),
    [
        ("{amount} * 2", "any", "number"),
        ("{amount} > {$limit}", "boolean", "boolean"),
        ("{leader.title}", "any", "text"),
        ("{$creator} = 1", "boolean", "boolean"),
        ("{amount}", "boolean", "not_boolean"),
        ("{$unknown} > 1", "boolean", "formula_unknown_reference"),
        ("1 +", "any", "formula_unexpected_end"),
    ],
)
def test_a_formula_is_checked_with_fields_and_variables(
    admin: Client, flow: Flow, formula: str, expected: str, answer: str
) -> None:
    definition = copy.deepcopy(flow.draft)
    definition["components"][0]["variables"] = [{"name": "limit", "kind": "number"}]
    response = post(admin, flow, "formula", {"formula": formula, "expected": expected, "definition": definition})
    if response.status_code == 200:
        assert response.json()["result"] == answer
    else:
        assert list(faults(response).values()) == [answer]


def test_a_formula_may_be_checked_against_the_flow_that_is_called(admin: Client, flow: Flow, form: CustomForm) -> None:
    other = flow_create(custom_form=form, name="采购", api_path="buy")
    body = {"formula": "{amount}", "flow": "buy"}
    assert faults(post(admin, flow, "formula", body)) == {"": "unknown_flow"}
    flow_publish(flow=other)
    assert post(admin, flow, "formula", body).json()["result"] == "number"
    found = admin.get(url(flow, "called"), {"flow": "buy"}).json()
    assert "amount" in {field["name"] for field in found["fields"]} and found["variables"] == []
    assert admin.get(url(flow, "called"), {"flow": "no\0thing"}).status_code == 404


def test_flows_of_other_organizations_can_not_be_called(admin: Client, flow: Flow, charlie: Member) -> None:
    elsewhere = form_create(custom_app=CustomAppFactory(organization=charlie.organization), name="别处")
    flow_publish(flow=flow_create(custom_form=elsewhere, name="别处", api_path="elsewhere"))
    assert shown(admin, flow)["flows"] == []
    assert admin.get(url(flow, "called"), {"flow": "elsewhere"}).status_code == 404
    assert faults(post(admin, flow, "formula", {"formula": "1", "flow": "elsewhere"})) == {"": "unknown_flow"}


def test_people_are_found_by_name_and_number(admin: Client, flow: Flow, charlie: Member) -> None:
    address = url(flow, "people")
    assert [one["id"] for one in admin.get(address, {"kind": "member", "q": "2"}).json()["people"]] == [2]
    assert [one["id"] for one in admin.get(address, {"kind": "department", "q": "4"}).json()["people"]] == [4]
    names = {one["name"] for one in admin.get(address, {"kind": "member"}).json()["people"]}
    assert len(names) == 4 and charlie.name not in names
    assert admin.get(address, {"kind": "member", "q": "9" * 30}).json() == {"people": []}


def test_a_flow_is_published_and_unpublished(admin: Client, flow: Flow) -> None:
    for number in (1, 2):
        answer = post(admin, flow, "publish", {"base": shown(admin, flow)["base"]}).json()
        assert answer["status"]["published"] == number
        assert answer["status"]["changed"] is False
    assert [version["number"] for version in answer["status"]["versions"]] == [2, 1]
    assert admin.get(url(flow, "version", 1)).json() == {"definition": flow.draft}
    assert admin.get(url(flow, "version", 3)).status_code == 404
    status = post(admin, flow, "unpublish", {}).json()["status"]
    assert (status["published"], status["path_fixed"], len(status["versions"])) == (None, True, 2)
    design = {**shown(admin, flow)["design"], "api_path": "another"}
    response = post(admin, flow, "design", {"design": design, "base": shown(admin, flow)["base"]})
    assert faults(response) == {"api_path": "fixed_api_path"}


def test_a_draft_with_faults_is_not_published(admin: Client, flow: Flow) -> None:
    definition = copy.deepcopy(flow.draft)
    definition["lines"].pop()
    flow_save(flow=flow, design={"definition": definition})
    response = post(admin, flow, "publish", {"base": shown(admin, flow)["base"]})
    assert faults(response) == {"stage": "one_line"}
    flow.refresh_from_db()
    assert flow.published is None and not flow.versions.exists()
