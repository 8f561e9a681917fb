"""The envelope of every answer, and who gets it as a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from apaas.authentication import token_of
from forms_app.exact_json import dumps
from forms_app.people.accounts import may_enter


class NoData:
    """What `transfer` and `mass_destroy` answer: the envelope without `data`."""


NO_DATA = NoData()


def envelope(data: Any) -> dict[str, Any]:
    """A success: `{"code":0,"message":"success","remark":"成功","data":…}`."""
    body: dict[str, Any] = {"code": 0, "message": "success", "remark": gettext("Success")}
    if data is not NO_DATA:
        body["data"] = data
    return body


class EnvelopeRenderer(BaseRenderer):
    """UTF-8 JSON, text as it is, numbers with every digit."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """`data` in the envelope; a failure (the exception handler made it) is one already."""
        response = (renderer_context or {}).get("response")
        failed = response is not None and response.exception
        return dumps(data if failed else envelope(data))


class Negotiation(BaseContentNegotiation):
    """JSON for every client; a page for a browser that is signed in to the admin and sends no token. Java's default
    `Accept` asks for HTML, so that alone decides nothing."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        plain, *pages = renderers
        if pages and "text/html" in request.META.get("HTTP_ACCEPT", "") and token_of(request) is None:
            user = getattr(request._request, "user", None)
            if user is not None and user.is_authenticated and may_enter(user):
                return pages[0], pages[0].media_type
        return plain, plain.media_type
