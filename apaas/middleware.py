"""What surrounds the views of the APIs: a request id, and a body of theirs also for what Django answers itself."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from apaas import counting, journal, throttling
from apaas.authentication import token_of
from apaas.errors import BAD_REQUEST, BY_STATUS, RETRY_SECONDS, SERVER_ERROR, UNAVAILABLE, ErrorCode, failure_body
from apaas.tickets import answers
from forms_app.exact_json import dumps
from forms_app.exceptions import Fault

PREFIX = "/apaas/"
NO_STORE = "no-store"
"""Of every answer, refusals too: a token or a session decides it, and no cache may give it to somebody else."""
VARY = "ACCESS-TOKEN, Authorization, Cookie, Accept, Accept-Language"
"""What decides an answer below /apaas/."""
TICKETS_VARY = "Authorization, Accept-Language"
"""What decides an answer of the ticket API beside its body."""
PAGES = "/admin/"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.{,200})?", re.ASCII)
"""https://www.w3.org/TR/trace-context/#traceparent-header, with what a later version may add."""


class EnvelopeMiddleware:
    """Gives each request an id (the caller's `X-Request-Id` if it is one) and sends it back; turns a failure that did
    not come from a view (a wrong host, a broken request line) into the envelope."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        of_tickets = request.path.startswith(answers.PREFIXES)
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _ID.fullmatch(given) else secrets.token_hex(16)
        request.request_id = request_id  # type: ignore[attr-defined]
        if not of_tickets and not request.path.startswith(PREFIX):
            return self._page(request)
        journal.begin(request)
        # It brings with it who calls, and needs nothing of a page's (config.middleware.short_chain).
        request.stands_alone = bool(token_of(request))  # type: ignore[attr-defined]
        # What is logged meanwhile, also by Django of a bug outside of the views, says which request it was.
        with structlog.contextvars.bound_contextvars(request_id=request_id, **trace_of(request)):
            response = self.get_response(request)
        if response.status_code >= 400 and not hasattr(response, "data"):
            row = BY_STATUS.get(response.status_code, SERVER_ERROR if response.status_code >= 500 else BAD_REQUEST)
            response = self.of_tickets(request, row) if of_tickets else self.in_envelope(row, request_id)
            journal.saw(request, refusal=(row.status, str(row.code)))
        if response.status_code >= 500:
            response._has_been_logged = True  # type: ignore[attr-defined]  # with its id: Django's second line has none
        headers = response.headers
        headers["X-Request-Id"] = request_id
        headers["Cache-Control"] = NO_STORE
        headers["Vary"] = TICKETS_VARY if of_tickets else VARY
        if response.status_code == 503:
            headers.setdefault("Retry-After", str(RETRY_SECONDS))
        for name, value in throttling.headers(request).items():
            headers[name] = value
        journal.end(request, response.status_code)
        return response

    def _page(self, request: HttpRequest) -> HttpResponseBase:
        """A page, or a file of pages."""
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=vars(request)["request_id"], **trace_of(request)):
            response = self.get_response(request)
        if request.path.startswith(PAGES):
            counting.count(request, counting.PAGE, began, response.status_code)
        return response

    def in_envelope(self, row: ErrorCode, request_id: str) -> HttpResponse:
        """The failure as /apaas/ answers it."""
        faults = [Fault("bad_request", row.alone)] if row is BAD_REQUEST else []
        body = dumps(failure_body(row, faults, request_id))
        return HttpResponse(body, status=row.status, content_type="application/json")

    def of_tickets(self, request: HttpRequest, row: ErrorCode) -> HttpResponse:
        """The failure as the ticket API answers it."""
        with translation.override(answers.language_of(request)):
            reason = row.alone
        if row is SERVER_ERROR:
            reason = f"{reason} {request.request_id}"  # type: ignore[attr-defined]
        body = dumps(answers.failure_at(request.path, reason))
        return HttpResponse(body, status=503 if row is UNAVAILABLE else 200, content_type="application/json")


def trace_of(request: HttpRequest) -> dict[str, str]:
    """The trace that the request belongs to, where its caller names one (W3C Trace Context, `traceparent`), as lines of
    the log have it."""
    named = _TRACE.fullmatch(request.META.get("HTTP_TRACEPARENT", ""))
    return {} if named is None or not int(named[1], 16) else {"trace_id": named[1], "parent_id": named[2]}


def refusal(environ: dict[str, Any], status: int, wait: int) -> HttpResponse:
    """The answer to a request that the server does not let in, in the words of the API that its address is of; to a
    page a plain text."""
    request = WSGIRequest(environ)
    row = BY_STATUS[status]
    with translation.override(translation.get_language_from_request(request)):
        plain = HttpResponse(row.alone, status=status, content_type="text/plain; charset=utf-8")
        answer: Callable[[HttpRequest], HttpResponseBase] = EnvelopeMiddleware(lambda _request: plain)
        response: HttpResponse = (CorsMiddleware(answer) if settings.CORS_ORIGINS else answer)(request)  # type: ignore[assignment]
    response["Retry-After"] = str(wait)
    return response
