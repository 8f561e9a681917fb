"""A writing call whose caller names it by a key is done once, and answered as often as it is sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apaas.requests.headers import IDEMPOTENCY_KEY
from apaas.requests.idempotency import REPLAYED, caller_name, key_of
from apaas.requests.parameters import QUIET
from apaas.requests.readers import fault
from apaas.viewsets.base import ApiViewSet
from forms_app.exceptions import Refused
from forms_app.idempotency.keeping import Answer, Key, digest_of, once, once_at_end

V = TypeVar("V", bound=ApiViewSet)
P = ParamSpec("P")
Action = Callable[Concatenate[V, Request, P], HttpResponseBase]
Way = Callable[[Key, Callable[[], Answer]], Answer]
KEPT_HEADERS = ("Content-Type", "ETag")
QUIET_NAMES = frozenset(parameter.name for parameter in QUIET)


def exactly_once_by(way: Way) -> Callable[[Action[V, P]], Action[V, P]]:
    """The action of a view, done once for each key. Its call, path and parameters and the version that it asks for make
    a request another one."""

    def decorated(action: Action[V, P]) -> Action[V, P]:
        @wraps(action)
        def keyed(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            name = view.noted(lambda: key_of(request._request, view.params))
            if name is None:
                return action(view, request, *args, **kwargs)
            params = {key: value for key, value in view.params.items() if key not in QUIET_NAMES}
            condition = request._request.META.get("HTTP_IF_MATCH")
            digest = digest_of(view.call, view.kwargs, params, condition)
            return done_once(view, name, digest, lambda: action(view, request, *args, **kwargs), way)

        return keyed

    return decorated


def exactly_once(action: Action[V, P]) -> Action[V, P]:
    """The action of a view, done once for each key: who comes second waits, and does nothing."""
    return exactly_once_by(once)(action)


def exactly_once_at_end(action: Action[V, P]) -> Action[V, P]:
    """The same for the write of one record, which costs less than to ask first."""
    return exactly_once_by(once_at_end)(action)


def done_once(
    view: ApiViewSet, name: str, digest: bytes, action: Callable[[], HttpResponseBase], way: Way = once
) -> HttpResponseBase:
    """The answer of `action`, or the one that was kept under the key. Raises Conflict, Refused."""
    if not view.plain:
        message = _("A key is for clients. A page has none.")
        raise Refused([fault(IDEMPOTENCY_KEY, "not_supported", message, name)])
    key = Key(view.form_of_keys, caller_name(view.request.auth, view.actor), name, digest)
    made: list[HttpResponseBase] = []

    def work() -> Answer:
        made.append(action())
        return kept(made[-1])

    with view.about_to_write():
        answer = way(key, work)
    return replay(answer) if answer.replayed else made[-1]


def replay(answer: Answer) -> HttpResponseBase:
    """The answer of that time, which says that it is."""
    response = HttpResponse(answer.body)
    for header, value in answer.headers.items():
        response[header] = value
    response[REPLAYED] = "true"
    return response


def kept(response: Any) -> Answer:
    """What is kept of a success."""
    return Answer(response.content, {name: response[name] for name in KEPT_HEADERS if name in response})
