"""To the provider, and back from it."""

from __future__ import annotations

from typing import Any

import jwt
import requests
import structlog
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from apaas import journal
from apaas.company_sign_in.backend import setting
from apaas.company_sign_in.provider import ProviderFailed
from forms_app.journal.events import Kind, Reason
from forms_app.people.company_accounts import Identity

log = structlog.get_logger(__name__)
FAILURES = (ProviderFailed, requests.RequestException, jwt.PyJWTError, SuspiciousOperation, KeyError, ValueError)
"""What the library raises when the provider, or somebody in its name, answers otherwise than a provider does."""


def page(request: HttpRequest, status: int, identity: Identity | None = None) -> HttpResponse:
    """Why nobody is signed in."""
    return render(request, "apaas/company_sign_in.html", {"identity": identity}, status=status)


@method_decorator(never_cache, name="dispatch")
class ToProvider(OIDCAuthenticationRequestView):
    """Sends the browser to the provider, with state, nonce and the challenge of PKCE."""

    get_settings = staticmethod(setting)

    def __init__(self, **kwargs: Any) -> None:
        View.__init__(self, **kwargs)  # the library's asks the provider before anything could be answered

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.OIDC_OP_AUTH_ENDPOINT = setting("OIDC_OP_AUTHORIZATION_ENDPOINT")
        except ProviderFailed as error:
            log.error("company sign-in failed", error=str(error))
            return page(request, 502)
        self.OIDC_RP_CLIENT_ID = setting("OIDC_RP_CLIENT_ID")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@method_decorator(never_cache, name="dispatch")
class FromProvider(OIDCAuthenticationCallbackView):
    """Signs in whom the provider sends back, or says why not."""

    get_settings = staticmethod(setting)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if request.GET.get("error"):  # the library would sign out whoever is signed in
            log.info("company sign-in denied", error=request.GET["error"][:100])
            return page(request, 403)
        try:
            response: HttpResponseBase = super().get(request)
        except FAILURES as error:
            log.warning("company sign-in failed", error=repr(error)[:300])
            journal.door(Kind.SIGN_IN_FAILED, request, reason=Reason.PROVIDER)
            return page(request, 400 if isinstance(error, SuspiciousOperation) else 502)
        return response

    def login_failure(self) -> HttpResponse:
        return page(self.request, 403, getattr(self.request, "company_identity", None))
