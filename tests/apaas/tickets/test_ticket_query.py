"""查詢: POST /rest/flowmanage/api/omdata-data-id/get/<api_path>."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_app.exact_json import dumps
from forms_app.models import Flow, Member, TicketToken
from tests.apaas.tickets.conftest import QUERY, Desk, reason, value
from tests.factories import make_token
from tests.seeds import ticket_document as document


def test_it_lists_where_the_ticket_waits_as_the_document_does(desk: Desk) -> None:
    number = desk.create([value("title", "x")])
    token = TicketToken.objects.get()
    waiting = [{"data_id": str(token.pk), "stop_chart_text": "review"}]
    assert desk.query(number) == document.said(document.QUERIED, result=waiting)
    assert desk.query(int(number)) == desk.query("0001") == desk.query(number)


def test_a_parallel_ticket_waits_at_several_stages(desk: Desk, checked_flow: Flow) -> None:
    checked = desk.at("checked")
    checked.create([value("amount", 1)])
    stages = checked.stages(1)
    assert list(stages) == ["one", "two"]
    checked.push(stages["one"])
    assert list(checked.stages(1)) == ["two"]


@pytest.mark.parametrize("number", [1, 2, "7", 0, "0", 2**63 - 1, 2**63, "9" * 40, 10**300])
def test_a_number_that_no_ticket_has_waits_nowhere(desk: Desk, number: Any) -> None:
    assert desk.query(number) == document.said(document.QUERIED, result=[])


def test_a_ticket_that_ended_waits_nowhere(desk: Desk) -> None:
    number = desk.create([value("title", "x")])
    desk.push(desk.stages(number)["review"], [value("note", "n")])
    desk.push(desk.stages(number)["approve"])
    assert desk.query(number) == document.said(document.QUERIED, result=[])


def test_numbers_are_the_flow_s_own(desk: Desk, checked_flow: Flow) -> None:
    desk.create([value("title", "x")])
    assert desk.at("checked").query(1) == document.said(document.QUERIED, result=[])


@pytest.mark.parametrize(
    "number", [None, "", "x", "1x", "１", "-1", -1, 1.5, True, [1], {"a": 1}, " 1", "1e3", "\x7f"]
)  # fmt: skip
def test_what_is_no_number_is_refused(desk: Desk, number: Any) -> None:
    assert reason(desk.query(number), document.QUERY_FAILED).startswith("data_no: ")


def test_unknown_parameters_are_refused(desk: Desk) -> None:
    told = reason(desk.query(1, action="create", formdata=[], data_id=5), document.QUERY_FAILED)
    assert "action: " in told
    assert "data_id: " in told
    assert desk.query(1, app_name="a", flow_name="b", flow_uuid="c") == document.said(document.QUERIED, result=[])


def test_who_does_not_see_the_flow_is_told_nothing(desk: Desk, charlie: Member) -> None:
    number = desk.create([value("title", "x")])
    stranger = Desk(make_token(charlie)[1], desk.api_path)
    told = {reason(who.query(number), document.QUERY_FAILED) for who in (stranger, desk.at("unknown"))}
    assert len(told) == 1


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("application/x-www-form-urlencoded", "security={}&data_no=1&omflow_restapi=1"),
        ("", "security={}&data_no=1"),
        ("application/x-www-form-urlencoded", '{{"security": "{}", "data_no": "1"}}'),
        ("multipart/form-data; boundary=b", '\ufeff {{"security": "{}", "data_no": 1}}'),
        (
            "multipart/form-data; boundary=b",
            '--b\r\nContent-Disposition: form-data; name="security"\r\n\r\n{}\r\n'
            '--b\r\nContent-Disposition: form-data; name="data_no"\r\n\r\n1\r\n--b--\r\n',
        ),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_kind_of_body_is_read(desk: Desk, content_type: str, raw: str, slash: str) -> None:
    desk.create([value("title", "x")])
    path = QUERY + desk.api_path + slash
    answer = desk.send(path, raw.format(desk.security).encode(), CONTENT_TYPE=content_type).content
    assert [row["stop_chart_text"] for row in json.loads(answer)["result"]] == ["review"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_fails_with_a_reason(desk: Desk, method: str) -> None:
    body = dumps({"security": desk.security, "data_no": 1})
    assert reason(desk.send(QUERY + desk.api_path, body, method).content, document.QUERY_FAILED)


@pytest.mark.parametrize("raw", [b"{", b"--b\r\nContent", b"\xff"])
def test_a_body_that_can_t_be_read_fails_with_its_reason(desk: Desk, raw: bytes) -> None:
    for kind in (
        "application/json",
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "multipart/form-data; boundary=",
    ):
        assert reason(desk.send(QUERY + desk.api_path, raw, CONTENT_TYPE=kind).content, document.QUERY_FAILED)
