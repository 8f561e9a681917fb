"""A client of the ticket API, a form and its flows."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from pytest_django import Settings

from forms_app.exact_json import dumps
from forms_app.models import CustomApp, CustomForm, Flow, Member, SecurityCode
from forms_app.people.security_codes import security_code_issue
from forms_app.people.tokens import digest
from tests.apaas.conftest import HANDLER
from tests.factories import UserFactory, make_form, make_token
from tests.flows import definition, make_flow
from tests.seeds import ticket_document

EDIT = "/rest/flowmanage/api/omdata/edit/"
QUERY = "/rest/flowmanage/api/omdata-data-id/get/"
SECURITY = "/accounts/api/security/get/"
PASSWORD = "密碼 correct:horse"


class Desk:
    """Calls of one caller: `open`, `push` and `query` give the answer's bytes; `create` and `stages` what succeeds."""

    def __init__(self, security: str, api_path: str = "") -> None:
        self.security = security
        self.api_path = api_path
        self.client = Client(raise_request_exception=False)
        self.client.handler = HANDLER

    def at(self, api_path: str) -> Desk:
        """The same caller at another flow."""
        return Desk(self.security, api_path)

    def send(self, address: str, raw: bytes, method: str = "POST", status: int = 200, **headers: str) -> HttpResponse:
        content_type = headers.pop("CONTENT_TYPE", "application/json")
        response = self.client.generic(method, address, raw, content_type=content_type, **headers)
        assert response.status_code == status, response.content[:500]
        assert response["Content-Type"] == "application/json"
        assert response["X-Request-Id"]
        assert (response["Cache-Control"], response["Vary"]) == ("no-store", "Authorization, Accept-Language")
        return response

    def edit(self, body: Mapping[str, Any], **headers: str) -> bytes:
        """The edit call with this JSON body; `security` is added."""
        return self.send(EDIT + self.api_path, dumps({"security": self.security, **body}), **headers).content

    def open(self, formdata: Any = (), **more: Any) -> bytes:
        return self.edit({"action": "create", "formdata": list(formdata), **more})

    def push(self, data_id: Any, formdata: Any = (), **more: Any) -> bytes:
        headers = {name: more.pop(name) for name in list(more) if name.startswith("HTTP_")}
        body = {"action": "update", "data_id": data_id, "formdata": list(formdata), **more}
        return self.edit(body, **headers)

    def query(self, data_no: Any, **more: Any) -> bytes:
        body = {"security": self.security, "omflow_restapi": 1, "data_no": data_no, **more}
        return self.send(QUERY + self.api_path, dumps(body)).content

    def create(self, formdata: Any = (), **more: Any) -> str:
        """The number of a new ticket."""
        answer = json.loads(self.open(formdata, **more))
        assert answer["status"] == "200", answer
        return str(answer["result"])

    def stages(self, data_no: Any) -> dict[str, str]:
        """stop_chart_text → data_id of each waiting stage."""
        answer = json.loads(self.query(data_no))
        assert answer["status"] == "200", answer
        return {row["stop_chart_text"]: row["data_id"] for row in answer["result"]}

    def form(self, values: Mapping[str, Any], files: Mapping[str, Any] | None = None) -> bytes:
        """The edit call as a form: multipart with `files` (name → (file name, content) or a list of them), else
        urlencoded."""
        pairs = {"security": self.security, "omflow_restapi": "1", **values}
        if files is None:
            raw, kind = urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        else:
            raw, kind = encode_multipart(BOUNDARY, {**pairs, **uploads(files)}), MULTIPART_CONTENT
        return self.send(EDIT + self.api_path, raw, CONTENT_TYPE=kind).content


def uploads(files: Mapping[str, Any]) -> dict[str, Any]:
    """Files as multipart parts."""
    return {
        name: [SimpleUploadedFile(*one) for one in (given if isinstance(given, list) else [given])]
        for name, given in files.items()
    }


def reason(answer: bytes, document: str) -> str:
    """The reason of a failure, whose bytes begin as the document's do."""
    beginning = ticket_document.failed(document)
    assert answer.startswith(beginning), answer.decode()
    found = json.loads(answer)["reason"]
    assert found
    assert isinstance(found, str)
    return found


def basic(name: str, password: str, encoding: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode(encoding)).decode()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[], list[bytes]]:
    """The contents of all files on disk."""
    return lambda: sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.fixture
def account(alice: Member) -> User:
    """Alice's account."""
    user: User = UserFactory(username="愛麗絲")
    user.set_password(PASSWORD)
    user.save()
    alice.user = user
    alice.save()
    return user


@pytest.fixture
def code(account: User) -> str:
    """A security code of Alice's."""
    return security_code_issue(user=account)


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    """FORMITM_1 title, 2 amount, 3 tags (numbers 4 …): a field of each kind that the calls have to read."""
    return make_form(
        custom_app,
        {
            "title": "text_field",
            "amount": ("float_field", {"min": 0}),
            "due": "datetime_field",
            "people": "user_field",
            "place": "geo_address",
            "urgent": "boolean_field",
            "papers": "file_field",
            "note": "text_field",
        },
    )


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    """review (title, note; the note is required there), then approve, then the end; attachments on."""
    review = {
        "fields": [
            {"name": "title", "access": "read", "required": False},
            {"name": "note", "access": "write", "required": True},
            {"name": "papers", "access": "write", "required": False},
        ],
        "actions": [{"name": "好", "values": [{"target": "note", "value": "fine"}]}],
    }
    return make_flow(
        form, definition("start > review > approve > end", review=review), api_path="tickets", attachments=True
    )


@pytest.fixture
def checked_flow(form: CustomForm) -> Flow:
    """Its start validates; two stages in parallel."""
    start = {"validation": {"formula": "{amount} > 0", "message": "金額須大於零"}}
    lines = ("start > parallel > one > collection > end", "parallel > two > collection")
    return make_flow(form, definition(*lines, start=start), name="checked", api_path="checked")


@pytest.fixture
def desk(alice: Member, flow: Flow) -> Desk:
    """Alice by her token, at `flow`."""
    return Desk(make_token(alice)[1], flow.api_path)


def value(name: str, given: Any) -> dict[str, Any]:
    """An item of formdata."""
    return {"id": name, "value": given}


def aged(code: str, seconds: float) -> None:
    """As if the code had been used last so long ago."""
    moment = timezone.now() - timedelta(seconds=seconds)
    SecurityCode.objects.filter(digest=digest(code)).update(last_used_at=moment)
