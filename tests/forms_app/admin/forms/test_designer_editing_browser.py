"""Designing a form by hand: where the focus goes, what is taken back and done again, what a save tells, and a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forms_app.design.forms import form_create
from forms_app.models import CustomApp, CustomForm
from tests.factories import add_field
from tests.forms_app.admin.forms.test_designer_browser import labels, open_designer, save, setting
from tests.forms_app.admin.hands import sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PHONE: Any = {"width": 390, "height": 844}


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return form_create(custom_app=custom_app, name="订单")


def test_what_is_new_has_the_focus_in_its_label(page: Page, form: CustomForm) -> None:
    open_designer(page, form)
    page.click("[data-type=text_field]")
    page.keyboard.type("客户")
    page.drag_and_drop("[data-type=date_field]", ".fd-field", target_position={"x": 60, "y": 4})
    page.keyboard.type("日期")
    page.click("[data-do=add-group]")
    page.keyboard.type("其他")
    page.locator(".fd-field:has-text('客户') .fd-icon").nth(2).click()
    page.keyboard.type("供应商")
    assert labels(page) == [["日期", "客户", "供应商"], []]
    expect(page.locator(".fd-group header .fd-choose").last).to_have_text("其他")


def test_the_focus_stays_at_what_is_moved_by_the_keyboard(page: Page, form: CustomForm) -> None:
    for name in ("a", "b", "c"):
        add_field(form, name, "text_field")
    open_designer(page, form)
    page.locator(".fd-field:has-text('label of a') .fd-icon").nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert labels(page) == [["label of b", "label of c", "label of a"]]


def test_steps_are_taken_back_and_done_again_over_a_save(page: Page, form: CustomForm) -> None:
    add_field(form, "kept", "text_field")
    open_designer(page, form)
    undo, redo = page.locator("[data-do=undo]"), page.locator("[data-do=redo]")
    expect(undo).to_be_disabled()
    page.click("[data-type=text_field]")
    page.keyboard.press("Control+z")  # nothing was typed yet: the field goes
    assert labels(page) == [["label of kept"]]
    expect(page.locator("[data-slot=state]")).to_have_attribute("data-dirty", "false")
    page.keyboard.press("Control+Shift+z")
    page.locator(".fd-field").nth(1).click()
    setting(page, "label").fill("备注")
    setting(page, "max_length").fill("9")
    assert save(page) == 200
    undo.click()
    expect(setting(page, "max_length")).not_to_have_value("9")
    expect(setting(page, "label")).to_have_value("备注")
    undo.click()
    undo.click()
    assert labels(page) == [["label of kept"]]
    assert save(page) == 200
    assert list(form.custom_fields.values_list("name", flat=True)) == ["kept"]
    for _step in range(3):
        redo.click()
    expect(redo).to_be_disabled()
    assert save(page) == 200
    made = form.custom_fields.exclude(name="kept").get()
    assert (made.label, made.setting["max_length"]) == ("备注", 9)


def test_what_was_typed_is_taken_back_letter_by_letter_first(page: Page, form: CustomForm) -> None:
    open_designer(page, form)
    page.click("[data-type=text_field]")
    page.keyboard.type("abc")
    page.keyboard.press("Control+z")
    expect(page.locator(".fd-field")).to_have_count(1)
    expect(setting(page, "label")).not_to_have_value("abc")


def test_a_new_member_field_takes_one_and_an_automatic_number_can_not_be_required(page: Page, form: CustomForm) -> None:
    old = add_field(form, "people", "user_field")
    open_designer(page, form)
    for kind in ("user_field", "department_field"):
        page.click(f"[data-type={kind}]")
        expect(setting(page, "multiple").locator("input")).not_to_be_checked()
        expect(setting(page, "required")).to_have_count(1)
    page.click("[data-type=auto_number_field]")
    expect(setting(page, "required")).to_have_count(0)
    expect(setting(page, "digits")).to_have_count(1)
    assert save(page) == 200
    old.refresh_from_db()
    assert old.setting["multiple"] is True
    new = form.custom_fields.exclude(pk=old.pk)
    assert {field.setting.get("multiple") for field in new.exclude(field_type="auto_number_field")} == {False}


def test_everything_that_is_missing_is_told_at_one_save_by_its_name(page: Page, form: CustomForm) -> None:
    open_designer(page, form)
    page.click("[data-type=select_field]")
    page.click("[data-type=multi_select]")
    setting(page, "label").fill("")
    page.click("[data-do=add-option]")
    setting(page, "max_choices").fill("0")
    page.click("[data-type=relation_field]")
    page.click("[data-type=formula_field]")
    page.click("[data-do=add-group]")
    setting(page, "label").fill("")
    assert save(page) == 400
    told = page.locator(".fd-faults li").all_inner_texts()
    for word in (
        "A choice needs at least one option.",
        "A label is needed.",
        "An option needs a text.",
        "The setting Related form is missing.",
        "The setting Formula is missing.",
        "A title is needed.",
    ):
        assert [text for text in told if word in text], (word, told)
    assert len(told) == 7
    page.locator(".fd-faults li button", has_text="at least one option").click()
    expect(setting(page, "options").locator(".fd-fault")).to_have_count(1)
    page.click("[data-do=add-option]")
    page.keyboard.type("官网")
    expect(page.locator(".fd-option")).to_have_count(1)


def test_a_choice_that_was_saved_without_options_can_be_saved_again(page: Page, form: CustomForm) -> None:
    add_field(form, "source", ("select_field", {}, ()))
    open_designer(page, form)
    page.click(".fd-field")
    setting(page, "label").fill("来源")
    assert save(page) == 200


def test_a_phone_begins_with_the_form_and_adds_by_a_sheet(page: Page, form: CustomForm) -> None:
    add_field(form, "first", "text_field")
    page.set_viewport_size(PHONE)
    open_designer(page, form)
    expect(page.locator("[data-slot=palette]")).to_be_hidden()
    box = page.locator(".fd-field").bounding_box()
    assert box is not None and box["y"] + box["height"] < PHONE["height"]
    page.click("[data-do=open-palette]")
    expect(page.locator("[data-slot=palette] button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-slot=palette]")).to_be_hidden()
    expect(page.locator("[data-do=open-palette]")).to_be_focused()
    page.click("[data-do=open-palette]")
    page.click("[data-type=date_field]")
    expect(page.locator("[data-slot=palette]")).to_be_hidden()
    page.keyboard.type("日期")
    page.click(".fd-close")
    expect(page.locator("[data-slot=panel]")).to_be_hidden()
    page.click(".fd-field:has-text('first')")
    expect(setting(page, "label")).to_be_visible()
    page.keyboard.press("Escape")
    assert sent(page, "[data-do=save]", "/design/").status == 200
    assert labels(page) == [["label of first", "日期"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
