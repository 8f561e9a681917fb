"""The designers while a save is under way: keys, letters and drags do nothing, and no step is lost afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from forms_app.flows.publishing import flow_save
from forms_app.models import CustomForm, Flow
from tests.forms_app.admin.flows import flow_hands
from tests.forms_app.admin.flows.flow_definitions import approval
from tests.forms_app.admin.flows.flow_hands import called, press
from tests.forms_app.admin.forms import test_designer_browser as form_hands
from tests.forms_app.admin.hands import held_back

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KEYS = ("Delete", "Backspace", "Control+z", "Control+s", "Control+y", "Control+Shift+z", "Meta+z", "Control+Z", "x")


@pytest.mark.parametrize("button", ["save", "check"])
def test_no_key_does_anything_to_a_flow_while_the_answer_is_awaited(page: Page, flow: Flow, button: str) -> None:
    flow_save(flow=flow, design={"definition": approval()})
    flow_hands.open_designer(page, flow)
    called(page, "财务").click()
    flow_hands.setting(page, "name").fill("财务部")
    called(page, "法务").click()
    address = "/design/" if button == "save" else "/check/"
    with held_back(page, address, lambda: page.click(f"[data-slot={button}]")):
        for key in KEYS:
            page.keyboard.press(key)
            names = page.locator("[data-slot=diagram] .fl-name").all_text_contents()
            assert sorted(names) == sorted(["开始", "会签", "财务部", "法务", "汇集", "金额判断", "结束"]), key
    expect(page.locator("[data-slot=state]")).to_have_attribute("data-dirty", "false" if button == "save" else "true")
    expect(page.locator("[data-do=redo]")).to_be_disabled()
    # Now they are heard again.
    page.keyboard.press("Control+z")
    expect(called(page, "财务")).to_have_count(1)
    page.keyboard.press("Delete")
    expect(called(page, "法务")).to_have_count(0)
    assert press(page, "save") == 200
    flow.refresh_from_db()
    assert {one["name"] for one in flow.draft["components"]} == {"开始", "会签", "财务", "汇集", "金额判断", "结束"}


def test_nor_to_a_form(page: Page, form: CustomForm) -> None:
    form_hands.open_designer(page, form)
    before = form_hands.labels(page)
    page.locator(".fd-field:has-text('label of title') .fd-choose").click()
    form_hands.setting(page, "label").fill("名称")
    page.locator("[data-type=text_field]").click()
    page.locator(".fd-field").first.click()
    with held_back(page, "/design/", lambda: page.click("[data-slot=save]")):
        stands = form_hands.labels(page)
        assert len(stands[0]) == len(before[0]) + 1
        for key in KEYS:
            page.keyboard.press(key)
            assert form_hands.labels(page) == stands, key
    expect(page.locator("[data-slot=state]")).to_have_attribute("data-dirty", "false")
    expect(page.locator("[data-do=redo]")).to_be_disabled()
    page.keyboard.press("Control+z")
    expect(page.locator(".fd-field")).to_have_count(len(before[0]))
    page.keyboard.press("Control+z")
    assert form_hands.labels(page) == before


def test_what_is_dragged_when_a_save_begins_is_let_go(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": approval()})
    flow_hands.open_designer(page, flow)
    stage = called(page, "法务").bounding_box()
    line = page.locator("[data-insert='0']").bounding_box()
    assert stage and line
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    page.mouse.down()
    page.mouse.move(line["x"] + line["width"] / 2, line["y"] + line["height"] / 2, steps=5)
    expect(page.locator(".fl-ghost")).to_have_count(1)
    with held_back(page, "/design/", lambda: page.keyboard.press("Control+s")):
        expect(page.locator(".fl-ghost")).to_have_count(0)
        page.mouse.up()
        expect(page.locator("[data-slot=state]")).to_have_attribute("data-dirty", "false")
    expect(page.locator("[data-do=undo]")).to_be_disabled()


def test_a_name_that_is_still_typed_is_saved_and_typed_on(page: Page, flow: Flow) -> None:
    flow_hands.open_designer(page, flow)
    page.locator("[data-component=start]").click()
    page.click("[data-part=variables] summary")
    page.click("[data-do=add-variable]")
    flow_hands.setting(page, "variable").fill("sum")
    with held_back(page, "/design/", lambda: page.keyboard.press("Control+s")):
        pass
    expect(flow_hands.setting(page, "variable")).to_have_value("sum")
    flow_hands.setting(page, "name").fill("申")
    with held_back(page, "/design/", lambda: page.keyboard.press("Control+s")):
        page.keyboard.type("lost")
    page.keyboard.type("请")
    assert press(page, "save") == 200
    flow.refresh_from_db()
    start = flow.draft["components"][0]
    assert (start["name"], [one["name"] for one in start["variables"]]) == ("申请", ["sum"])
