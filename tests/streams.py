"""Answers that are streamed must be read to their end, or closed: an export that is left open keeps its place and its
connection, and it is other tests that fail of that, much later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

ASK = Client.request


@contextmanager
def read_to_the_end() -> Iterator[None]:
    """Raises AssertionError after the block for each answer that a test's client got in it and left half read; closes
    them."""
    streamed: list[tuple[str, StreamingHttpResponse]] = []

    def noted(client: Client, **request: Any) -> Any:
        response = ASK(client, **request)
        if isinstance(response, StreamingHttpResponse):
            streamed.append((f"{request['REQUEST_METHOD']} {request['PATH_INFO']}", response))
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", noted)
        yield
    left = [(name, response) for name, response in streamed if not response.closed]
    for _name, response in left:
        for close in response._resource_closers:  # `close()` would look at the connection too, and there may be none
            close()
        response.closed = True
    assert not left, f"Answers that were not read to their end, nor closed: {[name for name, _response in left]}"
