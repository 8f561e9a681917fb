"""What surrounds a call with a token, and a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpRequest
from django.test import AsyncClient, Client
from pytest_django import Settings

from apaas.viewsets.base import ApiViewSet
from forms_app.database import running
from forms_app.models import Member
from forms_app.people.tokens import token_create

APPS = "/apaas/api/v2/custom_apps"
TOOK = re.compile(rb"\d+ ms")
"""How long a call took, on a page that shows it."""


@pytest.fixture
def token(alice: Member) -> str:
    return token_create(member=alice, name="middleware")[1]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[HttpRequest]:
    """The requests that reach a view."""
    found: list[HttpRequest] = []
    initial = ApiViewSet.initial

    def noted(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        found.append(request._request)
        initial(self, request, *args, **kwargs)

    monkeypatch.setattr(ApiViewSet, "initial", noted)
    return found


def test_a_call_with_a_token_has_no_session_and_no_messages(token: str, seen: list[HttpRequest]) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    response = client.get(APPS, headers={"ACCESS-TOKEN": token})
    assert response.status_code == 200
    (request,) = seen
    assert [name for name in ("session", "user", "_messages") if hasattr(request, name)] == [
        "user"
    ]  # the actor, that REST framework puts there


@pytest.mark.django_db
def test_a_page_has_them_all(seen: list[HttpRequest]) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    client.get(APPS)
    (request,) = seen
    assert [hasattr(request, name) for name in ("session", "user", "_messages")] == [True, True, True]


@pytest.mark.parametrize(("accepted", "spoken"), [("en", "en"), ("zh-TW,zh;q=0.9", "zh-hant"), ("", "zh-hans")])
def test_a_call_speaks_the_language_that_its_headers_ask_for(token: str, accepted: str, spoken: str) -> None:
    response = Client().get(APPS, headers={"ACCESS-TOKEN": token, "Accept-Language": accepted})
    assert response.headers["Content-Language"] == spoken
    assert "Accept-Language" in response.headers["Vary"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["testserver", "evil.example"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", APPS),
        ("HEAD", APPS),
        ("GET", f"{APPS}?per_page=no"),
        ("DELETE", APPS),
        ("OPTIONS", APPS),
        ("GET", "/apaas/api/v2/nowhere"),
        ("GET", "/apaas/docs"),
        ("POST", "/rest/flowmanage/api/omdata/edit/nothing/"),
    ],
)
def test_the_short_way_answers_as_the_long_one(
    token: str, settings: Settings, method: str, path: str, host: str
) -> None:
    headers = {"ACCESS-TOKEN": token, "Host": host, "X-Request-Id": "same", "User-Agent": "one"}
    short = Client().generic(method, path, headers=headers)
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != "config.middleware.short_chain.ShortChain"]
    long = Client().generic(method, path, headers=headers)
    assert dict(short.headers) == dict(long.headers)
    assert (short.status_code, TOOK.sub(b"", short.content)) == (long.status_code, TOOK.sub(b"", long.content))


@pytest.mark.django_db(transaction=True)
def test_a_server_of_asgi_answers_the_same(alice: Member) -> None:
    text = token_create(member=alice, name="middleware")[1]
    headers = {"ACCESS-TOKEN": text, "Accept-Language": "en"}
    answered = async_to_sync(AsyncClient().get)(APPS, headers=headers)
    assert (answered.status_code, answered.json()["remark"]) == (200, "Success")
    assert answered.headers["Content-Language"] == "en"


@pytest.mark.django_db(transaction=True)
def test_a_page_whose_reader_hung_up_ends_without_a_fault_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """What is in a test's own transaction would be brought to its end."""
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("root"))
    connection.execute_wrappers.append(running._noted)
    running.begin().gone = True
    try:
        assert client.get("/admin/").status_code == 400
    finally:
        connection.execute_wrappers.remove(running._noted)
        running.begin()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
