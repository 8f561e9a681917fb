"""A client that speaks as the document's clients do, and says what was wrong when an answer is not the expected one."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from forms_app.exact_json import dumps
from forms_app.field_types import registry
from forms_app.models import CustomApp, CustomForm, Member, Role
from forms_app.models.role import ADMINISTRATORS
from forms_app.people.rights import READING
from tests.factories import (
    RegionFactory,
    add_example_field,
    add_field,
    make_entity,
    make_form,
    make_token,
    make_webhook,
)
from tests.recordings import recorded

API = "/apaas/api/v2/"


HANDLER = ClientHandler(enforce_csrf_checks=False)
"""Shared: each new one reads all static files again, 50 ms a client."""


class Api:
    """Calls as one token: `call` gives the answer, `ok` the data of a success, `refused` the body of a failure."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False)
        self.client.handler = HANDLER

    def call(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **headers: str) -> HttpResponse:
        content = raw if raw is not None else (b"" if body is None else encoded(body))
        if self.token is not None:
            headers.setdefault("HTTP_ACCESS_TOKEN", self.token)
        address = path if path.startswith("/") else API + path
        content_type = headers.pop("CONTENT_TYPE", "application/json")
        return self.client.generic(method, address, content, content_type=content_type, **headers)

    def ok(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Any:
        response = self.call(method, path, body, **kwargs)
        answer = parsed(response)
        assert response.status_code == 200, answer
        assert list(answer)[:3] == ["code", "message", "remark"], answer
        assert (answer["code"], answer["message"]) == (0, "success")
        return answer.get("data")

    def refused(
        self, method: str, path: str, body: Any = None, *, status: int = 400, code: int | None = None, **kwargs: Any
    ) -> Any:
        response = self.call(method, path, body, **kwargs)
        answer = parsed(response)
        assert response.status_code == status, answer
        assert list(answer) == ["code", "message", "remark", "data", "errors", "request_id"], answer
        assert answer["code"] == (code or {404: 100100}.get(status, 100000 + status)), answer
        assert answer["data"] is None
        assert answer["errors"] or status != 400, answer
        return answer

    def faults(self, method: str, path: str, body: Any = None, **kwargs: Any) -> list[tuple[str, str, int | None]]:
        """(field, code, index) of each fault of a refused call."""
        answer = self.refused(method, path, body, **kwargs)
        return [(fault["field"], fault["code"], fault.get("index")) for fault in answer["errors"]]


def encoded(body: Any) -> bytes:
    """`body` as JSON; a lone surrogate as clients send one, escaped."""
    try:
        return dumps(body)
    except TypeError:
        return json.dumps(body).encode()


def parsed(response: HttpResponse) -> Any:
    """The body with exact numbers; it must be JSON in UTF-8 whatever happened."""
    assert response["Content-Type"] == "application/json", response.content[:500]
    return json.loads(response.content.decode(), parse_float=Decimal)


@pytest.fixture
def api(alice: Member) -> Api:
    return Api(make_token(alice)[1])


def administer(member: Member) -> None:
    """Give the member the role 管理员."""
    Role.objects.get(organization_id=member.organization_id, name=ADMINISTRATORS).members.add(member)


def sample_number(name: str, form: CustomForm, record: int, member: Member) -> int:
    """The id for the path of a call's sample: of a thing that is there."""
    if name.startswith("role"):
        return Role.objects.create(organization_id=member.organization_id, name=f"for {name}").pk
    if name.startswith("token"):
        return make_token(member)[0].pk
    if name.startswith("webhook"):
        return make_webhook(form, member, enabled=True).pk
    return form.pk if name == "custom_form" else record


@pytest.fixture
def stranger(charlie: Member) -> Api:
    """A token of another organization."""
    return Api(make_token(charlie)[1])


@pytest.fixture
def reader(alice: Member) -> Api:
    """A read-only token."""
    return Api(make_token(alice, verbs=READING)[1])


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    """A small form: a text (primary), a number, a time."""
    return make_form(custom_app, {"title": "text_field", "amount": "float_field", "due": "datetime_field"})


@pytest.fixture
def record(api: Api, form: CustomForm) -> Callable[..., int]:
    """Creates a record over HTTP and gives its id."""

    def create(**values: Any) -> int:
        return int(api.ok("POST", f"form_entities?custom_form_id={form.pk}", {"form_entity": values})["id"])

    return create


@pytest.fixture
def limited(alice: Member, form: CustomForm) -> Api:
    """A token limited to `form`: no other form exists for it."""
    return Api(make_token(alice, custom_forms=[form])[1])


@pytest.fixture
def other_form(custom_app: CustomApp) -> CustomForm:
    """A form of the same organization that `limited` does not see."""
    return make_form(custom_app, {"secret": "text_field", "price": "float_field"}, name="other")


@pytest.fixture
def wide(custom_app: CustomApp, alice: Member) -> CustomForm:
    """A form with one field of every type, named after it; what the types' worked examples refer to exists."""

    def build() -> CustomForm:
        related = make_form(custom_app, {"title": "text_field"}, name="related")
        for number in (1, 2):
            make_entity(related, alice, title=f"record {number}")
        for region in ("4", "9", "73", "732"):
            RegionFactory(id=region)
        form = make_form(custom_app, {"title": "text_field"}, name="wide")
        for field_type in registry:
            add_example_field(form, field_type, related.pk, name=f"a_{field_type.name}")
        return form

    return recorded("wide", build, custom_app, alice)


@pytest.fixture
def full(wide: CustomForm, alice: Member) -> CustomForm:
    """A form with a field of every type, a formula and a record."""
    add_field(wide, "total", ("formula_field", {"formula": "{a_float_field} * 2"}))
    make_entity(wide, alice, title="one")
    return wide


def address(form: CustomForm, path: str = "", **query: Any) -> str:
    """`form_entities/<path>` with the form in the query string."""
    pairs = urlencode({"custom_form_id": form.pk, **query}, doseq=True)
    return f"form_entities{'/' if path else ''}{path}?{pairs}"
