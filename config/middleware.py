"""Django's middleware as pages need it. A call with a token has no session, no account and no messages to carry along,
and no language in its path: doing without is a tenth of the time that a detail takes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.middleware import locale
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from forms_app.people.accounts import by_roles


class ForPages(MiddlewareMixin):
    """Steps aside for a request that `apaas.middleware` marked as carrying a token."""

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if getattr(request, "has_token", False) else super().__call__(request)


class LocaleMiddleware(locale.LocaleMiddleware):
    """The request's language. No address of ours begins with one, so a call's headers alone decide."""

    def __call__(self, request: HttpRequest) -> Any:
        if self.async_mode or not getattr(request, "has_token", False):
            return super().__call__(request)
        language = translation.get_language_from_request(request)
        translation.activate(language)
        response: Any = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", language)
        return response


class SessionMiddleware(ForPages, sessions.SessionMiddleware):
    """`request.session`, for pages."""


class AuthenticationMiddleware(ForPages, auth.AuthenticationMiddleware):
    """`request.user`, for pages: an account that its roles speak for, whichever way it signed in."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: by_roles(auth.get_user(request)))  # type: ignore[assignment]


class MessageMiddleware(ForPages, messages.MessageMiddleware):
    """`request._messages`, for pages."""
