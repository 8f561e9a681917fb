"""What a call was sent and what it answers, megabytes maybe, is given up with the answer, and not left to the garbage
collector."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet


class AcyclicViewSet(ViewSet):
    """A view of REST framework's holds itself, by its methods; so does its request, by the context of its parsers, and
    a response that is rendered, by that of its renderer. Once the answer is made they are let go."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if isinstance(response, Response):
            response.add_post_render_callback(self._let_go)  # its renderer may ask the view
        else:
            self._let_go()
        return response

    def _let_go(self, rendered: Response | None = None) -> None:
        self.request.parser_context.clear()
        if rendered is not None:
            rendered.renderer_context.clear()  # type: ignore[attr-defined]
        vars(self).clear()
