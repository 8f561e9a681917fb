"""A ticket's page: where it stands, what it leads to, help for one that was stopped."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.caching import tags
from forms_app.models import CustomForm, Flow, FormEntity, Grant, Member, Ticket
from forms_app.tickets.pushing import ticket_push
from tests.accounts import administrator, linked
from tests.factories import actor_of, make_entity
from tests.flows import data_id, definition, history, make_flow, standing
from tests.forms_app.admin.records.entry_form import posted_by
from tests.forms_app.admin.tickets.ticket_pages import (
    ENGLISH,
    FILES,
    LIST,
    changes,
    opened,
    review_flow,
    stage_page,
    stopping_flow,
    text_of,
    ticket_page,
    upload,
)
from tests.jobs import run_jobs


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    return review_flow(form, assignees={"members": [2], "departments": [3]}, attachments=True)


@pytest.fixture
def ticket(flow: Flow, alice: Member) -> Ticket:
    return opened(flow, alice, title="三天", amount=Decimal("12345678901234567890.5"), people=[{"uid": 3}])


@pytest.fixture
def stopped(form: CustomForm, alice: Member) -> Ticket:
    return opened(stopping_flow(form), alice, {"divisor": 0, "a_text": "<i>"}, amount=4)


@pytest.fixture
def reader(client: Client, bob: Member) -> Client:
    """Staff without a permission, who is the member 2."""
    return linked(client, bob)


def drawn_of(ticket: Ticket) -> dict[str, Any]:
    """What a diagram without rules shows of the ticket's flow."""
    found: dict[str, Any] = ticket.flow_version.definition
    components = [{key: each[key] for key in ("id", "type", "name")} for each in found["components"]]
    return {"components": components, "lines": found["lines"]}


# --- Where it stands ------------------------------------------------------------------------------------------


def test_it_shows_where_the_ticket_waits_and_for_whom(reader: Client, ticket: Ticket) -> None:
    response = reader.get(ticket_page(ticket), headers=ENGLISH)
    (place,) = response.context["places"]
    assert (place.token.name, place.label, place.assignees) == (
        "审核",
        "waiting for a person",
        ["member 2", "department department 3"],
    )
    assert place.push_url == stage_page(ticket)
    assert response.context["diagram"]["definition"] == drawn_of(ticket)
    assert response.context["diagram"]["marks"]["review"] == {"state": "waiting", "count": 1}
    page = text_of(response)
    assert "三天" in page and "member 1" in page and 'id="diagram-data"' in page


def test_only_who_may_push_is_led_to_the_stage(client: Client, admin: Client, ticket: Ticket, alice: Member) -> None:
    linked(client, alice)
    assert client.get(ticket_page(ticket)).context["places"][0].push_url == ""
    page = text_of(admin.get(ticket_page(ticket), headers=ENGLISH))
    assert "no active member of this organization" in page


def test_branches_and_their_collection_are_marked(reader: Client, form: CustomForm, alice: Member) -> None:
    source = definition("start > parallel > human_1 > collection > end", "parallel > human_2 > collection")
    flow = make_flow(form, source)
    ticket = opened(flow, alice)
    ticket_push(flow=flow, data_id=data_id(ticket.pk, "human_1"), values={}, actor=actor_of(alice))
    marks = reader.get(ticket_page(ticket)).context["diagram"]["marks"]
    assert {name: mark["state"] for name, mark in marks.items()} == {
        "start": "done",
        "parallel": "done",
        "human_1": "done",
        "human_2": "waiting",
        "collection": "joining",
    }


def test_an_old_ticket_is_drawn_as_its_flow_was(reader: Client, ticket: Ticket, flow: Flow) -> None:
    before = drawn_of(ticket)
    flow.draft = definition("start > other > end")
    flow.save()
    assert reader.get(ticket_page(ticket)).context["diagram"]["definition"] == before


# --- Attachments, record, flows that call one another --------------------------------------------------------


def test_attachments_are_downloaded_by_members(
    client: Client, flow: Flow, ticket: Ticket, bob: Member, alice: Member, charlie: Member
) -> None:
    linked(client, bob)
    url = stage_page(ticket)
    assert client.post(url, {**posted_by(client, url), "amount": "1", FILES: upload("说明.txt")}).status_code == 302
    (link,) = [file for file, _who in client.get(ticket_page(ticket)).context["files"]]
    address = f"/apaas/api/v2/files/{link.token}"
    for account, status in (
        (client, 200),
        (linked(Client(), alice), 200),
        (linked(Client(), charlie), 404),
    ):
        response = account.get(address)
        assert response.status_code == status
        if status == 200:
            assert response["Content-Disposition"].startswith("attachment")
            assert b"".join(response.streaming_content) == b"hello"
    page = text_of(client.get(ticket_page(ticket)))
    assert address in page and "member 2" in page


def test_who_is_no_member_sees_names_of_attachments_only(
    client: Client, admin: Client, ticket: Ticket, bob: Member
) -> None:
    linked(client, bob)
    url = stage_page(ticket)
    client.post(url, {**posted_by(client, url), "amount": "1", FILES: upload("说明.txt")})
    page = text_of(admin.get(ticket_page(ticket)))
    assert "说明.txt" in page and "/apaas/api/v2/files/" not in page


def test_ticket_and_record_lead_to_each_other(
    admin: Client, reader: Client, ticket: Ticket, form: CustomForm, alice: Member
) -> None:
    record = reverse("admin:forms_app_customform_record", args=[form.pk, ticket.entity_id])
    assert record in text_of(admin.get(ticket_page(ticket)))
    assert record in text_of(reader.get(ticket_page(ticket)))
    Grant.objects.filter(role__everyone=True).update(verbs=["create"])
    tags.bump("people")
    assert record not in text_of(reader.get(ticket_page(ticket)))  # who was put to a stage, and may not read
    assert ticket_page(ticket) in text_of(admin.get(record))
    other = reverse("admin:forms_app_customform_record", args=[form.pk, make_entity(form, alice, title="x")])
    assert "/forms_app/ticket/" not in text_of(admin.get(other)).replace(LIST + '"', "")


def test_tickets_that_call_one_another_are_linked(reader: Client, form: CustomForm, flow: Flow, alice: Member) -> None:
    inputs = [{"target": "title", "formula": "{title}"}]
    source = definition("start > call > end", call={"flow": flow.api_path, "inputs": inputs})
    caller = opened(make_flow(form, source, name="总流程"), alice, title="外面")
    run_jobs()
    called = Ticket.objects.get(flow=flow)
    assert standing(caller.pk) == {"call": "calling"}
    page = text_of(reader.get(ticket_page(caller), headers=ENGLISH))
    assert ticket_page(called) in page and "opened ticket 1 of “请假”" in page
    response = reader.get(ticket_page(called), headers=ENGLISH)
    assert response.context["caller"]["url"] == ticket_page(caller)
    assert "总流程 1" in text_of(response)


# --- Stopped tickets --------------------------------------------------------------------------------------------


def test_a_stopped_ticket_says_why_with_the_fields_labels(reader: Client, stopped: Ticket) -> None:
    page = text_of(reader.get(ticket_page(stopped), headers=ENGLISH))
    assert "Stopped at condition" in page and "{label of amount} / {$divisor}" in page
    assert "An administrator must resume it." in page
    assert 'action="' + ticket_page(stopped, "resume") not in page
    assert 'action="' + ticket_page(stopped, "close") not in page


def test_variables_are_mended_and_the_ticket_goes_on(admin: Client, stopped: Ticket, form: CustomForm) -> None:
    token = stopped.tokens.get().pk
    shown = posted_by(admin, ticket_page(stopped))
    assert shown["variable:divisor"] == "0" and shown["variable:a_text"] == "<i>"
    sent = {**shown, "token": token, "variable:divisor": "2", "variable:a_datetime": "2026-11-22T08:30"}
    response = admin.post(ticket_page(stopped, "resume"), sent, follow=True, headers=ENGLISH)
    assert response.redirect_chain == [(ticket_page(stopped), 302)]
    assert "The ticket was resumed." in text_of(response)
    assert standing(stopped.pk) == {"review": "waiting"}
    found = Ticket.objects.get(pk=stopped.pk).variables
    assert found == {"divisor": 2, "a_text": "<i>", "a_datetime": "2026-11-22T00:30:00.000Z"}
    resumed = next(entry for entry in response.context["entries"] if entry.action == "resume")
    assert resumed.who == "An administrator"
    assert changes(resumed) == {"divisor": ("0", "2"), "a_datetime": ("", "2026-11-22 08:30:00")}


def test_a_refused_variable_is_told_beside_its_input(admin: Client, stopped: Ticket) -> None:
    sent = {"token": stopped.tokens.get().pk, "variable:divisor": "<x>", "variable:a_date": "tomorrow"}
    response = admin.post(ticket_page(stopped, "resume"), sent)
    page = text_of(response, 422)
    assert {field.label for field in response.context["variables"] if field.faults} == {"divisor", "a_date"}
    assert "&lt;x&gt;" in page and "<x>" not in page
    assert standing(stopped.pk) == {"condition": "stopped"}


def test_resuming_what_still_fails_or_runs_is_told(admin: Client, stopped: Ticket) -> None:
    token = stopped.tokens.get().pk
    response = admin.post(ticket_page(stopped, "resume"), {"token": token}, follow=True, headers=ENGLISH)
    assert "still stopped by an error" in text_of(response)
    for wrong in (token, "", "x", 2**64):
        response = admin.post(ticket_page(stopped, "resume"), {"token": wrong}, follow=True, headers=ENGLISH)
        assert "not stopped there any more" in text_of(response)


def test_a_ticket_is_closed_with_a_reason(client: Client, stopped: Ticket, alice: Member) -> None:
    linked(client, administrator(alice))
    response = client.post(ticket_page(stopped, "close"), {"reason": "不再需要"}, follow=True, headers=ENGLISH)
    page = text_of(response)
    assert "The ticket was closed." in page and "不再需要" in page
    assert Ticket.objects.get(pk=stopped.pk).state == "closed"
    assert (response.context["entries"][-1].who, response.context["places"]) == ("member 1", [])
    assert ticket_page(stopped, "close") not in page
    response = client.post(ticket_page(stopped, "close"), follow=True, headers=ENGLISH)
    assert "The ticket has ended." in text_of(response)
    assert history(stopped.pk)[-1] == ("close", "start") and history(stopped.pk)[-2] != ("close", "start")


def test_helping_needs_its_permission(reader: Client, client: Client, stopped: Ticket, charlie: Member) -> None:
    for account in (reader,):
        for name in ("resume", "close"):
            assert account.post(ticket_page(stopped, name)).status_code == 403
            assert account.get(ticket_page(stopped, name)).status_code == 405
    stranger = Client()
    charlie.user = None
    linked(stranger, administrator(charlie), username="stranger")
    for name in ("resume", "close"):
        assert stranger.post(ticket_page(stopped, name)).status_code == 404
    assert standing(stopped.pk) == {"condition": "stopped"}


def test_a_ticket_without_its_record_is_still_shown(reader: Client, ticket: Ticket, form: CustomForm) -> None:
    FormEntity.objects.filter(custom_form=form, id=ticket.entity_id).delete()
    page = text_of(reader.get(ticket_page(ticket), headers=ENGLISH))
    assert "record does not exist any more" in page
