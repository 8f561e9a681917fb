"""Long names and addresses on every list: whole on a phone, in one line on a screen, and written as they are."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from forms_app.models import AccessToken, ApiCall, CustomApp, CustomForm, Department, Member, Role
from tests.factories import make_token, make_webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LONG = "华东大区重点客户与渠道合作伙伴年度回访登记表单"
ADDRESS = "https://hooks.example.com/a-very-long-address/with/many/segments/and/a/query?since=2026-01-01"
PHONE = {"width": 390, "height": 844}
CUT = """() => [...document.querySelectorAll(".result-list :is(td, th)")].filter((cell) =>
  cell.offsetParent && (cell.scrollHeight > cell.clientHeight + 1 || cell.scrollWidth > cell.clientWidth + 1)
).map((cell) => cell.innerText)"""
"""Cells that hold more than they show."""
LINES = """element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
}"""
LISTS = ("webhook", "customform", "customapp", "member", "department", "role", "accesstoken", "apicall")


@pytest.fixture
def named(page: Page, form: CustomForm, custom_app: CustomApp, people: dict[int, Member]) -> Page:
    """Something of each list, with a long name."""
    make_webhook(form, people[1], url=ADDRESS)
    AccessToken.objects.filter(pk=make_token(people[1])[0].pk).update(name=LONG)
    Role.objects.create(organization=form.organization, name=LONG)
    called: dict[str, Any] = {
        "method": "GET",
        "path": "/rest/flowmanage/api/omdata/edit/after-sales-of-east-china-2026",
        "status": 200,
        "milliseconds": 1,
        "at": timezone.now(),
    }
    ApiCall.objects.create(organization=form.organization, form_id=form.pk, **called)
    CustomForm.objects.filter(pk=form.pk).update(name=LONG)
    CustomApp.objects.filter(pk=custom_app.pk).update(name=LONG)
    Member.objects.filter(pk=people[1].pk).update(name=LONG)
    Department.objects.filter(organization=form.organization).update(name=LONG)
    return page


def test_nothing_of_a_list_is_cut_on_a_phone(named: Page) -> None:
    named.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for name in LISTS:
        named.goto(reverse(f"admin:forms_app_{name}_changelist"))
        expect(named.locator(".result-list tr.data-row").first).to_be_visible()
        assert named.evaluate(CUT) == [], name


def test_a_chinese_name_is_in_one_line_however_many_columns_there_are(named: Page) -> None:
    named.set_viewport_size({"width": 1280, "height": 800})
    for name, shown in (("apicall", LONG), ("webhook", LONG), ("member", LONG), ("customform", LONG)):
        named.goto(reverse(f"admin:forms_app_{name}_changelist"))
        cell = named.locator(".result-list tr.data-row").get_by_text(shown, exact=True).first
        assert cell.evaluate(LINES) == 1, name


@pytest.mark.parametrize("asked", ["", "?q=nothing-is-called-so"])
@pytest.mark.parametrize("name", ["apicall", "auditentry", "ticket", "member"])
def test_a_phone_shows_the_name_of_a_list_beside_how_much_was_found(named: Page, name: str, asked: str) -> None:
    named.set_viewport_size(PHONE)  # type: ignore[arg-type]
    named.goto(reverse(f"admin:forms_app_{name}_changelist") + asked)
    shown = [part for part in named.locator("#header-inner h1 > :is(a, span)").all() if part.is_visible()]
    names = [part for part in shown if "text-subtle" not in (part.get_attribute("class") or "")]
    assert len(names) == 1
    assert names[0].get_attribute("href") == reverse(f"admin:forms_app_{name}_changelist")


@pytest.mark.parametrize("spelt", ["iPhone 售后", "ßeta", "https-bot"])
def test_a_thing_s_name_stands_over_its_page_as_it_is_written(
    named: Page, people: dict[int, Member], spelt: str
) -> None:
    Member.objects.filter(pk=people[2].pk).update(name=spelt)
    named.goto(reverse("admin:forms_app_member_change", args=[people[2].pk]))
    expect(named.locator("#header-inner h1")).to_contain_text(spelt)


def test_a_long_title_stands_beside_its_arrow(named: Page, form: CustomForm) -> None:
    named.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for address in ("records", "record_exports", "design"):
        named.goto(reverse(f"admin:forms_app_customform_{address}", args=[form.pk]))
        arrow, title = (named.locator(f".{part}").first.bounding_box() for part in ("fd-back", "fd-title"))
        assert arrow
        assert title
        assert title["x"] > arrow["x"] and title["y"] < arrow["y"] + arrow["height"], address
