"""Opening a ticket by hand: the start's form, variables, attachments, and who may."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from forms_app.flows.publishing import flow_unpublish
from forms_app.models import CustomForm, Flow, Member, Status, StoredFile, Ticket
from tests import disks
from tests.accounts import linked
from tests.factories import CustomAppFactory, make_form
from tests.flows import definition, history, make_flow
from tests.forms_app.admin.records.entry_form import posted_by
from tests.forms_app.admin.tickets.ticket_pages import (
    FILES,
    on_disk,
    open_page,
    review_flow,
    stopping_flow,
    text_of,
    ticket_page,
    upload,
)
from tests.forms_app.worlds import query_of, row_of, stored_of


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    return review_flow(form, attachments=True)


@pytest.fixture
def opener(client: Client, bob: Member) -> Client:
    """Staff without a permission, who is the member 2."""
    return linked(client, bob)


def test_a_ticket_is_opened_with_files_and_its_page_tells_the_number(
    opener: Client, flow: Flow, form: CustomForm, bob: Member, tmp_path: Path
) -> None:
    url = open_page(flow)
    values = {**posted_by(opener, url), "title": "病假", FILES: upload(), "papers:files": upload("b.txt")}
    response = opener.post(url, values, follow=True, headers={"accept-language": "en"})
    ticket = Ticket.objects.get()
    assert response.redirect_chain == [(ticket_page(ticket), 302)]
    assert "Ticket 1 was opened." in text_of(response)
    assert (ticket.data_no, ticket.creator_uid, ticket.organization_id) == (1, bob.uid, bob.organization_id)
    assert row_of(form, ticket.entity_id).owner_uid == bob.uid
    assert stored_of(form, ticket.entity_id)["title"] == "病假"
    assert ticket.attachments.get().stored_file.name == "a.txt"
    assert on_disk(tmp_path) == 2


def test_the_start_shows_only_its_fields(opener: Client, form: CustomForm) -> None:
    start = {"name": "申请", "fields": [{"name": "title", "access": "write", "required": True}]}
    flow = make_flow(form, definition("start > review > end", start=start))
    url = open_page(flow)
    response = opener.get(url)
    assert [f.name for group in response.context["groups"] for f in group.fields] == ["title"]
    assert "申请" in text_of(response)
    assert opener.post(url, {"title": "", "amount": "5"}).status_code == 422
    assert opener.post(url, {"title": "x", "amount": "5"}).status_code == 302
    assert stored_of(form, Ticket.objects.get().entity_id) == {"title": "x", "total": 0}


def test_a_refused_start_opens_nothing_and_keeps_what_was_typed(
    opener: Client, form: CustomForm, tmp_path: Path
) -> None:
    start = {"validation": {"formula": "{amount} > 0", "message": "金额须大于零"}}
    flow = make_flow(form, definition("start > review > end", start=start), attachments=True)
    url = open_page(flow)
    sent = {**posted_by(opener, url), "amount": "-5", "title": "<u>t</u>", FILES: upload()}
    response = opener.post(url, sent)
    page = text_of(response, 422)
    assert response.context["faults"] == ["金额须大于零"]
    assert 'value="-5"' in page and "<u>t" not in page and "&lt;u&gt;t" in page
    assert not Ticket.objects.exists() and query_of(form).count() == 0
    assert on_disk(tmp_path) == 0 and not StoredFile.objects.exists()


def test_variables_are_inputs_of_their_kinds(opener: Client, form: CustomForm) -> None:
    flow = stopping_flow(form)
    url = open_page(flow)
    shown = {field.label: field.control for field in opener.get(url).context["variables"]}
    assert shown == {
        "divisor": "number",
        "a_text": "text",
        "a_number": "number",
        "a_boolean": "yes_no",
        "a_date": "date",
        "a_datetime": "datetime",
    }
    sent = {
        "variable:divisor": "0.5",
        "variable:a_text": " 空 ",
        "variable:a_number": "",
        "variable:a_boolean": "false",
        "variable:a_date": "2026-11-22",
        "variable:a_datetime": "2026-11-22T08:30",
    }
    response = opener.post(url, {**posted_by(opener, url), **sent, "amount": "1"})
    assert response.status_code == 302
    assert Ticket.objects.get().variables == {
        "divisor": Decimal("0.5"),
        "a_text": " 空 ",
        "a_boolean": False,
        "a_date": "2026-11-22",
        "a_datetime": "2026-11-22T00:30:00.000Z",
    }


def test_what_is_wrong_with_variables_stands_beside_them(opener: Client, form: CustomForm) -> None:
    url = open_page(stopping_flow(form))
    response = opener.post(url, {**posted_by(opener, url), "variable:a_number": "<x>", "amount": "none"})
    page = text_of(response, 422)
    faulty = {field.label: len(field.faults) for field in response.context["variables"] if field.faults}
    assert faulty == {"a_number": 1}
    assert [f.name for group in response.context["groups"] for f in group.fields if f.faults] == ["amount"]
    assert "<x>" not in page and "&lt;x&gt;" in page
    response = opener.post(url, {**posted_by(opener, url), "amount": "1"})
    assert {field.label for field in response.context["variables"] if field.faults} == {"divisor"}
    assert response.context["faults"] == [] and response.status_code == 422


def test_a_variable_may_be_called_like_a_field(opener: Client, form: CustomForm) -> None:
    start = {"variables": [{"name": "amount", "kind": "number", "required": True}]}
    url = open_page(make_flow(form, definition("start > review > end", start=start)))
    response = opener.post(url, {**posted_by(opener, url), "variable:amount": "x", "amount": "1"})
    assert [len(field.faults) for field in response.context["variables"]] == [1]
    assert not [f for group in response.context["groups"] for f in group.fields if f.faults]
    assert opener.post(url, {**posted_by(opener, url), "variable:amount": "7", "amount": "1"}).status_code == 302
    ticket = Ticket.objects.get()
    assert stored_of(form, ticket.entity_id)["amount"] == 1
    assert Ticket.objects.get(pk=ticket.pk).variables == {"amount": 7}


def test_a_computed_variable_may_be_left_empty(opener: Client, form: CustomForm) -> None:
    start = {"variables": [{"name": "twice", "kind": "number", "required": True, "formula": "{amount} * 2"}]}
    url = open_page(make_flow(form, definition("start > review > end", start=start)))
    (field,) = opener.get(url).context["variables"]
    assert not field.required and field.hints
    assert opener.post(url, {**posted_by(opener, url), "amount": "4"}).status_code == 302
    assert Ticket.objects.get().variables == {"twice": 8}


def test_a_default_that_is_emptied_stays_empty(opener: Client, form: CustomForm) -> None:
    field = form.custom_fields.get(name="amount")
    field.setting = {**field.setting, "default": 5}
    field.save()
    flow = review_flow(form)
    url = open_page(flow)
    assert opener.post(url, {**posted_by(opener, url), "title": "x", "amount": ""}).status_code == 302
    assert "amount" not in stored_of(form, Ticket.objects.get().entity_id)


def test_a_flow_that_asks_nobody_ends_at_once(opener: Client, form: CustomForm) -> None:
    flow = make_flow(form, definition("start > end"))
    response = opener.post(open_page(flow), {"title": "x"}, follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.state, response.status_code) == ("ended", 200)
    assert history(ticket.pk) == [("open", "start"), ("end", "end")]


def test_only_published_flows_of_ones_own_organization_exist(
    opener: Client, clerk: Client, admin: Client, flow: Flow, form: CustomForm, charlie: Member
) -> None:
    url = open_page(flow)
    theirs = make_form(CustomAppFactory(organization=charlie.organization), {"title": "text_field"})
    other = make_flow(theirs, definition("start > review > end"), name="别家")
    for account in (opener, linked(Client(), charlie)):
        assert [account.get(open_page(one)).status_code for one in (flow, other)].count(404) == 1
    page = text_of(admin.get(url, headers={"accept-language": "en"}), 403)
    assert "linked to no active member" in page
    assert admin.post(url, {"title": "x"}).status_code == 403
    for account in (clerk, Client()):
        assert account.get(url).status_code == account.post(url, {"title": "x"}).status_code == 302
    assert opener.get(f"/admin/forms_app/ticket/open/{2**63}/").status_code == 404
    flow_unpublish(flow=flow)
    assert opener.get(url).status_code == 404
    again = review_flow(form, "又一个")
    form.status = Status.DISABLE
    form.save()
    assert opener.get(open_page(again)).status_code == 404
    assert not Ticket.objects.exists()


def test_another_sites_page_can_open_nothing(opener: Client, flow: Flow, bob: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert bob.user is not None
    strict.force_login(bob.user)
    assert strict.post(open_page(flow), {"title": "x"}).status_code == 403
    assert not Ticket.objects.exists()


def test_a_full_disk_is_said_and_nothing_is_opened(
    opener: Client, flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = open_page(flow)
    values = {**posted_by(opener, url), "title": "病假", FILES: upload(), "papers:files": upload("b.txt")}
    disks.fill(monkeypatch, after=1)
    assert opener.post(url, values).status_code == 507
    assert on_disk(tmp_path) == 0
    assert not (Ticket.objects.exists() or StoredFile.objects.exists())
