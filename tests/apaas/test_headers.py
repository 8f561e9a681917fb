"""No cache may keep what a token or a session decided, and each answer names what decides it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from apaas.middleware import NO_STORE, VARY
from forms_app.models import CustomForm, Member
from tests.apaas.conftest import API, Api, address, parsed
from tests.factories import UserFactory, make_token


def kept_by_nobody(response: HttpResponse) -> None:
    assert response.status_code == HTTPStatus.OK, response
    assert (response["Cache-Control"], response["Vary"]) == (NO_STORE, VARY)


def test_calls_of_a_token(api: Api, form: CustomForm) -> None:
    for path in (address(form), address(form, "ids"), "custom_forms", "openapi.json", "/apaas/docs"):
        kept_by_nobody(api.call("GET", path))
    kept_by_nobody(api.call("POST", address(form), {"form_entity": {}}))


def test_pages_of_a_session(alice: Member, form: CustomForm) -> None:
    alice.user = UserFactory()
    alice.save()
    client = Client()
    client.force_login(alice.user)
    for path in (API + address(form), "/apaas/docs", "/apaas/docs/reference"):
        response = client.get(path, HTTP_ACCEPT="text/html")
        assert response["Content-Type"].startswith("text/html")
        kept_by_nobody(response)


def test_an_upload_and_its_download(alice: Member) -> None:
    client = Client(headers={"ACCESS-TOKEN": make_token(alice)[1]})
    response = client.post(API + "files", {"file": SimpleUploadedFile("a.txt", b"a")})
    kept_by_nobody(response)
    fetched = client.get(parsed(response)["data"]["file_url"])
    kept_by_nobody(fetched)
    fetched.close()


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match", "If-Unmodified-Since"])
def test_a_header_whose_promise_is_not_kept_is_refused_and_nothing_written(
    api: Api, form: CustomForm, header: str
) -> None:
    record_id = api.ok("POST", address(form), {"form_entity": {"amount": 1}})["id"]
    calls: list[tuple[str, str, Any]] = [
        ("POST", address(form), {"form_entity": {"amount": 2}}),
        ("PUT", address(form, "transfer"), {"ids": [record_id], "to_user_uid": 2}),
        ("DELETE", address(form, "mass_destroy"), {"ids": [record_id]}),
        ("GET", address(form, str(record_id)), None),
    ]
    for method, path, body in calls:
        if (method, header) == ("GET", "If-None-Match"):  # whoever reads loses nothing where it is not looked at
            api.ok(method, path, HTTP_IF_NONE_MATCH='"1"')
            continue
        response = api.call(method, path, body, **{f"HTTP_{header.upper().replace('-', '_')}": '"999"'})
        assert response.status_code == 400
        assert [(e["field"], e["code"]) for e in parsed(response)["errors"]] == [(header, "not_supported")]
    assert [row["amount"] for row in api.ok("GET", address(form))["models"]] == [1]
