"""Who wrote finds it: what an answer tells of how far the log was written, and reading behind that.

`X-Read-After` of an answer to a write, sent with another request, by whomever: it sees that write (docs/api.md).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from apaas import journal
from forms_app.people.accounts import caller_of
from forms_app.replicas.positions import note
from forms_app.replicas.reading import read

HEADER = "X-Read-After"
SAFE = ("GET", "HEAD", "OPTIONS")
_BYTES = 8
_READS = "reads_from_replica"
V = TypeVar("V")
P = ParamSpec("P")
Action = Callable[Concatenate[V, Request, P], HttpResponseBase]


class ReadAfterMiddleware:
    """Notes of each caller who wrote how far the log was written by then, and tells them. Only where there are
    replicas (config.settings). Where it can't be noted, the answer is that the database is away, as where a commit is
    not confirmed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        seen = vars(request)
        if request.method in SAFE or "only_reads" in seen or response.status_code >= 400:
            return response
        actor, account = seen.get("seen_actor"), seen.get("account")
        caller = actor.member_id if actor else caller_of(account)
        if caller:
            response.headers[HEADER] = written(note(caller))
        return response


def from_replica(action: Action[V, P]) -> Action[V, P]:
    """The action of a view, which changes nothing, done at a replica where one has what the caller must find."""

    @wraps(action)
    def reading(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not settings.REPLICA_URLS:
            return action(view, request, *args, **kwargs)
        journal.saw(request._request, only_reads=True)
        begun = dict(vars(view))

        def attempt() -> HttpResponseBase:
            """From the beginning: what the view found out so far is of the attempt before."""
            vars(view).clear()
            vars(view).update(begun)
            return action(view, request, *args, **kwargs)

        known: Any = view
        return read(attempt, caller=known.actor.member_id, after=asked(request._request))

    vars(reading)[_READS] = True
    return reading


def at_replica(view: Any) -> bool:
    """Whether the view's action of now is one that `from_replica` wraps."""
    return hasattr(getattr(view, view.action), _READS)


def asked(request: HttpRequest) -> int | None:
    """The position that the request wants to read behind, 0 for none; None for a text that says none."""
    text = request.META.get("HTTP_X_READ_AFTER")
    return 0 if text is None else position(text)


def written(place: int) -> str:
    """A position as text. It is no number to read: how much is written tells of others, who may be strangers."""
    once = secrets.token_bytes(_BYTES)
    content = place.to_bytes(_BYTES, "big")
    return base64.urlsafe_b64encode(once + _hidden(once, content) + _keyed("signed", once + content)).decode()


def position(text: str) -> int | None:
    """The position that the text is; None for a text that is none of ours."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    once, hidden, signature = raw[:_BYTES], raw[_BYTES : 2 * _BYTES], raw[2 * _BYTES :]
    content = _hidden(once, hidden)
    return int.from_bytes(content, "big") if hmac.compare_digest(signature, _keyed("signed", once + content)) else None


def _hidden(once: bytes, content: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(content, _keyed("hidden", once), strict=False))


def _keyed(use: str, content: bytes) -> bytes:
    digest: bytes = salted_hmac(f"read after {use}", content, algorithm="sha256").digest()
    return digest[:_BYTES]
