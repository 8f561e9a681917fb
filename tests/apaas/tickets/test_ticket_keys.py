"""開單 and 推單 with a key are done once (docs/contract.md §5.2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from forms_app.exact_json import dumps
from forms_app.models import FormEntity, IdempotencyKey, Member, Ticket, TicketStep
from tests.apaas.tickets.conftest import EDIT, Desk, reason, value
from tests.factories import make_token
from tests.seeds import ticket_document as document

KEY = {"HTTP_IDEMPOTENCY_KEY": "one"}


def opened(desk: Desk, title: str = "printer", **headers: str) -> Any:
    body = {"security": desk.security, "action": "create", "formdata": [value("FORMITM_1", title)]}
    return desk.send(EDIT + desk.api_path, dumps(body), **headers)


@pytest.mark.parametrize("ticket", ["one", "", "单号 1"])
def test_a_ticket_is_opened_once_and_answered_with_the_same_bytes(desk: Desk, ticket: str) -> None:
    sent = {"formdata": [value("FORMITM_1", "printer")], **({"request_ticket": ticket} if ticket else {})}
    headers = {} if ticket else KEY
    bodies = [desk.edit({"action": "create", **sent}, **headers) for _again in range(3)]
    assert bodies[0] == bodies[1] == bodies[2] == document.said(document.CREATED, result="1")
    assert Ticket.objects.count() == FormEntity.objects.count() == 1


def test_what_is_answered_again_says_so(desk: Desk) -> None:
    first, again = opened(desk, **KEY), opened(desk, **KEY)
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert again.content == first.content == opened(desk.at(desk.api_path), **KEY).content


def test_a_stage_is_pushed_once(desk: Desk) -> None:
    number = desk.create([value("FORMITM_1", "printer")])
    (stage,) = desk.stages(number).values()
    pushed = [desk.push(stage, [value("FORMITM_8", "done")], **KEY) for _again in range(3)]
    assert set(pushed) == {document.said(document.PUSHED)}
    assert list(desk.stages(number)) == ["approve"]
    assert TicketStep.objects.filter(action="push").count() == 1
    assert reason(desk.push(stage, [value("FORMITM_8", "done")]), document.PUSH_FAILED)


def test_another_request_with_the_key_is_refused(desk: Desk) -> None:
    opened(desk, **KEY)
    refused = opened(desk, "scanner", **KEY)
    assert refused["X-Fault-Codes"] == "idempotency_key_reused"
    assert reason(refused.content, document.CREATE_FAILED)
    assert Ticket.objects.count() == 1


def test_a_failure_is_judged_anew(desk: Desk) -> None:
    number = desk.create([value("FORMITM_1", "printer")])
    (stage,) = desk.stages(number).values()
    assert reason(desk.push(stage, **KEY), document.PUSH_FAILED)  # the note is required
    assert not IdempotencyKey.objects.filter(custom_form_id__gt=0).exists()
    assert desk.push(stage, [value("FORMITM_8", "done")], **KEY) == document.said(document.PUSHED)


def test_files_are_part_of_the_request_and_kept_once(desk: Desk, kept: Callable[[], list[bytes]]) -> None:
    def send(content: bytes) -> bytes:
        return desk.form({"action": "create", "request_ticket": "one"}, {"files": ("a.txt", content)})

    first = send(b"one")
    assert json.loads(first)["status"] == "200", first.decode()
    assert send(b"one") == first
    assert json.loads(send(b"two"))["status"] == "404"
    assert kept() == [b"one"]


def test_keys_are_their_caller_s_own(desk: Desk, alice: Member) -> None:
    other = Desk(make_token(alice)[1], desk.api_path)
    numbers = [json.loads(opened(caller, **KEY).content)["result"] for caller in (desk, other)]
    assert numbers == ["1", "2"]


@pytest.mark.parametrize("header", ["If-Match", "If-Unmodified-Since"])
def test_other_conditions_are_refused_and_not_ignored(desk: Desk, header: str) -> None:
    refused = opened(desk, **{f"HTTP_{header.upper().replace('-', '_')}": '"1"'})
    assert refused["X-Fault-Codes"] == "not_supported"
    assert not Ticket.objects.exists()


def test_a_query_takes_no_key(desk: Desk) -> None:
    number = desk.create([value("FORMITM_1", "printer")])
    assert reason(desk.query(number, request_ticket="one"), document.QUERY_FAILED)
