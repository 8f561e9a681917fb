"""Django's middleware as pages need it; a call with a token goes by none of it (config/middleware/short_chain.py)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from csp import middleware as csp
from django.contrib.auth import SESSION_KEY
from django.contrib.auth import middleware as auth
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import csrf
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from apaas.client_address import client_address
from apaas.middleware import PREFIX as API_PREFIX
from forms_app.audit.source import Account, Source, acting
from forms_app.exceptions import is_disk_full
from forms_app.people.accounts import by_roles, language_of, linked_member

log = structlog.get_logger(__name__)


class ContentSecurityMiddleware(csp.CSPMiddleware):
    """What a page may load and run (CONTENT_SECURITY_POLICY); JSON is nothing to run, so it goes without."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class CsrfViewMiddleware(csrf.CsrfViewMiddleware):
    """Reads what a page posts, its uploads too, and says so where the disk has no room for them."""

    def process_view(self, request: HttpRequest, callback: Any, args: Any, kwargs: Any) -> Any:
        try:
            return super().process_view(request, callback, args, kwargs)
        except OSError as error:
            if not is_disk_full(error):
                raise
            log.error("disk full", error=str(error))
            return render(request, "507.html", status=507)


class AuthenticationMiddleware(auth.AuthenticationMiddleware):
    """`request.user`: an account that its roles speak for, whichever way it signed in. `request.account` is
    the same, and stays so where an API's view puts who acts in the user's place. What language the account chose goes
    before what its browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: by_roles(auth.get_user(request)))  # type: ignore[assignment]
        request.account = request.user  # type: ignore[attr-defined]
        if SESSION_KEY in request.session and (chosen := language_of(request.user)):
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen


class AuditMiddleware:
    """Says of what changes meanwhile who changed it, and by which page or call."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting(source_of(request)):
            return self.get_response(request)


def source_of(request: HttpRequest) -> Source:
    """Who makes what changes while the request is answered, and how."""
    return Source(
        call=f"{request.method} {request.path}",
        request_id=getattr(request, "request_id", "") or secrets.token_hex(16),
        address=lambda: str(client_address(request) or ""),
        account=lambda: account_of(request),
        way="api" if request.path.startswith(API_PREFIX) else "page",
    )


def account_of(request: HttpRequest) -> Account:
    """Who is signed in; nobody at a call with a token, which has no account."""
    user = getattr(request, "account", None)
    if user is None or not user.is_authenticated:
        return Account()
    member = linked_member(user)
    return Account(user.pk, user.get_username(), *((member.pk, member.name) if member else ()))
