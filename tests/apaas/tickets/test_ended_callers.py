"""A token that has ended, and a member who has left, call the ticket API no more: for that reason, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from forms_app.exact_json import dumps
from forms_app.models import AccessToken, Flow, Member, SecurityCode, Ticket
from forms_app.people.security_codes import security_code_issue
from forms_app.people.tokens import token_revoke
from tests.apaas.tickets.conftest import EDIT, QUERY, Desk, reason, value
from tests.factories import make_token
from tests.seeds import ticket_document as document


def codes(desk: Desk) -> set[str]:
    """The codes of the faults of each call of the API; each is a failure in the document's words."""
    found = set()
    calls: list[tuple[str, dict[str, Any], str]] = [
        (EDIT, {"action": "create", "formdata": [value("title", "x")]}, document.CREATE_FAILED),
        (EDIT, {"action": "update", "data_id": 1}, document.PUSH_FAILED),
        (QUERY, {"data_no": 1}, document.QUERY_FAILED),
    ]
    for call, body, failed in calls:
        response = desk.send(call + desk.api_path, dumps({"security": desk.security, **body}))
        assert reason(response.content, failed)
        found.add(response["X-Fault-Codes"])
    return found


def expire(token: AccessToken) -> None:
    token.expires_at = timezone.now() - timedelta(seconds=1)
    token.save()


def expire_now(token: AccessToken) -> None:
    token.expires_at = timezone.now()
    token.save()


def deactivate(token: AccessToken) -> None:
    member = token.member
    member.is_active = False
    member.save()


@pytest.mark.parametrize("end", [expire, expire_now, deactivate, lambda token: token_revoke(access_token=token)])
def test_a_token_that_has_ended_is_nobodys(alice: Member, flow: Flow, end: Callable[[AccessToken], None]) -> None:
    row, token = make_token(alice, expires_at=timezone.now() + timedelta(hours=1))
    desk = Desk(token, flow.api_path)
    number = desk.create([value("title", "x")])
    stages = desk.stages(number)
    end(AccessToken.objects.get(pk=row.pk))
    assert codes(desk) == {"unknown_security"}
    assert json.loads(desk.push(stages["review"], [value("note", "n")]))["status"] != "200"
    assert Ticket.objects.count() == 1
    assert Desk(make_token(Member.objects.get(organization=alice.organization, uid=2))[1], flow.api_path).stages(
        number
    ) == (stages)


def test_ending_one_token_ends_no_other(alice: Member, flow: Flow) -> None:
    row, _token = make_token(alice)
    other = Desk(make_token(alice)[1], flow.api_path)
    token_revoke(access_token=row)
    assert other.create([value("title", "x")]) == "1"


def test_a_code_whose_member_has_left_tells_that_it_is_linked_to_nobody(code: str, alice: Member, flow: Flow) -> None:
    alice.is_active = False
    alice.save()
    assert codes(Desk(code, flow.api_path)) == {"no_member"}
    assert not Ticket.objects.exists()


def test_a_code_whose_account_was_switched_off_is_ended(code: str, account: User, flow: Flow) -> None:
    account.is_active = False
    account.save()
    assert codes(Desk(code, flow.api_path)) == {"expired_security"}
    assert not Ticket.objects.exists()


def test_a_code_that_was_ended_opens_nothing(code: str, account: User, flow: Flow) -> None:
    first = SecurityCode.objects.get()
    second = security_code_issue(user=account)
    first.delete()
    assert codes(Desk(code, flow.api_path)) == {"unknown_security"}
    assert Desk(second, flow.api_path).create([value("title", "x")]) == "1"
