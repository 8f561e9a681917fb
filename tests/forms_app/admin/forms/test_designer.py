"""The designer's page and its save: all or nothing, every fault at its place, nobody's work overwritten."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.design.document import design_of
from forms_app.exact_json import fingerprint
from forms_app.indexes import building
from forms_app.models import CustomApp, CustomForm, FormTab, Member
from tests.factories import add_field, make_entity
from tests.forms_app.admin.conftest import WEB


def url(form: CustomForm, page: str = "design", *args: Any) -> str:
    return reverse(f"admin:forms_app_customform_{page}", args=[form.pk, *args])


def shown(client: Client, form: CustomForm) -> dict[str, Any]:
    """What the page gives its scripts."""
    response = client.get(url(form))
    assert response.status_code == 200, response.content[:500]
    found: dict[str, Any] = response.context["designer"]
    return found


def save(client: Client, form: CustomForm, design: Any, base: str | None = None) -> Any:
    fresh = CustomForm.objects.get(pk=form.pk)
    body = {"design": design, "base": base or fingerprint(design_of(fresh))}
    return client.post(url(form), json.dumps(body), content_type="application/json")


def faults(response: Any, status: int = 400) -> dict[str, str]:
    assert response.status_code == status, response.content[:500]
    return {fault.get("field", ""): fault["code"] for fault in response.json()["faults"]}


def test_the_page_knows_all_types_with_their_settings(admin: Client, form: CustomForm) -> None:
    data = shown(admin, form)
    kinds = {(t["name"], s["name"]): s["kind"] for t in data["types"] for s in t["settings"]}
    assert len(data["types"]) >= 25
    assert kinds["text_field", "max_length"] == "int"
    assert kinds["float_field", "min"] == "number"
    assert kinds["boolean_field", "default"] == "maybe"
    assert kinds["select_field", "default"] == "option"
    assert kinds["multi_select", "default"] == "options"
    assert kinds["auto_number_field", "reset"] == "choice"
    assert kinds["file_field", "extensions"] == "list"
    assert kinds["relation_field", "form"] == "form"
    assert kinds["formula_field", "formula"] == "formula"
    assert ("formula_field", "required") not in kinds
    assert {f["name"] for f in data["functions"]} >= {"IF", "ROUND"}
    assert [f["id"] for f in data["forms"]] == [form.pk]


def test_the_page_takes_as_many_statements_for_a_large_form(admin: Client, form: CustomForm) -> None:
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as found:
            shown(admin, form)
        counts.append(len(found))
        for place in range(5):
            add_field(form, f"more_{number}_{place}", "text_field")
    assert counts[0] == counts[1] <= 20


def test_what_is_saved_unchanged_stays_as_it_is(admin: Client, form: CustomForm) -> None:
    data = shown(admin, form)
    response = save(admin, form, data["design"], data["base"])
    assert response.status_code == 200, response.content
    assert response.json()["base"] == data["base"]


def test_a_design_goes_the_whole_way(admin: Client, form: CustomForm) -> None:
    design = shown(admin, form)["design"]
    fields = design["groups"][0]["fields"]
    fields.reverse()
    new = {
        "label": "分类",
        "field_type": "nested_select",
        "name": "kind",
        "setting": {"required": True},
        "options": [
            {"value": "60943MKVMq0Erpe9dUdV7w==", "label": "甲", "status": "enable", "parent": None},
            {"value": None, "label": "乙", "status": "disable", "parent": "60943MKVMq0Erpe9dUdV7w=="},
        ],
    }
    design["groups"].append({"label": "更多", "fields": [new, {"label": "备注", "field_type": "text_area"}]})
    design |= {"name": "顾客", "description": "谁", "primary_field": "title"}
    filters = [{"name": "source", "op": "in", "value": [WEB]}, {"or": [{"name": "amount", "op": "gt", "value": 1.5}]}]
    design["tabs"] = [{"name": "web", "label": "网上", "filters": filters, "sort": [{"amount": "desc"}]}]
    response = save(admin, form, design)
    assert response.status_code == 200, response.content
    found = response.json()["design"]
    assert [field["id"] for field in found["groups"][0]["fields"]] == [field["id"] for field in fields]
    kind, remark = found["groups"][1]["fields"]
    assert kind["setting"]["required"] is True
    assert [option["label"] for option in kind["options"]] == ["甲", "乙"]
    assert kind["options"][1]["parent"] == "60943MKVMq0Erpe9dUdV7w=="
    assert remark["name"].startswith("text_area_")
    assert found["tabs"][0]["filters"] == filters
    assert (found["name"], found["primary_field"]) == ("顾客", "title")


def test_every_fault_is_told_and_nothing_is_saved(admin: Client, form: CustomForm) -> None:
    before = shown(admin, form)["design"]
    design = copy.deepcopy(before)
    group = design["groups"][0]
    group["fields"][0] |= {"label": " ", "setting": {"min_length": "9", "max_length": "3"}}
    group["fields"][1]["options"][1]["label"] = ""
    group["fields"][4]["setting"] = {"colour": "red"}
    group["fields"][7]["setting"] = {"formula": "1 +"}
    group["fields"].append({"label": "x", "field_type": "text_field", "name": "id"})
    group["fields"].append(
        {"label": "y", "field_type": "float_field", "name": "y", "setting": {"default": "1e9", "max": "5"}}
    )
    design["tabs"] = [
        {"name": "all", "label": "x"},
        {
            "name": "ok",
            "label": "x",
            "filters": [
                {"name": "nothing", "op": "in", "value": [1]},
                {"name": "amount", "op": "like", "value": "1"},
                {"name": "amount", "op": "within", "value": ["a", None]},
                {"name": "amount", "op": "gt", "value": ""},
                {"op": "gt"},
                {"or": [{"name": "starts", "op": "within", "value": ["never", None]}]},
                {"name": "id", "op": "in", "value": [1]},
                {"name": [], "op": {}, "value": 1},
                {"name": "amount", "op": [], "value": 1},
            ],
            "sort": [{"papers": "asc"}, {"amount": "up"}, {"amount": "asc", "id": "asc"}, {"amount": []}],
        },
    ]
    found = faults(save(admin, form, design | {"name": ""}))
    assert found == {
        "name": "required",
        "groups[0].fields[0].label": "required",
        "groups[0].fields[0].min_length": "setting_invalid",
        "groups[0].fields[1].options": "required",
        "groups[0].fields[4].colour": "setting_invalid",
        "groups[0].fields[7].formula": "formula_unexpected_end",
        "groups[0].fields[8].name": "reserved_name",
        "groups[0].fields[9].default": "too_large",
        "tabs[0].name": "invalid_name",
        "tabs[1].filters[0].name": "unknown_field",
        "tabs[1].filters[1].op": "unknown_operator",
        "tabs[1].filters[2].value[0]": "wrong_type",
        "tabs[1].filters[3].value": "required",
        "tabs[1].filters[4].name": "required",
        "tabs[1].filters[5].or[0].value[0]": "invalid_time",
        "tabs[1].filters[7].name": "required",
        "tabs[1].filters[7].op": "required",
        "tabs[1].filters[8].op": "required",
        "tabs[1].sort[0]": "not_sortable",
        "tabs[1].sort[1]": "unknown_direction",
        "tabs[1].sort[2]": "wrong_object",
        "tabs[1].sort[3]": "unknown_direction",
    }
    assert shown(admin, form)["design"] == before


def test_a_tab_on_a_field_that_is_refused_itself_is_not_blamed(admin: Client, form: CustomForm) -> None:
    design = shown(admin, form)["design"]
    design["groups"][0]["fields"].append({"label": "", "field_type": "integer_field", "name": "fresh"})
    design["tabs"] = [{"name": "t", "label": "t", "filters": [{"name": "fresh", "op": "gt", "value": 1}]}]
    assert faults(save(admin, form, design)) == {"groups[0].fields[8].label": "required"}


def test_the_type_changes_only_while_no_record_holds_a_value(admin: Client, form: CustomForm, alice: Member) -> None:
    design = shown(admin, form)["design"]
    design["groups"][0]["fields"][0]["field_type"] = "text_area"
    assert save(admin, form, design).status_code == 200
    make_entity(form, alice, title="一")
    design["groups"][0]["fields"][0]["field_type"] = "text_field"
    assert faults(save(admin, form, design)) == {"groups[0].fields[0].field_type": "in_use"}


def test_a_field_that_records_hold_is_not_removed(admin: Client, form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, title="一")
    design = shown(admin, form)["design"]
    del design["groups"][0]["fields"][0]
    response = save(admin, form, design | {"primary_field": None})
    assert faults(response) == {"removed[title].id": "in_use"}
    assert response.json()["faults"][0]["label"] == "label of title"


def test_a_choice_that_becomes_text_loses_its_options(admin: Client, form: CustomForm) -> None:
    design = shown(admin, form)["design"]
    design["groups"][0]["fields"][1] |= {"field_type": "text_field", "options": []}
    found = save(admin, form, design).json()["design"]
    assert found["groups"][0]["fields"][1]["options"] == []


def test_two_who_save_at_once_lose_nothing_silently(admin: Client, form: CustomForm) -> None:
    first = shown(admin, form)
    second = copy.deepcopy(first)
    first["design"]["name"] = "甲"
    assert save(admin, form, first["design"], first["base"]).status_code == 200
    second["design"]["name"] = "乙"
    assert faults(save(admin, form, second["design"], second["base"]), 409) == {"base": "changed_meanwhile"}
    form.refresh_from_db()
    assert form.name == "甲"


@pytest.mark.django_db(transaction=True)
def test_an_index_that_gets_ready_is_nobodys_change(admin: Client, form: CustomForm) -> None:
    design = shown(admin, form)["design"]
    field = design["groups"][0]["fields"][0]
    field["setting"] = {"unique": True}
    answer = save(admin, form, design).json()
    version = CustomForm.objects.get(pk=form.pk).definition_version
    building.build(form_id=form.pk, field_id=field["id"], kind=building.UNIQUE)
    assert CustomForm.objects.get(pk=form.pk).definition_version != version
    assert save(admin, form, answer["design"], answer["base"]).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"design": {}}',
        b'{"design": {"groups": {}, "tabs": []}, "base": ""}',
        b'{"design": {"groups": [1], "tabs": []}, "base": ""}',
        b'{"design": {"groups": [{"fields": [{"setting": []}]}], "tabs": [], "base": ""}}',
        b'{"design": {"groups": [{"fields": [{"options": [1]}]}], "tabs": []}, "base": ""}',
        b'{"design": {"groups": [], "tabs": []}, "base": null}',
        b'{"design": {"groups": [{"id": []}], "tabs": []}, "base": ""}',
        b'{"design": {"groups": [{"fields": [{"id": {}}]}], "tabs": []}, "base": ""}',
        b'{"design": {"groups": [{"fields": [{"options": [{"value": []}]}]}], "tabs": []}, "base": ""}',
        b'{"design": {"groups": [], "tabs": [], "primary_field": []}, "base": ""}',
    ],
)
def test_what_is_no_design_is_refused(admin: Client, form: CustomForm, body: bytes) -> None:
    response = admin.post(url(form), body, content_type="application/json")
    assert faults(response) == {"": "unreadable"}


def test_a_save_needs_the_token_against_forgery(boss: Any, form: CustomForm) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    assert save(client, form, {}).status_code == 403


def test_a_default_with_a_fraction_is_kept_and_used(
    admin: Client, form: CustomForm, alice: Member, custom_app: CustomApp
) -> None:
    design = shown(admin, form)["design"]
    design["groups"][0]["fields"][2]["setting"] = {"default": "1.5"}
    assert save(admin, form, design).status_code == 200
    record = make_entity(form, alice, title="x")
    content = admin.get(url(form, "record", record)).content.decode()
    assert "<dd>1.5\n" in content


def test_a_removed_tab_is_gone(admin: Client, form: CustomForm) -> None:
    FormTab.objects.create(custom_form=form, name="old", label="旧")
    design = shown(admin, form)["design"]
    assert save(admin, form, design | {"tabs": []}).status_code == 200
    assert not form.tabs.exists()


def test_values_that_are_there_twice_are_told_of_a_field_made_unique(
    admin: Client, form: CustomForm, alice: Member
) -> None:
    ids = [make_entity(form, alice, title="甲公司") for _n in range(2)]
    state = shown(admin, form)
    assert state["shared"] == {}
    (field,) = (f for group in state["design"]["groups"] for f in group["fields"] if f["name"] == "title")
    field["setting"]["unique"] = True
    response = save(admin, form, state["design"])
    assert response.json()["shared"] == {"title": f"记录的值重复：{ids[0]}, {ids[1]}"}
