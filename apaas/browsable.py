"""The browsable API: the answer as a page, for a developer signed in to the admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from rest_framework.renderers import BaseRenderer

from apaas.envelope import EnvelopeRenderer
from apaas.parameters import CALLS, QUIET


class EnvelopePage(BaseRenderer):
    """The same envelope, readable, with the call's parameters and a form that sends each call."""

    media_type = "text/html"
    format = "api"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> str:
        context = renderer_context or {}
        view, request, response = context["view"], context["request"], context["response"]
        body = EnvelopeRenderer().render(data, renderer_context=context)
        call = view.call if getattr(view, "action", None) else ""
        return render_to_string(
            "apaas/envelope.html",
            {
                "body": body.decode(),
                "call": call,
                "parameters": (*CALLS.get(call, ()), *QUIET),
                "calls": CALLS,
                "response": response,
                "request": request,
            },
            request=request._request,
        )
