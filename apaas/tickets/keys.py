"""Calls that write, done once for each key that their callers give them (docs/contract.md §5.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.response import Response

from apaas.requests.headers import header_faults
from apaas.requests.idempotency import REPLAYED, REQUEST_TICKET, key_of, sha256_of
from apaas.tickets.answers import PlainJsonRenderer
from apaas.tickets.bodies import Sent
from apaas.tickets.callers import Caller
from forms_app.exact_json import dumps
from forms_app.exceptions import Fault, Refused
from forms_app.idempotency.keeping import Answer, Key, digest_of, once
from forms_app.models import Flow

T = TypeVar("T")


def key_for(request: HttpRequest, call: str, caller: Caller, flow: Flow, sent: Sent, faults: list[Fault]) -> Key | None:
    """The key that the caller gives to a writing call on a flow, if any. What is wrong with it, and with other
    conditions, is noted in `faults`."""
    faults += header_faults(request, call)
    name = noted(faults, lambda: key_of(request, sent.params))
    if name is None:
        return None
    params = {key: value for key, value in sent.params.items() if key not in ("security", REQUEST_TICKET)}
    files = {part: [[each.name, sha256_of(each)] for each in uploads] for part, uploads in sent.files.items()}
    return Key(flow.custom_form_id, caller.name, name, digest_of(call, request.path.rstrip("/"), params, files))


def done_once(key: Key | None, work: Callable[[], dict[str, Any]]) -> HttpResponseBase:
    """The success of `work`; under a key it is done once, and answered as often as it is sent."""
    if key is None:
        return Response(work())
    answer = once(key, lambda: Answer(dumps(work()), {"Content-Type": PlainJsonRenderer.media_type}))
    response = HttpResponse(answer.body, content_type=answer.headers["Content-Type"])
    if answer.replayed:
        response[REPLAYED] = "true"
    return response


def noted(faults: list[Fault], step: Callable[[], T | None]) -> T | None:
    """The result of `step`; None where it is refused, with its faults noted."""
    try:
        return step()
    except Refused as refused:
        faults += refused.faults
        return None
