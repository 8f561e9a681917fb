"""Every other path under /apaas/."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apaas.viewsets.base import ApiViewSet
from forms_app.exceptions import NotFound


class UnknownPathViewSet(ApiViewSet):
    """Answers "not found" in the envelope, to any method."""

    def missing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Where nothing is, it is no fault of the method."""
        raise NotFound
