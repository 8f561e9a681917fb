"""Wrong security codes: counted for the address that sent them, and never to the cost of a right one."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest
from axes.models import AccessAttempt
from pytest_django import Settings

from forms_app.exact_json import dumps
from forms_app.models import Flow
from tests.apaas.tickets.conftest import QUERY, Desk, aged, reason
from tests.seeds import ticket_document as document


def asked_with(security: str, flow: Flow, **headers: str) -> Any:
    body = {"security": security, "data_no": "1"}
    return Desk("").send(QUERY + flow.api_path, dumps(body), **headers)


def test_wrong_codes_are_slowed_then_locked_and_answered_alike(flow: Flow, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES, settings.SIGN_IN_LOCK_SECONDS = 2, 60
    answers = [asked_with(str(uuid4()), flow) for _n in range(4)]
    assert len({answer.content for answer in answers}) == 1
    assert reason(answers[0].content, document.QUERY_FAILED).startswith("security: ")
    assert [answer.get("Retry-After") for answer in answers] == [None, "60", "60", "60"]
    attempt = AccessAttempt.objects.get()
    assert (attempt.failures_since_start, attempt.post_data.strip("-\n"), attempt.get_data.strip("-\n")) == (2, "", "")


def test_a_right_code_is_taken_all_the_while(code: str, flow: Flow, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 1
    before = asked_with(code, flow)
    for _n in range(3):
        asked_with(str(uuid4()), flow)
    after = asked_with(code, flow)
    assert after.content == before.content == document.said(document.QUERIED, result=[])
    assert "Retry-After" not in after


def test_a_code_that_has_ended_is_not_counted(code: str, flow: Flow) -> None:
    aged(code, 301)
    assert "Retry-After" not in asked_with(code, flow)
    assert not AccessAttempt.objects.exists()


def test_another_address_has_its_own_count(flow: Flow, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 1
    assert asked_with(str(uuid4()), flow, REMOTE_ADDR="203.0.113.9")["Retry-After"]
    assert AccessAttempt.objects.get().ip_address == "203.0.113.9"
    assert asked_with(str(uuid4()), flow, REMOTE_ADDR="203.0.113.8")["Retry-After"]
    assert AccessAttempt.objects.count() == 2


def test_each_wrong_code_is_logged_without_it_until_it_is_locked(
    flow: Flow, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SIGN_IN_FAILURES = 2
    codes = [str(uuid4()) for _n in range(5)]
    with caplog.at_level(logging.WARNING):
        for one in codes:
            asked_with(one, flow, REMOTE_ADDR="203.0.113.9")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("axes")]
    assert 2 <= len(lines) <= 3
    assert all("'security code' from 203.0.113.9 at /rest/" in line for line in lines)
    assert not [one for one in codes if one in caplog.text]
