"""The way of a call that carries a token: past all that surrounds pages, straight to its view.

It has no session, no account, no messages and no form to protect, and its headers alone say its language. Going without
is a third of the time that a detail takes (docs/decisions/064-short-chain.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import get_resolver
from django.utils import translation

from config.middleware.pages import source_of
from forms_app.audit.source import acting

Answering = Callable[[HttpRequest], HttpResponseBase]


class ShortChain:
    """Answers what `apaas.middleware` marked as `stands_alone`; everything else takes the middleware that follows."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response
        self.answer: Any = convert_exception_to_response(self._answer)
        # Of Django's own, what concerns an answer of JSON: its headers and its length.
        around = (CommonMiddleware, XFrameOptionsMiddleware, SecurityMiddleware)
        self.headers: list[Any] = [each(get_response) for each in around]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not getattr(request, "stands_alone", False):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        translation.activate(language)
        response: HttpResponseBase = self.answer(request)
        response.headers.setdefault("Content-Language", language)  # apaas.middleware says that it varies by language
        for each in self.headers:
            response = each.process_response(request, response)
        return response

    @staticmethod
    def _answer(request: HttpRequest) -> HttpResponseBase:
        """What the view answers. Raises DisallowedHost, and what its view does not answer by itself."""
        request.get_host()
        match = get_resolver().resolve(request.path_info)
        request.resolver_match = match
        with acting(source_of(request)):
            response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
            render = getattr(response, "render", None)
            return response if render is None else render()
