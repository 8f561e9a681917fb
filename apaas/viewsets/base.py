"""What all views of the API share: who calls, what was sent, which form."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from rest_framework.request import Request
from rest_framework.response import Response

from apaas import throttling
from apaas.acyclic import AcyclicViewSet
from apaas.authentication import MemberSessionAuthentication, TokenAuthentication
from apaas.envelope import EnvelopeRenderer, Negotiation, envelope
from apaas.exceptions import MethodNotAllowed, NotAuthenticated
from apaas.reference.browsable import EnvelopePage
from apaas.requests import reading
from apaas.requests.headers import header_faults
from apaas.requests.parameters import checked
from apaas.requests.right_examples import with_examples
from forms_app.exact_json import dumps
from forms_app.exceptions import DomainError, Fault, Refused
from forms_app.people.actor import Actor
from forms_app.people.directory import OrganizationDirectory, directory_of

T = TypeVar("T")


class ApiViewSet(AcyclicViewSet):
    """A view of `/apaas/api/v2/`. `action` names the call, whose parameters stand in `apaas.requests.parameters`."""

    authentication_classes = [TokenAuthentication, MemberSessionAuthentication]
    permission_classes: list[Any] = []
    renderer_classes = [EnvelopeRenderer, EnvelopePage]
    parser_classes: list[Any] = []
    content_negotiation_class = Negotiation
    metadata_class = None
    http_method_names = ["get", "put", "post", "delete", "patch", "head"]
    format_kwarg = None  # DRF's negotiation asks for it; no path here names a format
    actor: Actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Settle the renderer and the caller before anything else. Raises NotAuthenticated, Throttled."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        actor = request.user
        if not isinstance(actor, Actor):
            raise NotAuthenticated
        self.actor = actor
        throttling.check(actor, request._request)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        wrapped = super().initialize_request(request, *args, **kwargs)
        wrapped.request_id = getattr(request, "request_id", "")  # type: ignore[attr-defined]
        wrapped.began = time.perf_counter()  # type: ignore[attr-defined]
        return wrapped

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        raise MethodNotAllowed

    def handle_exception(self, exc: Exception) -> Response:
        """The failure; what was sent in a way that is not read is shown as it would have been right."""
        if isinstance(exc, DomainError):
            exc.faults = with_examples(exc.faults, self.request._request)
        return super().handle_exception(exc)

    @property
    def form_of_keys(self) -> int:
        """The form that the call belongs to, and with it the keys of its callers; 0 where it belongs to none."""
        return 0

    def about_to_write(self) -> AbstractContextManager[None]:
        """Stands around the transaction of a call with a key: what the call takes before it begins."""
        return nullcontext()

    @property
    def plain(self) -> bool:
        """Whether the answer is for a client, and not a page."""
        return isinstance(self.request.accepted_renderer, EnvelopeRenderer)

    def answer(self, data: Any) -> HttpResponseBase:
        """The success with this data: to a client the bytes at once, to a browser a page around it."""
        if self.plain:
            return HttpResponse(dumps(envelope(data)), content_type=EnvelopeRenderer.media_type)
        return Response(data)

    @property
    def call(self) -> str:
        """The name of the call in `apaas.requests.parameters.CALLS`."""
        return "detail" if self.action == "retrieve" else str(self.action)

    @cached_property
    def faults(self) -> list[Fault]:
        """What was found wrong so far: a refusal names everything at once."""
        return header_faults(self.request._request, self.call)

    @cached_property
    def params(self) -> dict[str, Any]:
        """The request's parameters as sent."""
        return reading.read_parameters(self.request._request)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The checked parameters of the call; what is wrong with them is noted in `faults`."""
        values, faults = checked(self.call, self.params)
        self.faults += faults
        return values

    def checked_values(self) -> dict[str, Any]:
        """`values`, where nothing else can be wrong. Raises Refused."""
        values = self.values
        self.refuse()
        return values

    def noted(self, step: Callable[[], T]) -> T | None:
        """The result of `step`; None where it is refused, with its faults noted."""
        try:
            return step()
        except Refused as refused:
            self.faults += refused.faults
            return None

    def refuse(self) -> None:
        """Raises Refused if anything was found wrong."""
        if self.faults:
            raise Refused(self.faults)

    @cached_property
    def directory(self) -> OrganizationDirectory:
        return directory_of(self.actor.organization_id)
