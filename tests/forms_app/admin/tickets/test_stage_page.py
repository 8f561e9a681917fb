"""The page of a stage: its form, its buttons, what is refused, and who may push."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from forms_app.admin.tickets import stage
from forms_app.models import CustomForm, FileUse, Flow, FormEntity, Member, Status, StoredFile, Ticket
from forms_app.records.writes import entity_update
from forms_app.tickets.pushing import ticket_push
from tests.accounts import administrator, linked
from tests.factories import actor_of, schema_of
from tests.flows import definition, history, make_flow, standing
from tests.forms_app.admin.records.entry_form import posted_by
from tests.forms_app.admin.tickets.ticket_pages import (
    FILES,
    on_disk,
    opened,
    review_flow,
    stage_page,
    statements,
    text_of,
    ticket_page,
    upload,
)
from tests.forms_app.worlds import stored_of


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    return review_flow(form, assignees={"members": [2]}, attachments=True)


@pytest.fixture
def ticket(flow: Flow, alice: Member) -> Ticket:
    return opened(flow, alice, title="三天", starts="2026-11-01 09:00")


@pytest.fixture
def pusher(client: Client, bob: Member) -> Client:
    """Staff without a permission, who is the member 2."""
    return linked(client, bob)


def steps(ticket: Ticket) -> list[str]:
    return [action for action, _component in history(ticket.pk)]


def test_it_shows_what_the_stage_shows(pusher: Client, ticket: Ticket) -> None:
    response = pusher.get(stage_page(ticket))
    fields = {field.name: field for group in response.context["groups"] for field in group.fields}
    assert list(fields) == ["title", "amount", "papers"]
    assert fields["title"].read_only and not fields["amount"].read_only
    assert (fields["title"].required, fields["amount"].required) == (False, True)
    page = text_of(response)
    assert "三天" in page and "member 1" in page and 'name="starts"' not in page
    assert 'name="quick_action" value="action1"' in page and "退回" in page
    assert response.context["diagram"]["marks"] == {
        "start": {"state": "done", "count": 1},
        "review": {"state": "waiting", "count": 1},
    }


def test_a_push_writes_what_changed_and_goes_on(pusher: Client, ticket: Ticket, form: CustomForm) -> None:
    url = stage_page(ticket)
    values = posted_by(pusher, url)
    sent = {**values, "amount": "3.5", "title": "forged", "starts": "2020-01-01"}
    response = pusher.post(url, sent, follow=True, headers={"accept-language": "en"})
    assert response.redirect_chain == [(ticket_page(ticket), 302)]
    assert "审核 was pushed, and the ticket has ended." in text_of(response)
    stored = stored_of(form, ticket.entity_id)
    assert (stored["title"], str(stored["amount"])) == ("三天", "3.5")
    assert standing(ticket.pk) == {}
    assert steps(ticket) == ["open", "arrive", "push", "end"]


def test_what_nobody_touched_is_not_sent(pusher: Client, flow: Flow, form: CustomForm, alice: Member) -> None:
    Flow.objects.filter(pk=flow.pk).update(locks_record=False)
    ticket = opened(flow, alice, amount=1)
    url = stage_page(ticket)
    values = posted_by(pusher, url)
    entity_update(schema=schema_of(form), record_id=ticket.entity_id, values={"amount": 9}, actor=actor_of(alice))
    assert pusher.post(url, values).status_code == 302
    assert stored_of(form, ticket.entity_id)["amount"] == 9


def test_a_refused_push_tells_each_fault_and_keeps_what_was_typed(
    pusher: Client, ticket: Ticket, tmp_path: Path
) -> None:
    url = stage_page(ticket)
    sent = {**posted_by(pusher, url), "amount": "<i>viel</i>", FILES: upload(), "papers:files": upload("b.txt")}
    response = pusher.post(url, sent)
    page = text_of(response, 422)
    (field,) = [f for group in response.context["groups"] for f in group.fields if f.name == "amount"]
    assert field.value == "<i>viel</i>" and len(field.faults) == 1
    assert "<i>viel" not in page and "&lt;i&gt;viel" in page
    assert response.context["files_again"]
    assert standing(ticket.pk) == {"审核": "waiting"} and steps(ticket) == ["open", "arrive"]
    assert on_disk(tmp_path) == 0 and not StoredFile.objects.exists()


def test_a_field_that_the_stage_requires_must_be_filled_in(pusher: Client, ticket: Ticket) -> None:
    url = stage_page(ticket)
    response = pusher.post(url, posted_by(pusher, url))
    assert response.status_code == 422
    assert [f.name for group in response.context["groups"] for f in group.fields if f.faults] == ["amount"]


def test_a_validation_that_fails_is_told_above(pusher: Client, form: CustomForm, alice: Member) -> None:
    review = {"validation": {"formula": "{amount} > 5", "message": "太少了"}, "assignees": {}}
    ticket = opened(make_flow(form, definition("start > review > end", review=review)), alice)
    url = stage_page(ticket)
    response = pusher.post(url, {**posted_by(pusher, url), "amount": "4"})
    assert response.status_code == 422 and response.context["faults"] == ["太少了"]
    assert pusher.post(url, {**posted_by(pusher, url), "amount": "6"}).status_code == 302


def test_a_quick_action_pushes_with_its_own_values(pusher: Client, ticket: Ticket, form: CustomForm) -> None:
    url = stage_page(ticket)
    sent = {**posted_by(pusher, url), "amount": "77", "quick_action": "action1"}
    assert pusher.post(url, sent).status_code == 302
    assert stored_of(form, ticket.entity_id)["amount"] == 1
    page = text_of(pusher.get(ticket_page(ticket), headers={"accept-language": "en"}))
    assert "pushed by “同意”" in page


def test_a_quick_action_that_is_none_is_refused(pusher: Client, ticket: Ticket) -> None:
    url = stage_page(ticket)
    assert pusher.post(url, {"quick_action": "action9"}).status_code == 422
    assert steps(ticket) == ["open", "arrive"]


def test_a_stage_that_was_pushed_meanwhile_says_where_the_ticket_stands(
    pusher: Client, form: CustomForm, alice: Member, bob: Member
) -> None:
    source = definition("start > human_1 > human_2 > end", human_2={"assignees": {"members": [1]}})
    flow = make_flow(form, source)
    ticket = opened(flow, alice)
    url = stage_page(ticket)
    sent = {**posted_by(pusher, url), "amount": "12345"}
    ticket_push(flow=flow, data_id=ticket.tokens.get(state="waiting").pk, values={}, actor=actor_of(bob))
    page = text_of(pusher.post(url, sent, headers={"accept-language": "en"}), 409)
    assert "pushed already" in page and "human_2" in page and "12345" in page
    assert 'name="_push"' not in page
    assert steps(ticket) == ["open", "arrive", "push", "arrive"]
    assert pusher.get(url).headers["Location"] == ticket_page(ticket)
    ticket_push(flow=flow, data_id=ticket.tokens.get(state="waiting").pk, values={}, actor=actor_of(alice))
    page = text_of(pusher.post(url, sent, headers={"accept-language": "en"}), 409)
    assert "the ticket has ended" in page


def test_two_who_push_at_once_are_told_apart(pusher: Client, ticket: Ticket, monkeypatch: Any, alice: Member) -> None:
    """The second was let in before the first had pushed."""
    url = stage_page(ticket)
    sent = {**posted_by(pusher, url), "amount": "2"}
    meant = stage.ticket_push

    def late(**given: Any) -> Any:
        meant(**{**given, "values": {"amount": 1}})
        return meant(**given)

    monkeypatch.setattr(stage, "ticket_push", late)
    assert "ticket has ended" in text_of(pusher.post(url, sent, headers={"accept-language": "en"}), 409)


def test_attachments_and_files_of_fields_are_kept_with_the_push(
    pusher: Client, ticket: Ticket, form: CustomForm, tmp_path: Path
) -> None:
    url = stage_page(ticket)
    values = {
        **posted_by(pusher, url),
        "amount": "1",
        FILES: [upload(), upload("c.txt")],
        "papers:files": upload("b.txt"),
    }
    assert pusher.post(url, values).status_code == 302
    assert [item["name"] for item in stored_of(form, ticket.entity_id)["papers"]] == ["b.txt"]
    assert list(ticket.attachments.order_by("id").values_list("stored_file__name", flat=True)) == ["a.txt", "c.txt"]
    assert FileUse.objects.get().entity_id == ticket.entity_id
    assert on_disk(tmp_path) == 3


def test_a_file_that_is_not_taken_stands_beside_its_input_with_the_other_faults(
    pusher: Client, ticket: Ticket, settings: Any, tmp_path: Path
) -> None:
    settings.MAX_FILE_BYTES = 10
    url = stage_page(ticket)
    sent = {
        **posted_by(pusher, url),
        "amount": "many",
        FILES: upload("great.txt", b"x" * 11),
        "papers:files": [upload("fine.txt"), upload("big.txt", b"x" * 11)],
    }
    response = pusher.post(url, sent)
    assert response.status_code == 422
    assert [fault.split(":")[0] for fault in response.context["attachments"]["faults"]] == ["great.txt"]
    faulty = {f.name: f.faults for group in response.context["groups"] for f in group.fields if f.faults}
    assert set(faulty) == {"amount", "papers"} and faulty["papers"][0].startswith("big.txt:")
    assert on_disk(tmp_path) == 0
    settings.MAX_TICKET_FILES = 1
    response = pusher.post(url, {**posted_by(pusher, url), "amount": "1", FILES: [upload(), upload()]})
    assert response.status_code == 422 and len(response.context["attachments"]["faults"]) == 1


def test_a_flow_without_attachments_takes_none(pusher: Client, form: CustomForm, alice: Member) -> None:
    ticket = opened(review_flow(form), alice)
    url = stage_page(ticket)
    assert FILES not in text_of(pusher.get(url))
    assert pusher.post(url, {**posted_by(pusher, url), "amount": "1", FILES: upload()}).status_code == 302
    assert not StoredFile.objects.exists()


def test_who_is_not_assigned_is_told_who_is(client: Client, ticket: Ticket, alice: Member) -> None:
    linked(client, alice)
    url = stage_page(ticket)
    for ask in (client.get, client.post):
        page = text_of(ask(url, headers={"accept-language": "en"}), 403)
        assert "You are not among those who may push" in page and "member 2" in page
    assert steps(ticket) == ["open", "arrive"]


def test_who_supervises_pushes_every_stage(client: Client, ticket: Ticket, alice: Member) -> None:
    linked(client, administrator(alice))
    url = stage_page(ticket)
    assert client.post(url, {**posted_by(client, url), "amount": "1"}).status_code == 302
    assert steps(ticket) == ["open", "arrive", "push", "end"]


def test_an_administrator_who_is_no_member_is_told_why_not(admin: Client, ticket: Ticket) -> None:
    page = text_of(admin.get(stage_page(ticket), headers={"accept-language": "en"}), 403)
    assert "no active member" in page
    assert admin.post(stage_page(ticket), {"amount": "1"}).status_code == 403


def test_for_strangers_and_others_there_is_no_such_stage(
    client: Client, clerk: Client, ticket: Ticket, charlie: Member, flow: Flow, alice: Member
) -> None:
    url = stage_page(ticket)
    linked(client, administrator(charlie))
    other = opened(flow, alice)
    assert client.get(url).status_code == client.post(url).status_code == 404
    for account in (clerk, Client()):
        assert account.get(url).status_code == account.post(url).status_code == 302
    linked(client, alice, username="alice")
    token = other.tokens.get().pk
    for wrong in (ticket_page(ticket, "stage", token), ticket_page(ticket, "stage", 2**63)):
        assert client.get(wrong).status_code == 404
    assert client.get(f"/admin/forms_app/ticket/{2**63}/stages/1/").status_code == 404


def test_of_a_disabled_form_nothing_is_pushed(pusher: Client, ticket: Ticket, form: CustomForm) -> None:
    url = stage_page(ticket)
    form.status = Status.DISABLE
    form.save()
    assert "The form is disabled" in text_of(pusher.get(url, headers={"accept-language": "en"}), 403)
    assert pusher.post(url, {"amount": "1"}).status_code == 403


def test_without_its_record_nothing_is_pushed(pusher: Client, ticket: Ticket, form: CustomForm, alice: Member) -> None:
    url = stage_page(ticket)
    FormEntity.objects.filter(custom_form=form, id=ticket.entity_id).delete()
    response = pusher.get(url, follow=True, headers={"accept-language": "en"})
    assert "record does not exist any more" in text_of(response)


def test_it_takes_as_many_statements_after_many_steps(
    pusher: Client, form: CustomForm, alice: Member, people: dict[int, Member]
) -> None:
    source = definition("start > human_1 > condition", "condition > human_1 : {amount} < 100", "condition > end")
    flow = make_flow(form, source)
    ticket = opened(flow, alice, amount=0, people=[{"uid": 1}])
    counts = []
    for number in range(3):
        counts.append(statements(pusher, stage_page(ticket)))
        for member in people.values():
            token = ticket.tokens.get(state="waiting").pk
            values = {"amount": number * 5 + member.uid, "people": [{"uid": member.uid}]}
            ticket_push(flow=flow, data_id=token, values=values, actor=actor_of(member))
    assert len(set(counts)) == 1
