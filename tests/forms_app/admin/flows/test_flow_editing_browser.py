"""Editing a flow by hand: what is dropped, moved, deleted, taken back and done again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from forms_app.flows.publishing import flow_faults, flow_save
from forms_app.models import Flow
from tests.forms_app.admin.flows.flow_definitions import approval, component, line
from tests.forms_app.admin.flows.flow_hands import called, open_designer, port, press, setting, ways

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def middle(page: Page, place: int) -> tuple[float, float]:
    """The middle of a line, on the screen."""
    point = page.evaluate(
        """place => {
            const path = document.querySelector(`[data-line="${place}"] .fl-way`);
            const at = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
            return [at.x, at.y];
        }""",
        place,
    )
    return point[0], point[1]


def drop(page: Page, kind: str, at: tuple[float, float]) -> None:
    """Drag a component from the palette to a place on the screen."""
    page.locator(f"[data-type={kind}]").hover()
    page.mouse.down()
    page.mouse.move(*at, steps=6)
    page.mouse.move(*at)
    page.mouse.up()


def parallel_of(*branches: list[str]) -> dict[str, object]:
    """A flow of a parallel with these branches, collected."""
    ids = {name: f"n{place}" for place, name in enumerate(name for branch in branches for name in branch)}
    components = [component("start", "start", "开始"), component("both", "parallel", "会签")]
    components += [component(key, "human_input", name) for name, key in ids.items()]
    components += [component("met", "collection", "汇集"), component("end", "end", "结束")]
    lines = [line("start", "both"), line("met", "end")]
    for branch in branches:
        lines += [line(*pair) for pair in pairwise(["both", *(ids[name] for name in branch), "met"])]
    return {"components": components, "lines": lines}


def test_what_is_dropped_on_a_line_or_near_it_comes_between_the_two(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": approval()})
    open_designer(page, flow)
    x, y = middle(page, 5)  # 汇集 → 金额判断
    drop(page, "set_field", (x, y))
    setting(page, "name").fill("记录")
    x, y = middle(page, 0)  # 开始 → 会签: beside the line
    drop(page, "human_input", (x + 25, y))
    setting(page, "name").fill("主管")
    x, y = middle(page, 1)  # a branch of the parallel, on which 主管 stands no more
    drop(page, "condition", middle(page, 2))
    assert press(page, "save") == 200
    found = ways(flow)
    assert {("汇集", "记录", ""), ("记录", "金额判断", ""), ("开始", "主管", ""), ("主管", "会签", "")} <= set(found)
    [new] = [one for one in flow.draft["components"] if one["type"] == "condition" and one["id"] != "large"]
    assert new["match"] == "first"
    before, after = [way for way in found if new["name"] in way[:2]]
    assert {before[0], after[0], before[1], after[1]} >= {"会签", new["name"]}


def test_a_component_is_moved_into_another_line_with_the_mouse(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": parallel_of(["财务", "出纳"], ["法务"])})
    open_designer(page, flow)
    called(page, "出纳").hover()
    page.mouse.down()
    page.mouse.move(*middle(page, 1), steps=8)  # 汇集 → 结束
    page.mouse.up()
    assert press(page, "save") == 200
    assert ways(flow) == sorted(
        [
            ("开始", "会签", ""),
            ("会签", "财务", ""),
            ("会签", "法务", ""),
            ("财务", "汇集", ""),
            ("法务", "汇集", ""),
            ("汇集", "出纳", ""),
            ("出纳", "结束", ""),
        ]
    )


@pytest.mark.parametrize("key", ["Delete", "Backspace"])
def test_a_key_deletes_what_is_selected_and_undo_brings_it_back(page: Page, flow: Flow, key: str) -> None:
    flow_save(flow=flow, design={"definition": parallel_of(["财务"], ["法务"], ["税务"])})
    open_designer(page, flow)
    called(page, "法务").click()
    page.keyboard.press(key)
    expect(called(page, "法务")).to_have_count(0)
    # No branch is left that leads past everybody.
    expect(page.locator(".fl-line[data-line]")).to_have_count(6)
    assert press(page, "save") == 200
    assert ("会签", "汇集", "") not in ways(flow)
    assert flow_faults(flow=flow, definition=flow.draft) == []
    page.keyboard.press("Control+z")
    expect(called(page, "法务")).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    expect(called(page, "法务")).to_have_count(0)
    page.click("[data-do=undo]")
    assert press(page, "save") == 200
    assert flow.draft != parallel_of(["财务"], ["法务"], ["税务"])
    flow.refresh_from_db()
    assert flow.draft == parallel_of(["财务"], ["法务"], ["税务"])


def test_a_key_in_a_text_box_deletes_a_letter_and_no_component(page: Page, flow: Flow) -> None:
    open_designer(page, flow)
    page.locator("[data-component=stage]").click()
    setting(page, "name").fill("审批")
    setting(page, "name").press("Backspace")
    expect(setting(page, "name")).to_have_value("审")
    page.locator("[data-component=start]").click()
    page.keyboard.press("Delete")
    expect(page.locator(".fl-node")).to_have_count(3)


@pytest.mark.parametrize("gone", ["会签", "汇集", "财务", "法务"])
def test_nothing_is_left_hanging_whatever_of_a_parallel_is_deleted(page: Page, flow: Flow, gone: str) -> None:
    flow_save(flow=flow, design={"definition": parallel_of(["财务", "出纳"], ["法务"], ["税务"])})
    open_designer(page, flow)
    called(page, gone).click()
    page.click("[data-do=remove]")
    assert press(page, "save") == 200
    flow.refresh_from_db()
    assert flow_faults(flow=flow, definition=flow.draft) == []
    kept = {one["name"] for one in flow.draft["components"]}
    assert kept >= {"开始", "财务", "出纳", "法务", "税务", "结束"} - {gone}


def test_a_branch_goes_with_its_line_and_the_last_one_takes_the_parallel_along(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": parallel_of(["财务", "出纳"], ["法务"])})
    open_designer(page, flow)
    called(page, "会签").click()
    page.locator(".fl-line-row .fd-icon").first.click()
    expect(page.locator(".fl-node")).to_have_count(5)
    called(page, "法务").click()
    page.keyboard.press("Delete")
    assert press(page, "save") == 200
    assert ways(flow) == [("开始", "结束", "")]


def test_a_condition_takes_along_what_only_its_rules_led_to(page: Page, flow: Flow) -> None:
    definition = {
        "components": [
            component("start", "start", "开始"),
            component("large", "condition", "大额", match="last"),
            component("boss", "human_input", "老板"),
            component("chair", "human_input", "董事"),
            component("end", "end", "结束"),
        ],
        "lines": [
            line("start", "large"),
            line("large", "boss", rule="{amount} > 1"),
            line("boss", "chair"),
            line("chair", "end"),
            line("large", "end", default=True),
        ],
    }
    flow_save(flow=flow, design={"definition": definition})
    open_designer(page, flow)
    called(page, "大额").click()
    page.keyboard.press("Delete")
    expect(page.locator("[data-slot=state]")).to_contain_text("2")
    expect(page.locator(".fl-node")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator(".fl-node")).to_have_count(5)
    called(page, "大额").click()
    expect(setting(page, "match")).to_have_value("last")  # as it was kept


def test_steps_are_taken_back_one_by_one_and_done_again(page: Page, flow: Flow) -> None:
    open_designer(page, flow)
    undo, redo = page.locator("[data-do=undo]"), page.locator("[data-do=redo]")
    expect(undo).to_be_disabled()
    port(page, flow.draft["components"][1]["name"]).click()
    page.click(".fl-menu [data-add=set_field]")
    setting(page, "name").fill("记")
    setting(page, "name").type("录")
    page.click("[data-do=add-assignment]")
    expect(page.locator("[data-slot=state]")).to_have_attribute("data-dirty", "true")
    undo.click()  # the assignment
    expect(page.locator(".fl-box")).to_have_count(0)
    expect(called(page, "记录")).to_have_count(1)
    undo.click()  # the name, typed in one go
    expect(called(page, "记录")).to_have_count(0)
    expect(page.locator(".fl-node")).to_have_count(4)
    undo.click()  # the component
    expect(page.locator(".fl-node")).to_have_count(3)
    expect(undo).to_be_disabled()
    expect(page.locator("[data-slot=state]")).to_have_attribute("data-dirty", "false")
    for _step in range(3):
        redo.click()
    expect(redo).to_be_disabled()
    expect(page.locator(".fl-box")).to_have_count(0 if page.locator(".fl-selected").count() == 0 else 1)
    assert press(page, "save") == 200
    flow.refresh_from_db()
    [made] = [one for one in flow.draft["components"] if one["type"] == "set_field"]
    assert (made["name"], len(made["values"])) == ("记录", 1)


def test_a_proposed_path_is_taken_by_a_click(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"name": "Leave request 2", "api_path": "x"})
    open_designer(page, flow)
    page.click("[data-view=settings]")
    page.click("[data-do=propose-path]")
    expect(setting(page, "api_path")).to_have_value("leave-request-2")
    assert press(page, "save") == 200
    flow.refresh_from_db()
    assert flow.api_path == "leave-request-2"
