"""The designer by hand: a browser clicks, types and drags."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from forms_app.design.forms import form_create
from forms_app.models import CustomApp, CustomForm, Member
from tests.factories import add_field, make_entity
from tests.forms_app.admin.hands import sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return form_create(custom_app=custom_app, name="订单")


def open_designer(page: Page, form: CustomForm) -> None:
    page.goto(reverse("admin:forms_app_customform_design", args=[form.pk]))
    page.wait_for_selector("#designer[data-ready=true]")


def save(page: Page) -> int:
    """Click on save; the answer's status, when the page has taken it."""
    return sent(page, "[data-slot=save]", "/design/").status


def setting(page: Page, name: str) -> Any:
    return page.locator(f".fd-panel [data-setting={name}]")


def labels(page: Page) -> list[list[str]]:
    """The labels of the fields, group by group."""
    groups = page.locator(".fd-group")
    return [groups.nth(n).locator(".fd-field strong").all_inner_texts() for n in range(groups.count())]


def test_a_form_is_designed_by_clicking_and_dragging(page: Page, form: CustomForm) -> None:
    open_designer(page, form)
    page.click("[data-type=text_field]")
    setting(page, "label").fill("客户")
    setting(page, "max_length").fill("20")
    page.click("[data-type=integer_field]")
    setting(page, "label").fill("数量")
    setting(page, "indexed").locator("input").uncheck()

    page.click("[data-do=add-group]")
    setting(page, "label").fill("来源信息")
    page.click("[data-type=select_field]")
    setting(page, "label").fill("来源")
    for label in ("官网", "展会"):
        page.click("[data-do=add-option]")
        page.keyboard.type(label)
    # The second option first, by its button.
    page.locator(".fd-option").nth(1).get_by_role("button").nth(0).click()

    # The number is dragged into the second group, in front of the choice; a date is dragged from the palette.
    page.drag_and_drop(".fd-field:has-text('数量')", ".fd-field:has-text('来源')", target_position={"x": 60, "y": 4})
    page.drag_and_drop("[data-type=date_field]", ".fd-field:has-text('客户')", target_position={"x": 60, "y": 4})
    setting(page, "label").fill("日期")
    # … and moved below it by its button.
    page.locator(".fd-field:has-text('日期') .fd-icon").nth(1).click()
    assert labels(page) == [["客户", "日期"], ["数量", "来源"]]

    assert save(page) == 200
    expect(page.locator("[data-slot=state]")).to_have_attribute("data-dirty", "false")
    page.reload()
    page.wait_for_selector("#designer[data-ready=true]")
    assert labels(page) == [["客户", "日期"], ["数量", "来源"]]
    page.click(".fd-field:has-text('来源')")
    assert [option.input_value() for option in page.locator(".fd-option input").all()] == ["展会", "官网"]
    source = form.custom_fields.get(label="来源")
    expect(setting(page, "number")).to_have_value(f"FORMITM_{source.number}")
    assert list(form.custom_fields.filter(indexed=False).values_list("label", flat=True)) == ["数量"]
    form.refresh_from_db()
    primary = form.primary_field
    assert primary is not None
    assert (primary.label, primary.setting["max_length"]) == ("客户", 20)


def test_a_refusal_shows_each_fault_and_loses_nothing(page: Page, form: CustomForm) -> None:
    open_designer(page, form)
    page.click("[data-type=text_field]")
    setting(page, "label").fill("")
    page.click("[data-type=formula_field]")
    setting(page, "label").fill("合计")
    setting(page, "formula").fill("1 + {没有}")
    page.click("[data-view=tabs]")
    page.click("[data-do=add-tab]")
    page.click("[data-do=add-filter]")
    page.locator(".fd-filter select").nth(0).select_option("created_at")
    assert save(page) == 400
    expect(page.locator(".fd-faults li")).to_have_count(3)
    page.locator(".fd-faults li button").nth(1).click()
    expect(setting(page, "formula")).to_have_value("1 + {没有}")
    expect(page.locator(".fd-panel .fd-fault")).to_have_count(1)
    expect(page.locator(".fd-canvas .fd-wrong")).to_have_count(2)

    setting(page, "formula").fill("1 + 1")
    page.click("[data-do=check-formula]")
    expect(page.locator(".fd-good")).to_be_visible()
    page.locator(".fd-field").nth(0).click()
    setting(page, "label").fill("名称")
    page.click("[data-view=tabs]")
    page.locator(".fd-filter .fd-icon").click()
    assert save(page) == 200
    expect(page.locator(".fd-faults")).to_be_hidden()
    assert form.tabs.count() == 1


def test_a_field_that_can_not_be_removed_comes_back_by_a_click(page: Page, form: CustomForm, alice: Member) -> None:
    add_field(form, "held", "text_field")
    add_field(form, "other", "text_field")
    make_entity(form, alice, held="x")
    open_designer(page, form)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".fd-field:has-text('held') .fd-icon").last.click()
    assert labels(page) == [["label of other"]]
    assert save(page) == 400
    page.locator(".fd-faults li button").click()
    assert labels(page) == [["label of held", "label of other"]]
    assert save(page) == 200


def test_leaving_with_unsaved_changes_is_asked_about(page: Page, form: CustomForm) -> None:
    open_designer(page, form)
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.click("[data-type=text_field]")
    page.goto(reverse("admin:index"))
    assert asked == ["beforeunload"]


def test_a_field_made_unique_shows_which_records_share_a_value(page: Page, form: CustomForm, alice: Member) -> None:
    add_field(form, "title", "text_field")
    ids = [make_entity(form, alice, title="甲") for _n in range(2)]
    open_designer(page, form)
    page.click("[data-name=title] .fd-choose")
    setting(page, "unique").locator("input").check()
    assert save(page) == 200
    note = page.locator("[data-name=title] .fd-shared")
    expect(note).to_contain_text(f"{ids[0]}, {ids[1]}")
    setting(page, "unique").locator("input").uncheck()
    expect(note).to_have_count(0)
