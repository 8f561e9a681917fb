"""The designers for people who see little or use the keyboard: nothing serious for axe in each state of the pages,
light and dark, on a screen and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from forms_app.flows.publishing import flow_publish, flow_save
from forms_app.models import CustomForm, Flow, Member
from tests.forms_app.admin.flows.flow_definitions import approval
from tests.forms_app.admin.flows.flow_hands import called, open_designer, port, setting
from tests.forms_app.admin.people.test_people_browser import PHONE, looked_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def states(page: Page, *steps: Callable[[], object]) -> list[str]:
    """What is wrong with the page as it is, and after each step."""
    wrong = looked_at(page)
    for step in steps:
        step()
        wrong += looked_at(page)
    return wrong


def test_axe_finds_nothing_serious_in_the_flow_designer(page: Page, flow: Flow, alice: Member) -> None:
    definition = approval()
    definition["components"][2]["assignees"] = {"members": [alice.uid], "departments": [1], "fields": ["people"]}
    definition["components"][2]["validation"] = {"formula": "{amount} > 0", "message": "x"}
    flow_save(flow=flow, design={"definition": definition})
    flow_publish(flow=flow)
    definition["components"][3]["name"] = "财务"
    flow_save(flow=flow, design={"definition": definition})
    open_designer(page, flow)

    def condition() -> None:
        called(page, "金额判断").click()
        page.click("[data-do=add-rule]")
        page.click("[data-do=add-clause]")
        page.locator("[data-setting=clause-field]").nth(1).select_option("people")
        page.locator(".fl-rule").nth(1).locator("[data-do=to-formula]").click()

    def stage() -> None:
        page.locator("[data-component=money]").click()
        for part in ("form_view", "quick_actions"):
            page.click(f"[data-part={part}] summary")
        setting(page, "fields").locator("input").uncheck()
        page.click("[data-do=add-action]")

    def people_found() -> None:
        setting(page, "member").first.fill("2")
        page.wait_for_selector("[data-person='2']")

    def set_field() -> None:
        page.click("[data-type=set_field]")
        page.click("[data-do=add-assignment]")

    def menu() -> None:
        port(page, "汇集").press("Enter")

    def start() -> None:
        page.keyboard.press("Escape")
        page.locator("[data-component=start]").click()
        page.locator("[data-part=variables] summary").click()
        page.click("[data-do=add-variable]")

    def checked() -> None:
        page.click("[data-slot=check]")
        page.wait_for_selector(".fd-faults li")

    def settings() -> None:
        page.click("[data-view=settings]")

    def versions() -> None:
        page.click("[data-view=versions]")
        page.click("[data-version='1'] button")

    steps = (condition, stage, people_found, set_field, menu, start, checked, settings, versions)
    wrong = states(page, *steps)
    assert not wrong, "\n".join(wrong)


def test_nor_in_the_form_designer(page: Page, form: CustomForm) -> None:
    page.goto(reverse("admin:forms_app_customform_design", args=[form.pk]))
    page.wait_for_selector("#designer[data-ready=true]")

    def chosen(label: str) -> Callable[[], None]:
        return lambda: page.locator(f".fd-field:has-text('{label}') .fd-choose").click()

    def group() -> None:
        page.click("[data-do=add-group]")

    def refused() -> None:
        page.click("[data-type=select_field]")
        page.click("[data-type=relation_field]")
        setting(page, "label").fill("")
        page.click("[data-slot=save]")
        page.wait_for_selector(".fd-faults li")

    def tabs() -> None:
        page.click("[data-view=tabs]")
        page.click("[data-do=add-tab]")
        page.click("[data-do=add-filter]")
        page.click("[data-do=add-sort]")

    def choice_filter() -> None:
        page.locator(".fd-filter select").first.select_option("source")

    def settings() -> None:
        page.click("[data-view=form]")

    steps = (chosen("title"), chosen("source"), chosen("people"), chosen("total"), group, refused)
    wrong = states(page, *steps, tabs, choice_filter, settings)
    assert not wrong, "\n".join(wrong)


def test_nor_in_their_sheets_on_a_phone(page: Page, flow: Flow, form: CustomForm) -> None:
    for address in (
        reverse("admin:forms_app_customform_design", args=[form.pk]),
        reverse("admin:forms_app_flow_design", args=[flow.pk]),
    ):
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.goto(address)
        page.wait_for_selector("#designer[data-ready=true]")
        page.click("[data-do=open-palette]")
        wrong = looked_at(page)
        assert not wrong, "\n".join(wrong)


def test_the_diagram_is_gone_through_and_edited_by_the_keyboard(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": approval()})
    open_designer(page, flow)
    page.locator("[data-component=start]").focus()
    page.keyboard.press("Tab")
    expect(port(page, "开始")).to_be_focused()
    page.keyboard.press("Tab")
    expect(called(page, "会签")).to_be_focused()
    page.keyboard.press("Enter")
    expect(setting(page, "name")).to_have_value("会签")
    expect(called(page, "会签")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(port(page, "会签")).to_be_focused()
    called(page, "法务").focus()
    page.keyboard.press("Delete")
    expect(page.locator("[data-slot=diagram]")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(called(page, "法务")).to_have_count(1)
