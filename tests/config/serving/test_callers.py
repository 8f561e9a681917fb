"""Who a request comes from, before anything is asked of the database."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pytest_django import Settings

from apaas.throttling import Share
from config.serving import callers
from config.serving.lines import Bound


@pytest.fixture(autouse=True)
def _unknown() -> Iterator[None]:
    callers._known.clear()
    yield
    callers._known.clear()


def environ(path: str = "/apaas/api/v2/custom_apps", body: bytes = b"", **more: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.input": BytesIO(body),
        **more,
    }


def test_a_token_is_one_caller_however_it_is_sent() -> None:
    ticket = "/rest/flowmanage/api/omdata/edit/x"
    sent = [
        environ(HTTP_ACCESS_TOKEN="apaas_1234567"),
        environ(HTTP_AUTHORIZATION='Token token="apaas_1234567", device=pc'),
        environ(ticket, b'{"security": "apaas_1234567", "action": "create"}'),
        environ(ticket, b'--x\r\nContent-Disposition: form-data; name="security"\r\n\r\napaas_1234567\r\n--x--'),
    ]
    found = {callers.caller_of(each) for each in sent}
    assert len(found) == 1
    assert "apaas_1234567" not in repr(found)
    assert sent[2]["wsgi.input"].read(10) == b'{"security'


def test_without_a_token_it_is_the_session_and_without_that_the_address() -> None:
    signed_in = callers.caller_of(environ("/admin/", HTTP_COOKIE="csrftoken=x; sessionid=abc"))
    assert signed_in == callers.caller_of(environ("/admin/x", HTTP_COOKIE="sessionid=abc; y=z"))
    assert signed_in != callers.caller_of(environ("/admin/", HTTP_COOKIE="sessionid=abd"))
    for unknown in (environ("/admin/"), environ(HTTP_ACCESS_TOKEN=""), environ("/rest/x", b"x" * 5000)):
        assert callers.caller_of(unknown) == "192.0.2.1"


def test_an_organization_counts_once_it_is_known(settings: Settings) -> None:
    settings.ORGANIZATION_THREADS, settings.ORGANIZATION_CONCURRENCY = 3, 60
    settings.TOKEN_THREADS, settings.TOKEN_CONCURRENCY = 2, 30
    asked = environ(HTTP_ACCESS_TOKEN="apaas_1234567")
    (caller,) = callers.bounds_of(asked)
    assert callers.bounds_of(asked) == {caller: Bound(2, 30)}
    callers.learn(caller, 7, Share(1, 5))
    assert callers.bounds_of(asked) == {caller: Bound(1, 5), ("organization", 7): Bound(3, 60)}


def test_an_address_is_no_organizations(settings: Settings) -> None:
    asked = environ()
    (caller,) = callers.bounds_of(asked)
    callers.learn(caller, 7, Share(1, 1))
    callers.learn(callers.PASSWORDS, 7, Share(1, 1))
    assert callers.bounds_of(asked) == {"192.0.2.1": Bound(settings.TOKEN_THREADS, settings.TOKEN_CONCURRENCY)}


def test_passwords_have_a_line_of_their_own(settings: Settings) -> None:
    settings.PASSWORD_THREADS = 1
    for asked in (
        environ("/admin/login/", REQUEST_METHOD="POST"),
        environ("/accounts/api/security/get/"),
        environ("/accounts/api/security/get", REQUEST_METHOD="POST"),
    ):
        assert callers.bounds_of(asked) == {callers.PASSWORDS: Bound(1, callers.MOST_PASSWORDS)}
    for asked in (environ("/admin/login/"), environ("/admin/", REQUEST_METHOD="POST")):
        assert callers.PASSWORDS not in callers.bounds_of(asked)


def test_what_is_known_of_tokens_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST_KNOWN", 3)
    for n in range(10):
        callers.learn(n, n, Share(1, 1))
    assert len(callers._known) <= 3
