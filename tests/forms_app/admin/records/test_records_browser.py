"""The records page in a browser: conditions are clicked together, records chosen, a row opened; and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import Page, expect

from forms_app.models import CustomForm, Member
from tests.accounts import administrator
from tests.factories import make_entity
from tests.forms_app.admin.conftest import FAIR, WEB
from tests.forms_app.admin.people.test_people_browser import looked_at, serious
from tests.forms_app.worlds import query_of, row_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def listed(page: Page, form: CustomForm, people: dict[int, Member]) -> Page:
    """The page of Alice's thirty customers."""
    alice = administrator(people[1])
    alice.user = get_user_model()._default_manager.get(username="designer")
    alice.save()
    for n in range(30):
        make_entity(
            form, alice, title=f"客户 {n}", amount=n, source=FAIR if n % 2 else WEB, people=[{"uid": 2 + n % 2}]
        )
    open_list(page, form)
    return page


def open_list(page: Page, form: CustomForm, query: str = "") -> None:
    page.goto(reverse("admin:forms_app_customform_records", args=[form.pk]) + query)
    page.wait_for_selector("html[data-records=ready]")


def rows(page: Page) -> Any:
    return page.locator(".fr-table tbody tr")


def drawn(page: Page, times: int) -> None:
    """The conditions were drawn anew so often: what is filled in before would be lost."""
    expect(page.locator("[data-asked]")).to_have_attribute("data-drawn", str(times))


def test_conditions_are_clicked_together(listed: Page) -> None:
    listed.locator("summary", has_text="Filter").click()
    listed.locator("[name=f1]").select_option("source")
    drawn(listed, 1)
    listed.get_by_label("展会").check()
    listed.get_by_role("button", name="Add condition").click()
    drawn(listed, 2)
    listed.locator("[name=f2]").select_option("people")
    drawn(listed, 3)
    listed.locator('[name="f2.op"]').select_option("eq")
    drawn(listed, 4)
    listed.get_by_role("combobox", name="Value").fill("member 3")
    listed.get_by_role("option", name="member 3").click()
    listed.get_by_role("button", name="Add condition").click()
    drawn(listed, 5)
    listed.locator("[name=f3]").select_option("amount")
    drawn(listed, 6)
    expect(listed.get_by_label("展会")).to_be_checked()
    listed.locator('[name="f3.v"]').fill("20")
    listed.locator('[name="f3.to"]').fill("30")
    listed.get_by_role("button", name="Apply").first.click()
    expect(rows(listed)).to_have_count(5)
    expect(listed.locator(".fe-chip")).to_contain_text("member 3")
    listed.get_by_role("link", name="Remove condition 3").click()
    listed.get_by_role("button", name="Apply").first.click()
    expect(listed.locator(".fa-total")).to_contain_text("15")
    assert "f3" not in listed.url and "f2.op=eq" in listed.url
    listed.get_by_role("link", name="Clear").first.click()
    expect(listed.locator(".fa-total")).to_contain_text("30")


def test_another_field_forgets_what_was_asked_of_the_one_before(listed: Page) -> None:
    listed.locator("summary", has_text="Filter").click()
    listed.locator("[name=f1]").select_option("amount")
    listed.locator('[name="f1.op"]').select_option("gt")
    listed.locator('[name="f1.v"]').fill("3")
    listed.locator("[name=f1]").select_option("title")
    expect(listed.locator('[name="f1.v"]')).to_have_value("")
    listed.locator('[name="f1.v"]').fill("客户 2")
    listed.locator('[name="f1.op"]').select_option("not_empty")
    expect(listed.locator('[name="f1.v"]')).to_have_count(0)


def test_chosen_records_are_handed_over(listed: Page, form: CustomForm) -> None:
    hand_over = listed.get_by_role("button", name="Hand over")
    expect(hand_over).to_be_disabled()
    for place in (0, 1):
        rows(listed).nth(place).get_by_role("checkbox").check()
    hand_over.click()
    box = listed.get_by_role("combobox", name="New owner")
    box.fill("member 3")
    listed.get_by_role("option", name="member 3").click()
    listed.get_by_role("button", name="Hand over").click()
    expect(listed.get_by_text("2 records were handed over.")).to_be_visible()
    ids = query_of(form).ids()
    assert sorted(row_of(form, each).owner_uid for each in ids)[-3:] == [1, 3, 3]


def test_a_click_anywhere_in_a_row_opens_its_record(listed: Page) -> None:
    rows(listed).nth(3).locator("td").nth(2).click(force=True)  # the link lies over it
    listed.wait_for_url("**/records/*/")
    expect(listed.get_by_text("客户 26").first).to_be_visible()


def test_all_of_it_works_without_scripts(listed: Page, form: CustomForm, browser: Any, live_server: Any) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=live_server.url, storage_state=listed.context.storage_state()
    )
    page = context.new_page()
    page.goto(reverse("admin:forms_app_customform_records", args=[form.pk]))
    page.locator("summary", has_text="Filter").click()
    page.locator("[name=f1]").select_option("amount")
    page.get_by_role("button", name="Add condition").click()
    page.locator('[name="f1.op"]').select_option("gt")
    page.get_by_role("button", name="Apply").first.click()
    page.locator('[name="f1.v"]').fill("26")
    page.get_by_role("button", name="Apply").first.click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("link", name="label of amount").click()
    expect(rows(page).first).to_contain_text("客户 27")
    rows(page).first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(rows(page)).to_have_count(2)
    context.close()


def test_axe_finds_nothing_serious_on_the_pages_of_records(listed: Page, form: CustomForm) -> None:
    record = query_of(form).ids()[0]
    base = reverse("admin:forms_app_customform_records", args=[form.pk])
    wrong = looked_at(listed)
    open_list(listed, form, "?f1=source&f1.op=in&f2=people&f2.op=eq&f3=starts&f3.op=within&f4=amount&f4.op=gt&f4.v=x")
    wrong += looked_at(listed)
    for address in ("?q=nothing", f"{record}/", f"{record}/edit/", f"{record}/history/", "add/", "trash/"):
        listed.goto(base + address)
        wrong += looked_at(listed)
    open_list(listed, form)
    listed.locator("summary", has_text="Columns").click()
    listed.evaluate(AXE_SCRIPT)
    wrong += serious(listed)
    for verb in ("Hand over", "Delete"):
        open_list(listed, form)
        rows(listed).first.get_by_role("checkbox").check()
        listed.get_by_role("button", name=verb).click()
        wrong += looked_at(listed)
    assert not wrong, "\n".join(wrong)
