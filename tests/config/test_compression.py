"""Compressed answers: which, in which coding, and what their headers say."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from config.middleware.compression import LEAST, CompressionMiddleware, coding_for

BODY = b'{"data": "' + b"x" * LEAST + b'"}'
UNDONE: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}


def answered(response: HttpResponseBase, accepted: str = "gzip") -> Any:
    def answer(_request: HttpRequest) -> HttpResponseBase:
        return response

    return CompressionMiddleware(answer)(RequestFactory().get("/", headers={"Accept-Encoding": accepted}))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("*", None),
        ("", None),
        ("gzip;q=much", None),
    ],
)
def test_the_caller_says_which_coding(accepted: str, coding: str | None) -> None:
    assert coding_for(accepted) == coding
    response = answered(HttpResponse(BODY, content_type="application/json"), accepted)
    assert response.headers.get("Content-Encoding") == coding
    assert UNDONE.get(coding or "", bytes)(response.content) == BODY


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/problem+json"])
def test_headers_say_what_was_done(kind: str) -> None:
    response = HttpResponse(BODY, content_type=kind, headers={"ETag": '"3"', "Vary": "Accept", "Content-Length": "9"})
    found = answered(response)
    assert found.headers["Vary"] == "Accept, Accept-Encoding"
    assert found.headers["ETag"] == 'W/"3"'
    assert found.headers["Content-Length"] == str(len(found.content))
    assert len(found.content) < len(BODY)


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(BODY, content_type="text/html"),
        HttpResponse(BODY, content_type="application/jsonl"),
        HttpResponse(b"{}", content_type="application/json"),
        HttpResponse(BODY, content_type="application/json", headers={"Content-Encoding": "zstd"}),
    ],
    ids=["a page", "lines", "little", "coded already"],
)
def test_what_else_is_answered_stays_as_it_is(response: HttpResponse) -> None:
    before = response.content
    assert answered(response).content == before


def test_what_is_made_while_it_is_sent_stays_as_it_is() -> None:
    response = StreamingHttpResponse([BODY], content_type="application/json")
    assert answered(response) is response
    assert response.getvalue() == BODY


def test_an_answer_that_could_be_compressed_says_so_also_where_it_was_not() -> None:
    found = answered(HttpResponse(b"{}", content_type="application/json"), "")
    assert found.headers["Vary"] == "Accept-Encoding"
