"""One shape for every failure, on every path that can fail."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from psycopg.errors import (
    AdminShutdown,
    CannotConnectNow,
    ConnectionException,
    DeadlockDetected,
    DiskFull,
    LockNotAvailable,
    OutOfMemory,
    ProgramLimitExceeded,
    QueryCanceled,
    SerializationFailure,
    TooManyConnections,
)
from pytest_django import Settings

from apaas import errors
from apaas.middleware import NO_STORE, VARY
from apaas.viewsets import form_entities
from config.logs import line_formatter
from forms_app.models import CustomForm, FormEntity, Member
from forms_app.records import statements
from tests.apaas.conftest import API, Api, address
from tests.factories import make_token

KEYS = ["code", "message", "remark", "data", "errors", "request_id"]
FAULT = {"field", "label", "code", "message", "allowed", "got"}
MESSAGES = {row.code: row.message for row in errors.ERRORS}
PATHS = [
    "", "x", "api", "api/v2", "api/v1/form_entities", "api/v2/", "api/v2/x", "api/v2/form_entities/x/y",
    "api/v2/form_entities//", "api/v2/form_entities.json", "api/v2/custom_forms/0", "api/v2/custom_forms/x",
    "api/v2/form_entities/9223372036854775808", "api/v2/files/a/b", "%00", "../apaas/x", "api/v2/%E6%B3%B5", "%FF",
]  # fmt: skip


def canonical(response: HttpResponse, status: int) -> Any:
    """The failure in the one shape that all have; gives its body."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == "application/json"
    answer = json.loads(response.content.decode())
    assert list(answer) == KEYS
    assert answer["code"] == {404: 100100}.get(status, 100000 + status)
    assert answer["message"] == MESSAGES[answer["code"]]
    assert answer["message"].isascii()
    assert answer["remark"]
    assert answer["data"] is None
    assert isinstance(answer["errors"], list)
    assert answer["errors"] or status != 400
    for fault in answer["errors"]:
        assert set(fault) - {"index"} == FAULT
        assert isinstance(fault["field"], str)
        assert isinstance(fault["label"], str)
        assert fault["message"]
        assert fault["code"].isidentifier()
        assert fault.get("index", 0) is not None
    assert answer["request_id"]
    assert response["X-Request-Id"] == answer["request_id"]
    assert (response["Cache-Control"], response["Vary"]) == (NO_STORE, VARY)
    assert ("Retry-After" in response) == (status in (429, 503))
    assert "Traceback" not in response.content.decode()
    return answer


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_an_unknown_path_is_not_found_in_the_envelope(api: Api, method: str) -> None:
    for path in PATHS:
        canonical(api.call(method, f"/apaas/{path}"), 404)


def test_every_status_of_the_table_has_one_shape(
    api: Api, reader: Api, form: CustomForm, record: Callable[..., int], settings: Settings
) -> None:
    form.custom_fields.filter(name="title").update(setting={"unique": True})
    form.save()
    record(title="taken")
    path = address(form)
    canonical(api.call("POST", path, {"form_entity": 5}), 400)
    canonical(api.call("POST", path, raw=b"{"), 400)
    canonical(Api(None).call("GET", path), 401)
    canonical(reader.call("POST", path, {"form_entity": {}}), 403)
    canonical(api.call("GET", address(form, "987654321")), 404)
    canonical(api.call("DELETE", path), 405)
    canonical(api.call("POST", path, {"form_entity": {"title": "taken"}}), 409)
    canonical(api.call("PUT", path, {"sort": [{"id": "asc"}] * 11}), 413)
    canonical(api.call("POST", path, raw=b"a=1", CONTENT_TYPE="application/x-www-form-urlencoded"), 415)
    settings.MAX_BODY_BYTES = 10
    canonical(api.call("POST", path, {"form_entity": {"title": "x"}}), 413)
    settings.THROTTLE_RATE = "1/d"
    api.call("GET", path)
    canonical(api.call("GET", path), 429)


def test_the_query_string_or_headers_of_a_wrong_host_change_nothing(api: Api, form: CustomForm) -> None:
    for host in ("evil.example", "a b", "localhost:x", ""):
        answer = canonical(api.call("GET", address(form), HTTP_HOST=host, HTTP_ACCEPT="text/html"), 400)
        assert answer["errors"][0]["code"] == "bad_request"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("custom_apps", {"GET"}),
        ("custom_forms", {"GET"}),
        ("custom_forms/1", {"GET"}),
        ("files", {"POST"}),
        ("files/" + "0" * 32, {"GET"}),
        ("form_entities", {"GET", "PUT", "POST"}),
        ("form_entities/ids", {"GET", "PUT"}),
        ("form_entities/simple", {"GET"}),
        ("form_entities/evaluate", {"GET", "PUT", "POST"}),
        ("form_entities/transfer", {"PUT", "POST"}),
        ("form_entities/mass_destroy", {"DELETE", "POST"}),
        ("form_entities/1", {"GET", "PUT", "POST"}),
    ],
)
def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(api: Api, path: str, allowed: set[str]) -> None:
    for slash in ("", "/"):
        for method in {"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} - allowed:
            response = api.call(method, path + slash)
            canonical(response, 405)
            told = set(response["Allow"].split(", "))
            assert told - {"HEAD", "OPTIONS"} == allowed, (method, told)
            assert ("HEAD" in told) == ("GET" in allowed)


def test_head_is_a_get_without_its_body(api: Api, form: CustomForm) -> None:
    response = api.call("HEAD", address(form))
    assert (response.status_code, response.content) == (200, b"")
    assert api.call("HEAD", address(form, "987654321")).status_code == 404


@pytest.mark.parametrize("given", ["abc-1.2_X", "x" * 64])
def test_a_request_id_of_the_caller_is_kept(api: Api, given: str) -> None:
    assert canonical(api.call("GET", "nowhere", HTTP_X_REQUEST_ID=given), 404)["request_id"] == given
    assert api.call("GET", "custom_apps", HTTP_X_REQUEST_ID=given)["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\nb", "é", "<script>"])
def test_what_is_no_request_id_is_replaced(api: Api, given: str) -> None:
    assert canonical(api.call("GET", "nowhere", HTTP_X_REQUEST_ID=given), 404)["request_id"] != given


def raising(error: Exception) -> Callable[..., Any]:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise error

    return broken


SECRET = "password=hunter2 at /srv/app.py"


@pytest.mark.parametrize("error", [RuntimeError(SECRET), KeyError(SECRET), RecursionError(SECRET), MemoryError(SECRET)])
def test_a_bug_of_ours_is_logged_with_its_id_and_says_nothing_of_the_inside(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    monkeypatch.setattr(form_entities, "entity_create", raising(error))
    response = api.call("POST", address(form), {"form_entity": {}})
    answer = canonical(response, 500)
    assert "hunter2" not in response.content.decode()
    assert answer["errors"] == []
    assert any(answer["request_id"] in str(record.msg) for record in caplog.records)


def test_a_bug_while_the_answer_is_written_has_the_shape_and_an_id_in_the_log(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(line_formatter("json"))
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(form_entities, "present", lambda *args: [{"id": object()}])
    answer = canonical(api.call("POST", address(form), {"form_entity": {}}), 500)
    logging.getLogger().removeHandler(handler)
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["request_id"] for line in logged] == [answer["request_id"]]
    assert "Traceback" in logged[0]["exception"]


@pytest.mark.django_db(transaction=True)
def test_a_bug_in_the_middle_of_a_write_leaves_nothing_half_written(
    api: Api, form: CustomForm, record: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [record(title="a"), record(title="b")]
    monkeypatch.setattr(statements, "count", raising(RuntimeError("bug")))
    canonical(api.call("DELETE", address(form, "mass_destroy"), {"ids": ids}), 500)
    assert FormEntity.objects.filter(custom_form_id=form.pk).count() == 2
    monkeypatch.undo()
    assert api.ok("GET", address(form))["total_count"] == 2


@pytest.mark.parametrize("error", [OperationalError("connection is lost"), InterfaceError("connection already closed")])
def test_without_the_database_it_is_unavailable_for_a_while(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(errors.connection, "close", lambda: None)  # the test's own transaction lives in it
    monkeypatch.setattr(form_entities, "entity_create", raising(error))
    response = api.call("POST", address(form), {"form_entity": {}})
    assert canonical(response, 503)["errors"] == []
    assert int(response["Retry-After"]) > 0


def said_by_postgresql(cause: type[psycopg.Error]) -> OperationalError:
    error = OperationalError("as PostgreSQL says it")
    error.__cause__ = cause("as PostgreSQL says it")
    return error


@pytest.mark.parametrize(
    ("error", "status", "codes"),
    [
        (said_by_postgresql(DeadlockDetected), 409, ["busy"]),
        (said_by_postgresql(SerializationFailure), 409, ["busy"]),
        (said_by_postgresql(LockNotAvailable), 409, ["busy"]),
        (said_by_postgresql(QueryCanceled), 400, ["too_expensive"]),
        (said_by_postgresql(DiskFull), 507, []),
        (OSError(errno.ENOSPC, "No space left on device"), 507, []),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 507, []),
        (OSError(errno.EACCES, "Permission denied"), 500, []),
        (said_by_postgresql(OutOfMemory), 500, []),
        (said_by_postgresql(ProgramLimitExceeded), 500, []),
        (said_by_postgresql(TooManyConnections), 503, []),
        (said_by_postgresql(AdminShutdown), 503, []),
        (said_by_postgresql(CannotConnectNow), 503, []),
        (said_by_postgresql(ConnectionException), 503, []),
    ],
    ids=lambda value: str(value.__cause__ and type(value.__cause__).__name__) if isinstance(value, Exception) else "",
)
def test_503_is_the_database_being_away_and_nothing_else(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, codes: list[str]
) -> None:
    monkeypatch.setattr(errors.connection, "close", lambda: None)  # the test's own transaction lives in it
    monkeypatch.setattr(form_entities, "entity_create", raising(error))
    response = api.call("POST", address(form), {"form_entity": {}})
    assert [fault["code"] for fault in canonical(response, status)["errors"]] == codes
    assert response.has_header("Retry-After") is (status == 503)


@pytest.mark.django_db(transaction=True)
def test_without_the_database_even_the_token_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setattr(connection, "connect", raising(OperationalError("nobody listens")))
    for method in ("GET", "POST"):
        response = Client(raise_request_exception=False).generic(
            method, API + "form_entities", HTTP_ACCESS_TOKEN="x", HTTP_COOKIE="sessionid=abc", HTTP_ACCEPT="text/html"
        )
        canonical(response, 503)
    monkeypatch.undo()


def test_hostile_headers_are_no_bug(api: Api, form: CustomForm, alice: Member) -> None:
    token = make_token(alice)[1]
    for headers in (
        {"HTTP_ACCEPT_LANGUAGE": "\x00,;q=x" * 1000},
        {"HTTP_ACCEPT_LANGUAGE": "xx-" + "y" * 5000},
        {"HTTP_ACCEPT": "/" * 5000},
        {"HTTP_COOKIE": "sessionid=\x00; django_language=../../x; csrftoken=" + "a" * 5000},
        {"HTTP_X_FORWARDED_HOST": "evil", "HTTP_X_FORWARDED_PROTO": "x"},
        {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
        {"HTTP_IF_MODIFIED_SINCE": "x", "HTTP_IF_NONE_MATCH": "*", "HTTP_RANGE": "bytes=0-1"},
        {"HTTP_CONTENT_ENCODING": "gzip"},
        {"HTTP_EXPECT": "x"},
    ):
        response = Api(token).call("GET", address(form), **headers)
        assert response.status_code == 200, headers
