"""A test that leaves a streamed answer half read fails itself, and no other one does for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.test import Client
from django.urls import path

from tests import streams


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"one", b"two", b"three"]))


def filed(request: HttpRequest) -> FileResponse:
    return FileResponse(open(__file__, "rb"))


urlpatterns = [path("streamed", streamed), path("filed", filed)]


@pytest.fixture(autouse=True)
def _two_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []


def one_piece(response: Any) -> None:
    assert next(iter(response.streaming_content))


@pytest.mark.parametrize("address", ["/streamed", "/filed"])
@pytest.mark.parametrize("use", [lambda response: None, one_piece])
def test_an_answer_that_is_left_open_is_told_by_its_address_and_closed(
    address: str, use: Callable[[Any], None]
) -> None:
    with pytest.raises(AssertionError, match=f"GET {address}"), streams.read_to_the_end():
        response: Any = Client().get(address)
        use(response)
    assert response.closed


def test_nor_may_one_be_left_that_has_no_body() -> None:
    with pytest.raises(AssertionError, match="HEAD /streamed"), streams.read_to_the_end():
        Client().head("/streamed")


@pytest.mark.parametrize("address", ["/streamed", "/filed"])
@pytest.mark.parametrize("use", [lambda response: b"".join(response), lambda response: response.close(), list])
def test_one_that_is_read_to_its_end_or_closed_is_none(address: str, use: Callable[[Any], None]) -> None:
    with streams.read_to_the_end():
        use(Client().get(address))


def test_the_guard_stands_around_every_test() -> None:
    assert Client.request is not streams.ASK
