"""`/metrics`: for Prometheus, and whatever reads its format."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from apaas.client_address import client_address, is_within, trusted
from apaas.counting import COUNTED
from config.metrics.place import VARIABLE, forget_dead
from config.metrics.process import AT_HAND
from config.metrics.stored import Kept, Stored

PROXYS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""What proxies add to a request."""


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All that is counted, of all processes of this server. Raises Http404 to whom METRICS_NETWORKS and METRICS_TOKEN
    do not let in: that there is something is not told either."""
    if not may_read(request):
        raise Http404
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    response = HttpResponse(encode(registry()), content_type=content_type, headers={"Cache-Control": "no-store"})
    response._has_been_logged = True  # type: ignore[attr-defined]  # it is asked every few seconds
    return response


def may_read(request: HttpRequest) -> bool:
    """Whether the request brings METRICS_TOKEN, or comes from one of METRICS_NETWORKS. From which it comes is not known
    where a proxy handed it over that TRUSTED_PROXIES does not name."""
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    if not settings.METRICS_NETWORKS or (_handed_over(request) and not settings.TRUSTED_PROXIES):
        return False
    address = client_address(request)
    return address is not None and is_within(address, trusted(tuple(settings.METRICS_NETWORKS)))


def _handed_over(request: HttpRequest) -> bool:
    return any(name in request.META for name in PROXYS)


def registry() -> CollectorRegistry:
    """What is shown: the counts of all processes where they have a place in common, else of this one."""
    found = CollectorRegistry()
    place = os.environ.get(VARIABLE)
    if place is None:
        for each in (*COUNTED, *AT_HAND):
            found.register(each)
    else:
        forget_dead(Path(place))
        MultiProcessCollector(found, place)  # type: ignore[no-untyped-call]
    found.register(Stored())
    found.register(Kept())
    return found
