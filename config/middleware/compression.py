"""Answers of JSON, compressed as the caller takes them, where COMPRESS_ANSWERS is set and no proxy does it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import brotli
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

LEAST = 1_000
"""Bytes below which an answer fits into a packet anyway."""
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json\b")
_OFFER = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", re.IGNORECASE)


def _br(body: bytes) -> bytes:
    found: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=5)
    return found


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 5, mtime=0)


CODINGS: dict[str, Callable[[bytes], bytes]] = {"br": _br, "gzip": _gzip}
"""The smaller one first."""


def coding_for(accepted: str) -> str | None:
    """The coding that the caller likes best of those that there are (RFC 9110, Accept-Encoding); None for none."""
    offers = [_OFFER.fullmatch(item) for item in accepted.lower().split(",")]
    liked = {offer[1]: float(offer[2] or 1) for offer in offers if offer}
    wishes = {coding: liked.get(coding, 0.0) for coding in CODINGS}
    best = max(wishes, key=lambda coding: wishes[coding])
    return best if wishes[best] else None


class CompressionMiddleware:
    """Around all others. What is no JSON stays as it is: pages hold secrets beside what a visitor typed, whose letters
    could be guessed by the length of many compressed answers (BREACH); an answer to a token holds none of a caller's
    making."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.streaming or not _JSON.match(response.headers.get("Content-Type", "")):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        body: bytes = response.content  # type: ignore[attr-defined]
        coding = coding_for(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if coding is None or len(body) < LEAST or response.has_header("Content-Encoding"):
            return response
        response.content = CODINGS[coding](body)  # type: ignore[attr-defined]
        response.headers["Content-Encoding"] = coding
        response.headers["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        tag = response.headers.get("ETag", "")
        if tag.startswith('"'):  # of other bytes now, and still of this version
            response.headers["ETag"] = f"W/{tag}"
        return response
