"""What is noted of a request: an event of access, or the call that it was. Neither costs a statement, nor can it break
an answer."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from apaas import counting
from apaas.client_address import client_address, household
from forms_app.journal.calls import READS, REFUSALS, WRITES, Call, calls
from forms_app.journal.events import Event, events
from forms_app.journal.masking import masked
from forms_app.journal.writing import writer
from forms_app.people.actor import Actor

log = structlog.get_logger(__name__)
CALLS = ("/apaas/api/", "/rest/", "/accounts/api/")
"""Where calls begin; what else lies below /apaas/ are pages."""
READING = ("list", "ids", "simple", "retrieve", "evaluate", "query", "download", "openapi", "missing")
"""Actions of the views that change nothing."""
UNKNOWN = "…"
"""In the place of what a caller wrote themself."""
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")
_UNPRINTABLE = re.compile(r"[^ -~]")
WHOSE = "apaas.whose"
"""Where a request that the server turned away says which organization's it was, if that is known."""


def begin(request: HttpRequest) -> None:
    """Begin to look at a call."""
    if request.path.startswith(CALLS):
        request.began = time.perf_counter()  # type: ignore[attr-defined]


def saw(request: HttpRequest, **known: Any) -> None:
    """Leave with the request what has become known of it: `seen_actor`, `seen_token` and `seen_address`, `sent`,
    `asked_form`, or (status, code) as `refusal`."""
    vars(request).update(known)


def end(request: HttpRequest, status: int) -> None:
    """The call is answered, with this status unless it was refused with another: count it; keep it, or not."""
    seen = vars(request)
    if "began" not in seen:
        return
    try:
        status, code = seen.get("refusal") or (status, "")
        counting.count(request, counting.name_of(request), seen["began"], status, code)
        if not settings.CALL_LOG:
            return
        writes = _writes(request)
        sample = calls.samples[REFUSALS if status >= 400 else WRITES if writes else READS]
        place = sample.place()
        if place is not None:
            sent = seen.get("sent")
            body = masked(sent) if sent and (writes or status >= 400) else ""
            sample.put(place, _call(request, seen, status, code, body))
            writer.wake()
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is made
        log.warning("call not noted", error=repr(error)[:300])


def _writes(request: HttpRequest) -> bool:
    actions: Any = getattr(getattr(request.resolver_match, "func", None), "actions", None) or {}
    return actions.get((request.method or "").lower(), READING[0]) not in READING


def _call(request: HttpRequest, seen: Mapping[str, Any], status: int, code: str, body: str) -> Call:
    actor: Actor | None = seen.get("seen_actor")
    address = seen.get("seen_address")
    return Call(
        organization_id=actor.organization_id if actor else request.META.get(WHOSE),
        member_id=actor.member_id if actor else None,
        token_id=seen.get("seen_token"),
        method=_UNPRINTABLE.sub("?", request.method or "")[:10],
        path=pattern_of(request),
        form_id=seen.get("asked_form") or form_named(seen.get("sent")),
        status=status,
        code=code[:100],
        milliseconds=round((time.perf_counter() - seen["began"]) * 1000, 2),
        request_id=seen["request_id"],
        address=str(client_address(request) or "") if address is None else address,
        body=body,
        at=timezone.now(),
    )


def pattern_of(request: HttpRequest) -> str:
    """The pattern of the address with the ids that it names: texts of the caller's may be secrets."""
    match = request.resolver_match
    if match is None or not match.route or match.func.__name__.startswith("Unknown"):
        return request.path[: request.path.find("/", 1) + 1] + UNKNOWN

    def argument(found: re.Match[str]) -> str:
        value = match.kwargs.get(found[1] or found[2])
        return str(value) if isinstance(value, int) else UNKNOWN

    return _ARGUMENT.sub(argument, plain(match.route))[:120]


@lru_cache(maxsize=256)
def plain(route: str) -> str:
    """A route without what a regular expression has beside the address."""
    return "/" + re.sub(r"/\?\\Z|[\^$]", "", route).strip("/")


def form_named(sent: Any) -> int | None:
    """The form that the parameters ask for, as a number that the database can hold."""
    asked = sent.get("custom_form_id") if isinstance(sent, dict) else None
    if isinstance(asked, str) and len(asked) < 19 and asked.isascii() and asked.isdecimal():
        asked = int(asked)
    return asked if type(asked) is int and 0 < asked < 2**63 else None


def door(kind: str, request: HttpRequest, **known: Any) -> None:
    """Note an event of access, with what is known beside the request (`forms_app.journal.events.Event`)."""
    try:
        events.note(
            Event(
                kind=kind,
                address=household(request) or "",
                agent=_UNPRINTABLE.sub("?", request.META.get("HTTP_USER_AGENT", ""))[:120],
                request_id=getattr(request, "request_id", ""),
                **known,
            )
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is made
        log.warning("event not noted", error=repr(error)[:300])
