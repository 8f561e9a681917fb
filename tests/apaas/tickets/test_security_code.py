"""GET /accounts/api/security/get/ and what the code opens; every address that is none."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apaas.tickets import views
from forms_app.exact_json import dumps
from forms_app.models import Flow, FormEntity, Member, SecurityCode, Ticket
from forms_app.people.security_codes import security_code_issue, security_code_user
from forms_app.people.tokens import digest
from tests.apaas.conftest import HANDLER
from tests.apaas.tickets.conftest import EDIT, PASSWORD, QUERY, SECURITY, Desk, aged, basic, reason, value
from tests.factories import MemberFactory, UserFactory
from tests.seeds import ticket_document as document

UNKNOWN = '{"status":403,"message":"使用者不存在或未啟用。"}'.encode()
URL_ERROR = '{"status":403,"message":"URL錯誤，請確認後重新發送請求。"}'.encode()


def asked(authorization: str | None, path: str = SECURITY, method: str = "GET", **headers: str) -> bytes:
    """What the address answers, always with 200."""
    client = Client(raise_request_exception=False)
    client.handler = HANDLER
    if authorization is not None:
        headers["HTTP_AUTHORIZATION"] = authorization
    response = client.generic(method, path, **headers)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert (response["Cache-Control"], response["Vary"]) == ("no-store", "Authorization, Accept-Language")
    return response.content


@pytest.mark.parametrize("path", [SECURITY, SECURITY.rstrip("/")])
def test_a_code_is_given_for_name_and_password(account: User, flow: Flow, path: str) -> None:
    answer = asked(basic(account.username, PASSWORD), path)
    code = json.loads(answer)["result"]["security"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", code)
    assert answer == ('{"status":200,"message":"取得成功。","result":{"security":"' + code + '"}}').encode()
    assert code not in str(SecurityCode.objects.values().get())
    assert Desk(code, flow.api_path).create([value("title", "x")]) == "1"
    assert FormEntity.objects.get().owner_uid == 1


def test_the_answer_never_follows_the_language(account: User) -> None:
    for language in ("en", "zh-CN"):
        assert asked(basic("x", "y"), HTTP_ACCEPT_LANGUAGE=language) == UNKNOWN
        assert "取得成功。" in asked(basic(account.username, PASSWORD), HTTP_ACCEPT_LANGUAGE=language).decode()


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Basic", "Basic ", "Basic !!!", "Basic x", "Basic " + "x" * 9999, "Bearer abc",
        "Token token=abc", basic("", ""), basic("愛麗絲", ""), basic("愛麗絲", "wrong"), basic("愛", PASSWORD),
        basic("愛麗絲 ", PASSWORD), basic("nobody", PASSWORD), basic("a\0b", PASSWORD), basic("愛麗絲", "\0"),
        basic("x" * 5000, PASSWORD), basic("é", "ü", "latin-1"),
        "Basic " + base64.b64encode(b"\xff\xfe\x00").decode(), "Basic " + base64.b64encode("愛麗絲".encode()).decode(),
    ],
)  # fmt: skip
def test_wrong_credentials_are_refused_alike(account: User, authorization: str | None) -> None:
    assert asked(authorization) == UNKNOWN
    assert not SecurityCode.objects.exists()


def test_a_name_in_latin_1_is_understood(alice: Member) -> None:
    alice.user = User.objects.create_user("rené", password="été 1")
    alice.save()
    for encoding in ("utf-8", "latin-1"):
        assert json.loads(asked(basic("rené", "été 1", encoding)))["status"] == 200


def test_an_account_that_may_not_act_gets_no_code(account: User, alice: Member) -> None:
    account.is_active = False
    account.save()
    assert asked(basic(account.username, PASSWORD)) == UNKNOWN
    account.is_active = True
    account.save()
    alice.is_active = False
    alice.save()
    assert asked(basic(account.username, PASSWORD), HTTP_ACCEPT_LANGUAGE="en") == UNKNOWN
    assert not SecurityCode.objects.exists()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_gives_no_code(account: User, method: str) -> None:
    answer = json.loads(asked(basic(account.username, PASSWORD), method=method))
    assert list(answer) == ["status", "message", "reason"]
    assert (answer["status"], answer["message"]) == (404, "登入失敗。")
    assert not SecurityCode.objects.exists()


def test_a_code_ends_after_five_idle_minutes(code: str, flow: Flow) -> None:
    desk = Desk(code, flow.api_path)
    for seconds in (299, 299):  # each use begins the time anew
        aged(code, seconds)
        assert desk.query(1) == document.said(document.QUERIED, result=[])
    aged(code, 301)
    for _ in range(2):
        assert reason(desk.query(1), document.QUERY_FAILED).startswith("security: ")
        assert reason(desk.open([value("title", "x")]), document.CREATE_FAILED).startswith("security: ")
        assert reason(desk.push(1), document.PUSH_FAILED).startswith("security: ")
    assert not Ticket.objects.exists()


def test_a_program_can_tell_an_expired_code_from_a_wrong_one(code: str, flow: Flow) -> None:
    def codes(security: object, call: str = "omdata-data-id/get/", **body: object) -> str:
        desk = Desk(code, flow.api_path)
        raw = dumps({"security": security, "data_no": 1, **body})
        response = desk.send(f"/rest/flowmanage/api/{call}{flow.api_path}", raw)
        assert list(json.loads(response.content)) == ["status", "message", "reason"]
        return response["X-Fault-Codes"]

    aged(code, 301)
    assert codes(code) == "expired_security"
    assert codes(code, "omdata/edit/", action="create") == "expired_security"
    assert codes(code, "omdata/edit/", action="update", data_id=1) == "expired_security"
    for wrong in ("0" * 8 + code[8:], "no code", "x" * 24):
        assert codes(wrong) == "unknown_security"
    assert codes("") == "required"


def test_a_success_has_no_codes_of_faults(code: str, flow: Flow) -> None:
    raw = dumps({"security": code, "data_no": 1})
    assert "X-Fault-Codes" not in Desk(code, "").send(f"/rest/flowmanage/api/omdata-data-id/get/{flow.api_path}", raw)


def test_the_idle_time_is_a_setting(code: str, settings: Settings) -> None:
    settings.SECURITY_CODE_IDLE_SECONDS = 10
    aged(code, 9)
    assert security_code_user(code)
    aged(code, 11)
    assert security_code_user(code) is None


def test_a_use_is_written_at_most_once_a_second(code: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert security_code_user(code)
    aged(code, 2)
    with django_assert_num_queries(2):
        assert security_code_user(code)
    assert timezone.now() - SecurityCode.objects.get().last_used_at < timedelta(seconds=1)


def test_a_new_code_removes_idle_ones_of_the_account_only(account: User, code: str) -> None:
    other = security_code_issue(user=UserFactory())
    second = security_code_issue(user=account)
    assert {security_code_user(one) for one in (code, second)} == {account}
    for one in (code, other):
        aged(one, 400)
    third = security_code_issue(user=account)
    assert set(SecurityCode.objects.values_list("digest", flat=True)) == {digest(one) for one in (second, third, other)}


def test_a_code_never_stands_for_another_account(alice: Member, bob: Member, charlie: Member, flow: Flow) -> None:
    codes = {}
    for member, name in ((alice, "admin"), (bob, "admin123"), (charlie, "Admin")):
        member.user = User.objects.create_user(name, password=f"pass of {name}")
        member.save()
        codes[name] = json.loads(asked(basic(name, f"pass of {name}")))["result"]["security"]
    for name, code in codes.items():
        user = security_code_user(code)
        assert user is not None
        assert user.username == name
        for near in (
            code[:-1],
            code + "0",
            code.upper(),
            code.replace("-", ""),
            f" {code}",
            code + "\0",
            f"%{code[1:]}",
        ):
            assert security_code_user(near) is None
            assert reason(Desk(near, flow.api_path).query(1), document.QUERY_FAILED)
    for name in ("admin", "admin123"):
        Desk(codes[name], flow.api_path).create([value("title", name)])
    assert {row.data["title"]: row.owner_uid for row in FormEntity.objects.all()} == {"admin": 1, "admin123": 2}
    told = reason(Desk(codes["Admin"], flow.api_path).open([]), document.CREATE_FAILED)
    assert told == reason(Desk(codes["admin"], "unknown").open([]), document.CREATE_FAILED)
    assert asked(basic("admin", "pass of admin123")) == UNKNOWN


def test_a_code_is_void_when_account_or_member_is_switched_off(
    code: str, account: User, alice: Member, flow: Flow
) -> None:
    desk = Desk(code, flow.api_path)

    def refused_for() -> str:
        response = desk.send(QUERY + flow.api_path, dumps({"security": code, "data_no": 1}))
        assert reason(response.content, document.QUERY_FAILED).startswith("security: ")
        return response["X-Fault-Codes"]

    account.is_active = False
    account.save()
    assert refused_for() == "expired_security"
    account.is_active = True
    account.save()
    alice.is_active = False
    alice.save()
    assert refused_for() == "no_member"
    alice.is_active = True
    alice.save()
    assert desk.query(1) == document.said(document.QUERIED, result=[])


def test_a_code_acts_as_the_member_that_is_linked_now(code: str, account: User, alice: Member, flow: Flow) -> None:
    alice.user = None
    alice.save()
    dora = MemberFactory(organization=alice.organization, uid=77, user=account)
    Desk(code, flow.api_path).create([value("title", "x")])
    assert FormEntity.objects.get().owner_uid == dora.uid


def test_tokens_and_codes_are_told_apart_by_nothing_but_their_value(desk: Desk, code: str) -> None:
    for security in (desk.security, code):
        assert Desk(security, desk.api_path).query(1) == document.said(document.QUERIED, result=[])
    assert code not in str(list(SecurityCode.objects.values()))


PATHS = [
    "/rest/", "/rest/x", "/rest/flowmanage/api/omdata/edit", "/rest/flowmanage/api/omdata/edit/",
    "/rest/flowmanage/api/omdata/edit/a/b", "/rest//", "/rest/%00",
    "/rest/flowmanage/api/omdata-data-id/get/", "/rest/%E6%B3%B5", "/rest/%FF", "/accounts/api/",
    "/accounts/api/security/get/x", "/accounts/api/security", "/rest/my-mission/api/my-mission/", "/rest/a%0Ab",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_any_other_address_says_so(db: None, path: str) -> None:
    for method in ("GET", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"):
        assert asked(None, path, method) == URL_ERROR


def test_a_bad_host_is_answered_well_formed(db: None) -> None:
    for path, message in ((EDIT + "x", "開單失敗。"), (SECURITY, "登入失敗。")):
        answer = json.loads(asked(None, path, "POST", HTTP_HOST="evil.example"))
        assert list(answer) == ["status", "message", "reason"]
        assert answer["message"] == message
        assert "errors" not in answer["reason"]  # this API has no such list
    assert asked(None, "/rest/x", HTTP_HOST="evil.example") == URL_ERROR


def test_our_fault_is_a_failure_that_names_its_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, account: User, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(views, "callable_flow", broken)
    monkeypatch.setattr(views, "security_code_issue", broken)
    body = dumps({"security": desk.security, "action": "update"})
    response = desk.send(EDIT + "tickets", body, HTTP_X_REQUEST_ID="request-7")
    assert "request-7" in reason(response.content, document.PUSH_FAILED)
    assert "secret" not in response.content.decode()
    answer = json.loads(asked(basic(account.username, PASSWORD), HTTP_X_REQUEST_ID="request-8"))
    assert (answer["message"], "request-8" in answer["reason"]) == ("登入失敗。", True)
    logged = [record.getMessage() for record in caplog.records]
    assert sum("request failed" in line for line in logged) == 2


def test_without_the_database_it_is_503_in_the_same_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr(views, "caller_of", away)
    response = desk.send(EDIT + "tickets", b'{"action":"update"}', status=503)
    assert response["Retry-After"]
    assert reason(response.content, document.PUSH_FAILED)


def test_a_throttled_caller_is_told_when_to_come_again(desk: Desk, settings: Settings, account: User) -> None:
    settings.THROTTLE_RATE = "1/day"
    desk.query(1)
    response = desk.send(EDIT + "tickets", dumps({"security": desk.security, "action": "create"}))
    assert int(response["Retry-After"]) > 0
    assert reason(response.content, document.CREATE_FAILED)
    assert json.loads(asked(basic(account.username, PASSWORD)))["message"] == "登入失敗。"
