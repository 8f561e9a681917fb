"""What a call was sent and what it answers is given up with the answer, not when the garbage collector comes by."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def holding() -> list[ViewSet]:
    """The views that still hold something."""
    return [found for found in gc.get_objects() if isinstance(found, ViewSet) and vars(found)]


def test_a_list_leaves_nothing_behind(api: Api, form: CustomForm) -> None:
    before = len(holding())
    api.ok("GET", address(form))
    assert len(holding()) == before


def test_a_call_that_succeeds_leaves_the_collector_no_work(api: Api, form: CustomForm) -> None:
    def alive() -> int:
        return sum(isinstance(found, ViewSet | Request) for found in gc.get_objects())

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
    before = len(holding())
    assert api.faults("POST", address(form), {"form_entity": {"nothing": "x" * 100_000}})
    assert len(holding()) == before


def test_a_ticket_call_leaves_nothing_behind(api: Api) -> None:
    before = len(holding())
    assert api.call("POST", "/rest/flowmanage/api/omdata/edit/nothing/", {"a": "x" * 100_000}).status_code
    assert api.call("POST", "/rest/no/such/address", {"a": 1}).status_code
    assert len(holding()) == before
