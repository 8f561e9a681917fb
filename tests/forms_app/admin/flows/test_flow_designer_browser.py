"""The flow designer by hand: a browser clicks, types and draws lines."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from forms_app.flows.publishing import flow_publish, flow_save
from forms_app.models import Flow
from tests.forms_app.admin.flows.flow_definitions import approval, component

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def open_designer(page: Page, flow: Flow) -> None:
    page.goto(reverse("admin:forms_app_flow_design", args=[flow.pk]))
    page.wait_for_selector("#designer[data-ready=true]")


def press(page: Page, name: str) -> int:
    """Click on save, check, publish or unpublish; the status of the last answer."""
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.click(f"[data-slot={name}]")
    return answer.value.status


def called(page: Page, name: str) -> Locator:
    """The component of this name in the diagram."""
    return page.locator(f"[data-slot=diagram] .fl-node[aria-label$='· {name}']")


def setting(page: Page, name: str) -> Locator:
    return page.locator(f"#designer [data-setting={name}]")


def add(page: Page, anchor: Locator, type: str, name: str) -> None:
    """Insert a component by a "+" of the diagram, and name it."""
    anchor.click()
    page.click(f".fl-menu [data-add={type}]")
    setting(page, "name").fill(name)


def draw(page: Page, source: Locator, target: Locator) -> None:
    """Draw a line with the mouse, from a component's "+" to another component."""
    source.locator(".fl-port").hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()


def ways(flow: Flow) -> list[tuple[str, str, str]]:
    """The lines of the draft by names: (from, to, rule)."""
    flow.refresh_from_db()
    names = {one["id"]: one["name"] for one in flow.draft["components"]}
    told = [(one, "otherwise" if one.get("default") else one.get("rule", "")) for one in flow.draft["lines"]]
    return sorted((names[one["source"]], names[one["target"]], rule) for one, rule in told)


def test_a_flow_is_designed_from_nothing_and_published(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": {"components": [component("start", "start", "开始")], "lines": []}})
    open_designer(page, flow)
    # By the "+" of components: what comes next.
    add(page, called(page, "开始").locator(".fl-port"), "human_input", "主管审批")
    add(page, called(page, "主管审批").locator(".fl-port"), "end", "结束")
    # By the "+" of a line, and by the palette behind what is selected.
    add(page, page.locator("[data-insert='1']"), "condition", "金额判断")
    called(page, "主管审批").click()
    page.click("[data-type=parallel]")
    setting(page, "name").fill("会签")
    # The condition gets a branch that sets a field; a second rule leads back, drawn with the mouse.
    add(page, called(page, "金额判断").locator(".fl-port"), "set_field", "写结果")
    page.click("[data-do=add-assignment]")
    setting(page, "assigned").select_option("title")
    setting(page, "mode").select_option("value")
    setting(page, "value").fill("大额")
    draw(page, called(page, "金额判断"), called(page, "主管审批"))
    expect(page.locator(".fl-rule")).to_have_count(2)
    setting(page, "match").select_option("first")
    rules = page.locator(".fl-rule [data-setting=rule]")
    rules.nth(0).fill("{label of amount} > 1000")
    rules.nth(1).fill('{label of title} = "退回"')
    page.locator(".fl-rule [data-do=check-formula]").nth(0).click()
    expect(page.locator(".fl-rule .fd-good")).to_have_count(1)
    expect(page.locator(".fl-label text")).to_contain_text(["label of amount > 1000"])
    # Who may push, which fields are shown, a quick action.
    called(page, "主管审批").click()
    setting(page, "member").fill("2")
    page.click("[data-person='2']")
    expect(page.locator(".fl-everyone")).to_have_count(0)
    page.click("[data-part=form_view] summary")
    setting(page, "fields").locator("input").uncheck()
    page.locator("[data-field=title]").select_option("required")
    page.locator("[data-field=papers]").select_option("hidden")
    page.click("[data-part=quick_actions] summary")
    page.click("[data-do=add-action]")
    setting(page, "action").fill("同意")

    assert press(page, "check") == 200
    expect(page.locator(".fd-faults")).to_be_hidden()
    with page.expect_response(lambda response: response.url.endswith("/publish/")) as answer:
        page.click("[data-slot=publish]")
    assert answer.value.status == 200
    expect(page.locator("[data-slot=version]")).to_have_attribute("data-published", "true")

    assert ways(flow) == sorted(
        [
            ("开始", "主管审批", ""),
            ("主管审批", "会签", ""),
            ("会签", "Human input", ""),
            ("会签", "Human input 2", ""),
            ("Human input", "Collection", ""),
            ("Human input 2", "Collection", ""),
            ("Collection", "金额判断", ""),
            ("金额判断", "结束", "otherwise"),
            ("金额判断", "写结果", "{amount} > 1000"),
            ("金额判断", "主管审批", '{title} = "退回"'),
            ("写结果", "结束", ""),
        ]
    )
    assert flow.published is not None and flow.published.definition == flow.draft
    parts: dict[str, Any] = {one["name"]: one for one in flow.draft["components"]}
    stage = parts["主管审批"]
    assert stage["assignees"] == {"members": [2], "departments": [], "fields": [], "creator": False}
    assert stage["actions"] == [{"name": "同意", "values": []}]
    shown = {one["name"]: one for one in stage["fields"]}
    assert shown["title"] == {"name": "title", "access": "write", "required": True}
    assert shown["total"]["access"] == "read" and "papers" not in shown
    assert parts["写结果"]["values"] == [{"target": "title", "value": "大额"}]
    assert parts["金额判断"]["match"] == "first"


def test_a_deleted_component_leaves_its_neighbours_joined(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": approval()})
    open_designer(page, flow)
    called(page, "财务").focus()
    page.keyboard.press("Delete")
    expect(called(page, "财务")).to_have_count(0)
    called(page, "会签").click()
    page.click("[data-do=remove]")
    assert press(page, "save") == 200
    # The parallel led to two places: nobody knows which of them the start should lead to.
    assert ways(flow) == [("汇集", "金额判断", ""), ("法务", "汇集", ""), ("金额判断", "结束", "otherwise")]


def test_components_are_dragged_from_the_palette_and_lines_chosen_by_keyboard(page: Page, flow: Flow) -> None:
    open_designer(page, flow)
    page.drag_and_drop("[data-type=set_field]", "[data-insert='1']")
    setting(page, "name").fill("写结果")
    page.drag_and_drop("[data-type=human_input]", "[data-component=start] .fl-shape")
    setting(page, "name").fill("主管")
    called(page, "写结果").locator(".fl-port").press("Enter")
    expect(page.locator(".fl-menu [data-add=human_input]")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(page.locator(".fl-menu")).to_have_count(0)
    called(page, "写结果").press("Enter")
    setting(page, "next").select_option("stage")
    assert press(page, "save") == 200
    stage = flow.draft["components"][1]["name"]
    start = flow.draft["components"][0]["name"]
    assert ways(flow) == sorted(
        [(start, "主管", ""), ("主管", stage, ""), (stage, "写结果", ""), ("写结果", stage, "")]
    )


def test_faults_are_listed_and_marked_at_their_components(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": approval()})
    open_designer(page, flow)
    called(page, "法务").click()
    setting(page, "name").fill("财务")
    called(page, "金额判断").click()
    page.locator(".fl-rule [data-setting=rule]").fill("")
    assert press(page, "check") == 200
    expect(page.locator(".fd-faults li")).to_have_count(3)
    expect(page.locator(".fl-node.fl-wrong")).to_have_count(3)
    page.locator(".fd-faults li button").first.click()
    expect(page.locator(".fd-panel .fd-row.fd-wrong [data-setting=name]")).to_have_value("财务")
    expect(page.locator(".fl-node.fl-selected")).to_have_attribute("data-component", "money")
    with page.expect_response(lambda response: response.url.endswith("/publish/")) as answer:
        page.click("[data-slot=publish]")
    assert answer.value.status == 400
    flow.refresh_from_db()
    assert flow.published is None


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(page: Page, flow: Flow) -> None:
    open_designer(page, flow)
    flow_save(flow=flow, design={"name": "别人"})
    page.click("[data-view=settings]")
    setting(page, "flow_name").fill("我的")
    assert press(page, "save") == 409
    expect(page.locator(".fd-faults li")).to_have_count(2)
    expect(setting(page, "flow_name")).to_have_value("我的")


def test_a_version_is_shown_as_it_was_published(page: Page, flow: Flow) -> None:
    flow_publish(flow=flow)
    flow_save(flow=flow, design={"definition": approval()})
    open_designer(page, flow)
    expect(page.locator("[data-slot=diagram] .fl-node")).to_have_count(7)
    page.click("[data-view=versions]")
    page.click("[data-version='1'] button")
    expect(page.locator(".fl-version .fl-node")).to_have_count(3)
    page.on("dialog", lambda dialog: dialog.accept())
    assert press(page, "unpublish") == 200
    expect(page.locator("[data-slot=version]")).to_have_attribute("data-published", "false")


def test_names_are_text_in_the_diagram_and_the_panel(page: Page, flow: Flow) -> None:
    definition = approval()
    definition["components"][2]["name"] = "<img src=x onerror=\"document.title='!'\">"
    flow_save(flow=flow, design={"definition": definition})
    open_designer(page, flow)
    page.locator("[data-component=money]").click()
    expect(setting(page, "name")).to_have_value(definition["components"][2]["name"])
    assert page.locator("#designer img").count() == 0
    assert page.title() != "!"
