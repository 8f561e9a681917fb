"""推單: POST /rest/flowmanage/api/omdata/edit/<api_path> with action update."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from forms_app.models import CustomForm, Flow, FormEntity, Member, TicketStep
from forms_app.people.rights import READING
from forms_app.people.security_codes import security_code_issue
from tests.accounts import administrator
from tests.apaas.tickets.conftest import Desk, reason, value
from tests.factories import UserFactory, make_token
from tests.flows import definition, history, make_flow
from tests.seeds import ticket_document as document


@pytest.fixture
def number(desk: Desk) -> str:
    """A ticket that waits at review."""
    return desk.create([value("FORMITM_1", "printer")])


def stage(desk: Desk, number: Any) -> str:
    (found,) = desk.stages(number).values()
    return found


def test_it_answers_as_the_document_does_and_moves_on(desk: Desk, number: str) -> None:
    first = stage(desk, number)
    assert desk.push(first, [value("FORMITM_8", "done")]) == document.said(document.PUSHED)
    assert list(desk.stages(number)) == ["approve"]
    assert stage(desk, number) != first
    assert desk.push(int(stage(desk, number))) == document.said(document.PUSHED)
    assert FormEntity.objects.get().data == {"title": "printer", "note": "done"}
    assert desk.query(number) == document.said(document.QUERIED, result=[])


@pytest.mark.parametrize("files", [None, {}])
def test_forms_are_read(desk: Desk, number: str, files: Any) -> None:
    values = {"action": "update", "data_id": stage(desk, number), "formdata": json.dumps([value("note", "完")])}
    assert desk.form(values, files) == document.said(document.PUSHED)
    assert FormEntity.objects.get().data["note"] == "完"


def test_a_used_data_id_is_refused_and_names_the_current_stage(desk: Desk, number: str) -> None:
    first = stage(desk, number)
    desk.push(first, [value("note", "one")])
    told = reason(desk.push(first, [value("note", "two")]), document.PUSH_FAILED)
    assert "approve" in told
    second = stage(desk, number)
    desk.push(second)
    told = {reason(desk.push(one, [value("note", "three")]), document.PUSH_FAILED) for one in (first, second)}
    assert "approve" not in "".join(told)
    assert FormEntity.objects.get().data["note"] == "one"
    assert TicketStep.objects.filter(action="push").count() == 2


@pytest.mark.parametrize(
    "data_id", [None, "", "x", "１", 0, -1, 1.5, True, [1], 2**63, "9" * 40, 987654321, "987654321"]
)
def test_an_invented_data_id_is_refused_and_changes_nothing(desk: Desk, number: str, data_id: Any) -> None:
    assert reason(desk.push(data_id, [value("note", "x")]), document.PUSH_FAILED).startswith("data_id: ")
    assert list(desk.stages(number)) == ["review"]
    assert FormEntity.objects.get().data == {"title": "printer"}


def test_a_data_id_of_another_flow_is_refused(desk: Desk, number: str, checked_flow: Flow) -> None:
    told = reason(desk.at("checked").push(stage(desk, number)), document.PUSH_FAILED)
    assert told.startswith("data_id: ")
    assert list(desk.stages(number)) == ["review"]


def test_a_ticket_number_that_is_sent_along_must_be_the_stage_s(desk: Desk, number: str) -> None:
    other = desk.create([value("title", "other")])
    body = [value("note", "x")]
    assert "data_no: " in reason(desk.push(stage(desk, number), body, data_no=other), document.PUSH_FAILED)
    assert list(desk.stages(number)) == ["review"]
    assert desk.push(stage(desk, number), body, data_no=number) == document.said(document.PUSHED)


def test_every_fault_of_the_values_is_told_at_once(desk: Desk, number: str) -> None:
    items = [
        value("FORMITM_1", "changed"),
        value("FORMITM_2", 1),
        value("FORMITM_8", "x" * 2000),
        value("FORMITM_9", 1),
    ]
    told = reason(desk.push(stage(desk, number), items[:3], HTTP_ACCEPT_LANGUAGE="en"), document.PUSH_FAILED)
    for part in ("FORMITM_1 (label of title): ", "FORMITM_2 (label of amount): ", "FORMITM_8 (label of note): "):
        assert part in told
    told = reason(desk.push(stage(desk, number), items), document.PUSH_FAILED)
    assert "formdata[3]: " in told
    assert "FORMITM_8 (label of note): " in told
    told = reason(desk.push(stage(desk, number)), document.PUSH_FAILED)
    assert told.startswith("FORMITM_8 (label of note): ")
    assert list(desk.stages(number)) == ["review"]


def test_a_quick_action_stands_for_the_values(desk: Desk, number: str) -> None:
    for wrong, name in (("action2", "quick_action"), ("action3", "quick_action"), (1, "quick_action")):
        assert name in reason(desk.push(stage(desk, number), quick_action=wrong), document.PUSH_FAILED)
    both = desk.push(stage(desk, number), [value("note", "x")], quick_action="action1")
    assert "formdata: " in reason(both, document.PUSH_FAILED)
    assert desk.push(stage(desk, number), quick_action="action1") == document.said(document.PUSHED)
    assert FormEntity.objects.get().data["note"] == "fine"


def test_only_who_is_named_pushes_and_who_supervises(form: CustomForm, alice: Member, bob: Member) -> None:
    only_bob = {"assignees": {"members": [2], "departments": [], "fields": [], "creator": False}}
    make_flow(form, definition("start > review > end", review=only_bob), name="b", api_path="bob")
    mine, his = (Desk(make_token(who)[1], "bob") for who in (alice, bob))
    user: User = UserFactory(username="admin")
    alice.user = user
    alice.save()
    supervisor = Desk(security_code_issue(user=user), "bob")
    number = mine.create([value("title", "x")])
    for who in (mine, supervisor):
        assert reason(who.push(stage(mine, number)), document.PUSH_FAILED)
    assert his.push(stage(mine, number)) == document.said(document.PUSHED)
    number = mine.create([value("title", "y")])
    limited = Desk(make_token(alice, verbs=["read", "create", "update"])[1], "bob")
    administrator(alice)
    assert reason(limited.push(stage(mine, number)), document.PUSH_FAILED)
    assert supervisor.push(stage(mine, number)) == document.said(document.PUSHED)


def test_strangers_and_readers_push_nothing(desk: Desk, number: str, charlie: Member, alice: Member) -> None:
    data_id = stage(desk, number)
    stranger = Desk(make_token(charlie)[1], desk.api_path)
    reader = Desk(make_token(alice, verbs=READING)[1], desk.api_path)
    for who in (stranger, reader):
        assert reason(who.push(data_id, [value("note", "x")]), document.PUSH_FAILED)
    assert stage(desk, number) == data_id


def test_both_branches_of_a_parallel_are_pushed_by_their_own_ids(desk: Desk, checked_flow: Flow) -> None:
    checked = desk.at("checked")
    checked.create([value("amount", 1)])
    stages = checked.stages(1)
    for name in ("two", "one"):
        assert checked.push(stages[name], [value("note", name)]) == document.said(document.PUSHED)
    assert checked.stages(1) == {}
    ticket = checked_flow.tickets.get()
    assert [step for step in history(ticket.pk) if step[0] == "push"] == [("push", "two"), ("push", "one")]


def test_the_start_s_variables_are_no_matter_of_a_push(desk: Desk, number: str) -> None:
    told = reason(desk.push(stage(desk, number), start_input={"a": 1}), document.PUSH_FAILED)
    assert told.startswith("start_input: ")
