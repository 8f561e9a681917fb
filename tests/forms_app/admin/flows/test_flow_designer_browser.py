"""The flow designer by hand: a browser clicks, types and draws lines."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forms_app.flows.publishing import flow_publish, flow_save
from forms_app.models import Flow
from tests.forms_app.admin.flows.flow_definitions import approval, component
from tests.forms_app.admin.flows.flow_hands import add, called, draw, open_designer, port, press, setting, ways

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_flow_is_designed_from_nothing_and_published(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": {"components": [component("start", "start", "开始")], "lines": []}})
    open_designer(page, flow)
    # By the "+" of components: what comes next.
    add(page, port(page, "开始"), "human_input", "主管审批")
    add(page, port(page, "主管审批"), "end", "结束")
    # By the "+" of a line, and by the palette behind what is selected.
    add(page, page.locator("[data-insert='1']"), "condition", "金额判断")
    called(page, "主管审批").click()
    page.click("[data-type=parallel]")
    setting(page, "name").fill("会签")
    # The condition gets a branch that sets a field; a second rule leads back, drawn with the mouse.
    add(page, port(page, "金额判断"), "set_field", "写结果")
    page.click("[data-do=add-assignment]")
    setting(page, "assigned").select_option("title")
    setting(page, "mode").select_option("value")
    setting(page, "value").fill("大额")
    draw(page, port(page, "金额判断"), called(page, "主管审批"))
    expect(page.locator(".fl-rule")).to_have_count(2)
    # One rule is written, the other clicked together.
    first, second = page.locator(".fl-rule").nth(0), page.locator(".fl-rule").nth(1)
    first.locator("[data-do=to-formula]").click()
    first.locator("[data-setting=rule]").fill("{label of amount} * 2 > 9")
    first.locator("[data-do=check-formula]").click()
    expect(page.locator(".fl-rule .fd-good")).to_have_count(1)
    second.locator("[data-setting=clause-field]").select_option("title")
    second.locator("[data-setting=clause-value]").fill("退回")
    expect(page.locator(".fl-label text")).to_contain_text(
        ["otherwise", "label of amount * 2 > 9", "label of title = 退回"]
    )
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
    assert press(page, "publish") == 200
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
            ("金额判断", "写结果", "{amount} * 2 > 9"),
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
    assert ways(flow) == sorted(
        [
            ("开始", "法务", ""),
            ("法务", "金额判断", ""),
            ("金额判断", "法务", "{amount} > 1000"),
            ("金额判断", "结束", "otherwise"),
        ]
    )


def test_components_are_dragged_from_the_palette_and_lines_chosen_by_keyboard(page: Page, flow: Flow) -> None:
    open_designer(page, flow)
    page.drag_and_drop("[data-type=set_field]", "[data-insert='1']")
    setting(page, "name").fill("写结果")
    page.drag_and_drop("[data-type=human_input]", "[data-component=start] .fl-shape")
    setting(page, "name").fill("主管")
    port(page, "写结果").press("Enter")
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
    page.locator(".fl-clause .fd-icon").click()
    assert press(page, "check") == 200
    expect(page.locator(".fd-faults li")).to_have_count(3)
    expect(page.locator(".fl-node.fl-wrong")).to_have_count(3)
    page.locator(".fd-faults li button").first.click()
    expect(page.locator(".fd-panel .fd-row.fd-wrong [data-setting=name]")).to_have_value("财务")
    expect(page.locator(".fl-node.fl-selected")).to_have_attribute("data-component", "money")
    assert press(page, "publish") == 400
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
