"""What a call was sent and what it answers is given up with the answer, not when the garbage collector comes by."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from forms_app.models import CustomForm, Member
from tests.apaas.conftest import API, Api, address
from tests.apaas.reference.test_browsable import signed_in


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # what was there before is not looked through: a million objects, half a second each time
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def alive() -> int:
    """The requests that came and are still there, and the views that hold something: the client of the tests keeps its
    answers, and with one that was rendered an empty view."""
    kinds = ((one, type(one)) for one in gc.get_objects())  # a lazy one would be made by asking what it is
    return sum(issubclass(kind, Request) or (issubclass(kind, ViewSet) and bool(vars(one))) for one, kind in kinds)


def test_a_call_that_succeeds_leaves_nothing_behind(api: Api, form: CustomForm) -> None:
    made = api.ok("POST", address(form), {"form_entity": {"title": "a"}})["id"]
    before = alive()
    for method, path, body in (
        ("GET", address(form), {}),
        ("GET", address(form, str(made)), {}),
        ("PUT", address(form, str(made)), {"form_entity": {"title": "b"}}),
        ("POST", address(form), {"form_entity": {"title": "c"}}),
        ("GET", address(form, "ids"), {}),
    ):
        api.ok(method, path, body)
        assert alive() == before, path


def test_a_refusal_leaves_nothing_behind(api: Api, form: CustomForm) -> None:
    before = alive()
    assert api.faults("POST", address(form), {"form_entity": {"nothing": "x" * 100_000}})
    assert api.call("GET", address(form, "0")).status_code == 404
    assert Api(None).call("GET", address(form)).status_code == 401
    assert alive() == before


def test_a_ticket_call_leaves_nothing_behind(api: Api) -> None:
    before = alive()
    assert api.call("POST", "/rest/flowmanage/api/omdata/edit/nothing/", {"a": "x" * 100_000}).status_code
    assert api.call("POST", "/rest/no/such/address", {"a": 1}).status_code
    assert alive() == before


def test_a_page_leaves_nothing_behind(alice: Member, form: CustomForm) -> None:
    browser = signed_in(alice)
    before = alive()
    for path in (address(form), address(form, "0")):
        assert browser.get(API + path)["Content-Type"].startswith("text/html")
    assert alive() == before
