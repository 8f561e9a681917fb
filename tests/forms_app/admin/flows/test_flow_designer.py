"""The flow designer's page and its save: nothing half done, nobody's work overwritten."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.flows.publishing import flow_publish, flow_save
from forms_app.models import Flow
from tests.forms_app.admin.flows.flow_definitions import approval, component, line
from tests.forms_app.admin.flows.flow_pages import faults, post, shown, url


def test_the_page_knows_form_people_and_words(admin: Client, flow: Flow) -> None:
    definition = copy.deepcopy(flow.draft)
    definition["components"][1]["assignees"] = {"members": [1], "departments": [3]}
    flow_save(flow=flow, design={"definition": definition})
    data = shown(admin, flow)
    fields = {field["name"]: field for field in data["fields"]}
    assert fields["total"]["writable"] is False
    assert fields["people"]["people"] is True
    assert {inner["name"] for inner in fields["leader"]["inner"]} >= {"title", "amount"}
    options = [(option["label"], option["enabled"]) for option in fields["source"]["options"]]
    assert options == [("官网", True), ("展会", True), ("黄页", False)]
    assert fields["title"]["group"]
    assert data["people"]["member"].keys() == {"1"} and data["people"]["department"].keys() == {"3"}
    assert data["status"] == {"published": None, "changed": True, "path_fixed": False, "versions": []}
    assert set(data["words"]["types"]) == set(data["words"]["hints"])


def test_the_page_takes_as_many_statements_for_a_large_flow(admin: Client, flow: Flow) -> None:
    counts = []
    for number in (1, 40):
        stages = [component(f"s{place}", "human_input", assignees={"members": [1]}) for place in range(number)]
        ids = ["start", *(stage["id"] for stage in stages), "end"]
        lines = [line(*pair) for pair in pairwise(ids)]
        definition = {"components": [component("start", "start"), *stages, component("end", "end")], "lines": lines}
        flow_save(flow=flow, design={"definition": definition})
        flow_publish(flow=flow)
        with CaptureQueriesContext(connection) as found:
            shown(admin, flow)
        counts.append(len(found))
    assert counts[0] == counts[1] <= 25


def test_names_can_not_break_out_of_the_page(admin: Client, flow: Flow) -> None:
    attack = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    definition = copy.deepcopy(flow.draft)
    definition["components"][1]["name"] = attack
    flow_save(flow=flow, design={"name": attack, "definition": definition})
    flow.custom_form.name = attack
    flow.custom_form.save()
    for address in (url(flow), reverse("admin:forms_app_flow_changelist")):
        content = admin.get(address).content.decode()
        assert "alert(1)" in content
        assert "<script>alert" not in content and "<img src=x" not in content


def test_a_design_goes_the_whole_way(admin: Client, flow: Flow) -> None:
    data = shown(admin, flow)
    design = {**data["design"], "name": "出差", "attachments": True, "definition": approval()}
    response = post(admin, flow, "design", {"design": design, "base": data["base"]})
    assert response.status_code == 200, response.content
    assert response.json()["design"] == design
    flow.refresh_from_db()
    assert (flow.name, flow.attachments, flow.draft) == ("出差", True, approval())


def test_an_unfinished_draft_is_saved(admin: Client, flow: Flow) -> None:
    data = shown(admin, flow)
    definition = {"components": [component("start", "start"), component("c1", "condition")], "lines": []}
    response = post(
        admin, flow, "design", {"design": {**data["design"], "definition": definition}, "base": data["base"]}
    )
    assert response.status_code == 200, response.content


def test_each_fault_names_its_place_and_nothing_is_saved(admin: Client, flow: Flow) -> None:
    data = shown(admin, flow)
    definition = copy.deepcopy(flow.draft)
    definition["components"][1]["assignees"] = {"members": ["one"]}
    design = {**data["design"], "name": " ", "api_path": "Ü", "definition": definition}
    response = post(admin, flow, "design", {"design": design, "base": data["base"]})
    assert faults(response) == {"name": "required", "api_path": "wrong_api_path", "stage": "unreadable"}
    assert shown(admin, flow)["design"] == data["design"]


def test_two_who_save_at_once_lose_nothing_silently(admin: Client, flow: Flow) -> None:
    first, second = shown(admin, flow), shown(admin, flow)
    saved = post(admin, flow, "design", {"design": {**first["design"], "name": "甲"}, "base": first["base"]})
    assert saved.status_code == 200
    late = post(admin, flow, "design", {"design": {**second["design"], "name": "乙"}, "base": second["base"]})
    assert faults(late, 409) == {"base": "changed_meanwhile"}
    assert faults(post(admin, flow, "publish", {"base": second["base"]}), 409) == {"base": "changed_meanwhile"}
    flow.refresh_from_db()
    assert (flow.name, flow.published) == ("甲", None)


@pytest.mark.parametrize("page", ["design", "check", "formula", "publish"])
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff", b'{"design": {}, "base": ""}', b'{"design": {"definition": []}, "formula": []}'],
)
def test_what_is_no_design_is_refused(admin: Client, flow: Flow, page: str, body: bytes) -> None:
    response = admin.post(url(flow, page), body, content_type="application/json")
    assert response.status_code in (400, 409)
    assert response.json()["faults"]
    flow.refresh_from_db()
    assert flow.published is None


def test_a_save_needs_the_token_against_forgery(boss: Any, flow: Flow) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    for page in ("design", "publish", "unpublish"):
        assert post(client, flow, page, {}).status_code == 403
