"""Tickets by hand: a browser opens one of 服务工单, pushes it to its end, and helps a stopped one on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Dialog, Page, expect

from forms_app.demo import service_flow
from forms_app.design.forms import form_create, form_design
from forms_app.models import CustomApp, CustomForm, Flow, Member, Ticket
from tests.flows import history, make_flow, standing
from tests.forms_app.admin.tickets.ticket_pages import WORKLIST, opened, stage_page, stopping_flow, ticket_page
from tests.forms_app.worlds import stored_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path / "kept")}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def member(page: Page, alice: Member) -> Member:
    """Who the page is signed in as."""
    alice.user = get_user_model()._default_manager.get(username="designer")
    alice.save()
    return alice


@pytest.fixture
def desk(custom_app: CustomApp, people: dict[int, Member]) -> Flow:
    """The demo's flow 服务工单 on its form."""
    form = form_create(custom_app=custom_app, name=service_flow.NAME)
    form_design(form=form, design=service_flow.DESIGN)
    return make_flow(form, service_flow.DEFINITION, name=service_flow.NAME, attachments=True)


def stands_at(page: Page, *names: str) -> None:
    """The diagram marks these components as where the ticket waits or was stopped."""
    marked = page.locator(".fl-mark-waiting .fl-name, .fl-mark-stopped .fl-name")
    expect(marked).to_have_text(list(names))


def press(page: Page, selector: str) -> int:
    """The status of what a post by this button leads to."""
    with page.expect_navigation(), page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.click(selector)
    return answer.value.status


def test_a_ticket_is_opened_and_pushed_to_its_end(page: Page, desk: Flow, member: Member, tmp_path: Path) -> None:
    member.organization.roles.get(name="管理员").members.add(member)  # who pushes every stage
    photo = tmp_path / "现场.txt"
    photo.write_text("screen")
    page.goto(f"{WORKLIST}?tab=new")
    page.click(f"text={service_flow.NAME}")
    page.wait_for_selector("form[data-ready=true]")
    page.set_input_files("[name='ticket:files']", photo)
    assert press(page, "[name=_open]") == 422
    expect(page.locator(f"[data-name='{service_flow.PROBLEM}'] .fe-fault")).to_have_count(1)
    page.fill(f"[name='{service_flow.PROBLEM}']", "登录后页面空白")
    page.set_input_files("[name='ticket:files']", photo)
    assert press(page, "[name=_open]") == 302
    ticket = Ticket.objects.get()
    expect(page).to_have_url(re.compile(f"{re.escape(ticket_page(ticket))}$"))
    stands_at(page, "受理")
    with page.expect_download() as download:
        page.click(".fe-file a")
    assert download.value.suggested_filename == "现场.txt"

    page.goto(WORKLIST)
    page.click("a.ti-stage:text('受理')")
    page.wait_for_selector("form[data-ready=true]")
    stands_at(page, "受理")
    engineer = page.locator(f"[data-name='{service_flow.ENGINEER}']")
    engineer.get_by_role("combobox").fill("member 2")
    expect(engineer.get_by_role("option").first).to_contain_text("member 2")
    engineer.get_by_role("option").first.click()
    assert press(page, "[name=_push]") == 302
    stands_at(page, "处理")

    page.click(".ti-place a.fd-primary")
    page.wait_for_selector("form[data-ready=true]")
    page.fill(f"[name='{service_flow.SOLUTION}']", "清除缓存\n后恢复")
    assert press(page, "[name=_push]") == 302
    stands_at(page, "回访确认")

    # Not solved: back to the engineer, then confirmed.
    said: list[str] = []

    def answer(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.accept()

    page.on("dialog", answer)
    for action, after in (("未解决", ["处理"]), ("已解决", [])):
        page.click(".ti-place a.fd-primary")
        page.wait_for_selector("form[data-ready=true]")
        assert press(page, f"[name=quick_action]:text('{action}')") == 302
        assert action in said[-1]
        stands_at(page, *after)
        if after:
            page.click(".ti-place a.fd-primary")
            page.wait_for_selector("form[data-ready=true]")
            assert press(page, "[name=_push]") == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.outcome) == ("ended", "工单关闭")
    stored = stored_of(desk.custom_form, ticket.entity_id)
    assert stored[service_flow.SOLUTION] == "清除缓存\n后恢复" and stored[service_flow.SOLVED] is True
    assert stored[service_flow.ENGINEER] == [2]
    assert [action for action, _component in history(ticket.pk)].count("push") == 5


def test_a_component_of_the_diagram_shows_its_part_of_the_history(page: Page, form: CustomForm, member: Member) -> None:
    ticket = opened(stopping_flow(form), member, {"divisor": 2}, amount=4)
    page.goto(ticket_page(ticket))
    page.wait_for_selector("[data-diagram][data-ready=true]")
    expect(page.locator(".ti-step:not(.ti-aside)")).to_have_count(3)
    page.click("[data-component=condition][role=button]")
    expect(page.locator(".ti-step:not(.ti-aside)")).to_have_count(1)
    page.click("[data-component=condition][role=button]")
    expect(page.locator(".ti-step:not(.ti-aside)")).to_have_count(3)


def test_a_stopped_ticket_is_mended_and_closed(page: Page, form: CustomForm, member: Member) -> None:
    member.organization.roles.get(name="管理员").members.add(member)
    ticket = opened(stopping_flow(form), member, {"divisor": 0}, amount=4)
    page.goto(ticket_page(ticket))
    stands_at(page, "condition")
    page.fill("[name='variable:divisor']", "two")
    assert press(page, ".ti-mend button") == 422
    expect(page.locator(".ti-mend .fe-fault")).to_have_count(1)
    page.fill("[name='variable:divisor']", "2")
    assert press(page, ".ti-mend button") == 302
    stands_at(page, "review")
    page.click(".ti-close summary")
    page.fill("#reason", "重复")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click(".ti-close button")
    assert standing(ticket.pk) == {"review": "waiting"}
    page.once("dialog", lambda dialog: dialog.accept())
    assert press(page, ".ti-close button") == 302
    expect(page.locator(".ti-step").last).to_contain_text("重复")
    stands_at(page)
    assert standing(ticket.pk) == {}


def test_names_are_text_on_the_pages(page: Page, form: CustomForm, member: Member) -> None:
    evil = "<img src=x onerror=\"document.title='!'\">"
    flow = stopping_flow(form, evil)
    ticket = opened(flow, member, {"divisor": 1}, title=evil, amount=4)
    for url in (ticket_page(ticket), stage_page(ticket), WORKLIST, f"{WORKLIST}?tab=new"):
        page.goto(url)
        expect(page.locator("main, #content, body").first).to_contain_text("onerror")
        assert page.locator("img[src=x]").count() == 0
        assert page.title() != "!"
