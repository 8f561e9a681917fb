"""A form filled in by hand: what is more than an input is clicked, searched and typed into."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Locator, Page, expect

from forms_app.admin.records import entry_pages
from forms_app.field_types import Option, registry
from forms_app.models import CustomForm, Member
from tests.factories import RegionFactory, add_field, make_entity
from tests.forms_app.admin.conftest import FAIR, WEB
from tests.forms_app.admin.records.entry_form import add_url, edit_url
from tests.forms_app.worlds import query_of, row_of, stored_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY = tuple(Option(f"{n:021d}Q==", f"选项 {n}") for n in range(20))


@pytest.fixture
def entry(page: Page, form: CustomForm, alice: Member) -> Page:
    """The page of the member Alice, whose form has every control that is drawn."""
    alice.user = get_user_model()._default_manager.get(username="designer")
    alice.save()
    country = RegionFactory(id="156", label="中国")
    province = RegionFactory(id="310000", label="上海市", level="province", parent=country)
    RegionFactory(id="310100", label="市辖区", level="city", parent=province)
    few = registry.get("multi_select").example_options
    add_field(form, "few", ("multi_select", {}, few))
    add_field(form, "many", ("multi_select", {}, MANY))
    add_field(form, "one", ("select2_field", {}, MANY))
    add_field(form, "path", ("nested_select", {}, registry.get("nested_select").example_options))
    add_field(form, "span", "datetime_range_field")
    add_field(form, "place", "geo_address")
    add_field(form, "home", "address_select")
    add_field(form, "teams", ("department_field", {"multiple": False}))
    return page


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[data-name={name}]")


def choose(page: Page, name: str, text: str, label: str) -> None:
    """Search for the text, and take what is found first."""
    field(page, name).get_by_role("combobox").fill(text)
    expect(field(page, name).get_by_role("option").first).to_contain_text(label)
    page.keyboard.press("Enter")
    expect(field(page, name).locator(".fe-chip").last).to_contain_text(label)


def open_page(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("form[data-ready=true]")


def save(page: Page) -> None:
    with page.expect_navigation():
        page.click("[name=_save]")


def fill_in(page: Page) -> None:
    field(page, "title").get_by_role("textbox").fill("甲公司")
    field(page, "few").get_by_text("展会").click()
    field(page, "few").get_by_text("官网").click()
    for text in ("选项 13", "选项 7"):
        choose(page, "many", text, text)
    choose(page, "one", "项 5", "选项 5")
    field(page, "path").locator("select").nth(0).select_option("60943MKVMq0Erpe9dUdV7w==")
    field(page, "path").locator("select").nth(1).select_option("WkFg1hVKiht2xdOjfhlpqQ==")
    for place, time in enumerate(("2026-01-02T03:04", "2026-01-03T00:00")):
        field(page, "span").locator(".fe-pair input").nth(place).fill(time)
    for place, number in enumerate(("29.9522110000000000001", "-90")):
        field(page, "place").locator(".fe-pair input").nth(place).fill(number)
    for place, region in enumerate(("156", "310000", "310100")):
        field(page, "home").locator("select").nth(place).select_option(region)
    field(page, "home").locator("input[type=text]").fill("南京路 1 号")
    for text in ("member 2", "member 3", "member 4"):
        choose(page, "people", text, text)
    field(page, "people").locator(".fe-chip button").nth(1).click()
    for text in ("department 1", "department 3"):
        choose(page, "teams", text, text)


FILLED = {
    "title": "甲公司",
    "few": ["QpbX0pPJ6koOUsZBXwtclg==", WEB],
    "many": [MANY[13].value, MANY[7].value],
    "one": MANY[5].value,
    "path": {"level_0": "60943MKVMq0Erpe9dUdV7w==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="},
    "span": ["2026-01-01T19:04:00.000Z", "2026-01-02T16:00:00.000Z"],
    "place": {"latitude": Decimal("29.9522110000000000001"), "longitude": -90},
    "home": {
        "country_id": "156",
        "province_id": "310000",
        "city_id": "310100",
        "detail_address": "南京路 1 号",
    },
    "people": [2, 4],
    "teams": [3],
}


def test_every_control_is_filled_in_by_hand(entry: Page, form: CustomForm) -> None:
    open_page(entry, add_url(form))
    fill_in(entry)
    save(entry)
    (record_id,) = query_of(form).ids()
    stored = stored_of(form, record_id)
    assert {name: stored[name] for name in FILLED} == FILLED

    # Opened again it shows the same, and saves nothing unless something is changed.
    before = row_of(form, record_id)
    open_page(entry, edit_url(form, record_id))
    expect(field(entry, "home").locator("select").nth(2)).to_have_value("310100")
    expect(field(entry, "people").locator(".fe-chip").first).to_contain_text("member 2")
    save(entry)
    assert row_of(form, record_id) == before

    open_page(entry, edit_url(form, record_id))
    field(entry, "home").locator("select").nth(0).select_option("")
    field(entry, "people").get_by_role("combobox").press("Backspace")
    field(entry, "path").locator("select").nth(1).select_option("")
    choose(entry, "leader", "甲", "甲公司")
    for end in (0, 1):
        field(entry, "span").locator(".fe-pair input").nth(end).fill("")
    save(entry)
    stored = stored_of(form, record_id)
    assert stored["home"] == {"detail_address": "南京路 1 号"}
    assert (stored["people"], stored["path"], stored["leader"]) == (
        [2],
        {"level_0": "60943MKVMq0Erpe9dUdV7w=="},
        record_id,
    )
    assert "span" not in stored


def test_enter_before_the_answer_takes_the_first_of_what_comes(entry: Page, form: CustomForm) -> None:
    open_page(entry, add_url(form))
    for name, text, label in (("many", "选项 13", "选项 13"), ("teams", "department 3", "department 3")):
        searched = field(entry, name).get_by_role("combobox")
        searched.press_sequentially(text)  # the list shown meanwhile is that of an earlier text, or none
        searched.press("Enter")
        expect(field(entry, name).locator(".fe-chip")).to_have_text([f"{label}×"])
        expect(searched).to_have_value("")


def test_what_was_refused_is_still_there(entry: Page, form: CustomForm) -> None:
    open_page(entry, add_url(form))
    fill_in(entry)
    field(entry, "amount").get_by_role("textbox").fill("viele")
    field(entry, "papers").locator("input[type=file]").set_input_files(
        [{"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}]
    )
    expect(field(entry, "title").get_by_role("textbox")).to_have_value("甲公司")
    save(entry)
    expect(entry.locator(".fe-fault")).to_have_count(1)
    expect(field(entry, "papers").locator(".fe-file-name")).to_have_text("a.txt")
    field(entry, "amount").get_by_role("textbox").fill("3")
    save(entry)
    stored = stored_of(form, query_of(form).ids()[0])
    assert {name: stored[name] for name in FILLED} == FILLED
    assert (stored["amount"], [item["name"] for item in stored["papers"]]) == (3, ["a.txt"])


def test_a_half_typed_date_is_not_sent_as_an_empty_one(entry: Page, form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, title="a", starts="2023-08-16 15:29:15.31", source=FAIR)
    open_page(entry, edit_url(form, record_id))
    starts = field(entry, "starts").locator("input[type=datetime-local]")
    expect(starts).to_have_value("2023-08-16T15:29:15.31")
    starts.focus()
    entry.keyboard.press("Backspace")
    entry.click("[name=_save]")
    assert starts.evaluate("input => input.validity.badInput")
    assert entry.url.endswith(edit_url(form, record_id))
    entry.on("dialog", lambda dialog: dialog.accept())
    entry.goto("about:blank")
    assert stored_of(form, record_id)["starts"] == "2023-08-16T07:29:15.310Z"


def test_leaving_with_something_typed_is_asked_about(entry: Page, form: CustomForm) -> None:
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    entry.on("dialog", answer)
    open_page(entry, add_url(form))
    entry.goto("about:blank")
    open_page(entry, add_url(form))
    field(entry, "title").get_by_role("textbox").press_sequentially("a")
    entry.goto("about:blank")
    assert asked == ["beforeunload"]


def test_a_second_click_while_it_is_being_saved_makes_no_second_record(
    entry: Page, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, made = threading.Event(), entry_pages.entity_create

    def slow(**given: Any) -> Any:
        begun.set()
        clicked.wait(10)
        return made(**given)

    clicked = threading.Event()
    monkeypatch.setattr(entry_pages, "entity_create", slow)
    open_page(entry, add_url(form))
    field(entry, "title").get_by_role("textbox").fill("once")
    twice = "const save = document.querySelector('[name=_save]'); save.click(); setTimeout(() => save.click(), 300)"
    with entry.expect_navigation():
        entry.evaluate(twice)
        assert begun.wait(10)
        threading.Timer(0.6, clicked.set).start()
    assert len(query_of(form).ids()) == 1
