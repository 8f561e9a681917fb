"""What Django answered, and how it is sent where it is in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.http.response import HttpResponseBase

from config.serving.streams import Stream


class Answer(NamedTuple):
    """What Django answered: the whole body, or where it streams from."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Stream


def send(protocol: Any, answer: Answer) -> None:
    """Send an answer that is in memory. Nothing is sent where another one was."""
    protocol.response_bytes(answer.status, answer.headers, answer.body)


def whole(response: HttpResponseBase) -> Answer:
    """A response that is in memory."""
    pieces: Iterable[bytes] = response
    return Answer(response.status_code, headers_of(response), b"".join(pieces))


def headers_of(response: HttpResponseBase) -> list[tuple[str, str]]:
    cookies = [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
    return [*((name, str(value)) for name, value in response.items()), *cookies]
