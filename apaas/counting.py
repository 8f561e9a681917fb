"""What is counted of calls, for whoever watches the server: nothing of it names an organization, a form or a person.

Each costs a process some microseconds of a call (docs/decisions/068-metrics.md). config.metrics shows them.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from prometheus_client import Counter, Histogram, disable_created_metrics

from forms_app.database import running

SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds by which calls are told apart."""
UNRESOLVED = "unresolved"
"""In the place of a call's name: no view saw it."""
PAGE = "page"
RESOURCES = "apaas/api/v2/"
ARRIVED = "apaas.arrived"
"""Where a request says when the server had all of it, by time.perf_counter."""

calls = Histogram(
    "apaas_call_seconds",
    "Seconds from a call's arrival to its answer, waiting for a thread included.",
    ["call", "status"],
    buckets=SECONDS,
    registry=None,
)
refusals = Counter(
    "apaas_refusals",
    "Calls that were refused, by the code of the answer and of the first fault that was found.",
    ["code", "fault"],
    registry=None,
)
statements = Counter("apaas_statements", "Statements sent to PostgreSQL by calls and pages.", registry=None)
statement_seconds = Counter(
    "apaas_statement_seconds", "Seconds for which calls and pages waited for PostgreSQL.", registry=None
)
# When each count began: one more line for it, which the files of several processes do not have either.
disable_created_metrics()  # type: ignore[no-untyped-call]
COUNTED = (calls, refusals, statements, statement_seconds)
"""What this process counts of calls; each is to be registered by who shows it."""


@lru_cache(maxsize=2_048)
def _of(name: str, status: int) -> Any:
    return calls.labels(name, str(status))


@lru_cache(maxsize=1_024)
def _refused(said: str) -> Any:
    code, _blank, faults = said.partition(" ")
    return refusals.labels(code, faults.partition(" ")[0])


def count(request: HttpRequest, name: str, began: float, status: int, said: str = "") -> None:
    """Count an answered call or page by its name. `said`: the codes that it was refused with (apaas.errors.said)."""
    arrived: float = request.META.get(ARRIVED, began)
    _of(name, status).observe(time.perf_counter() - arrived)
    if status >= 400:
        _refused(said or str(status)).inc()
    sent, seconds = running.spent()
    if sent:
        statements.inc(sent)
        statement_seconds.inc(seconds)


def name_of(request: HttpRequest) -> str:
    """The call's name: what its address begins with, and what the view does with that."""
    match = request.resolver_match
    if match is None:
        return UNRESOLVED
    actions = getattr(match.func, "actions", None) or {}
    return _name(match.route, match.url_name or "", actions.get((request.method or "").lower(), UNRESOLVED))


@lru_cache(maxsize=512)
def _name(route: str, url_name: str, action: str) -> str:
    if not route.startswith(RESOURCES):  # of the ticket API, whose addresses are another product's
        return url_name or action
    resource = route.removeprefix(RESOURCES).partition("/")[0]
    return f"{resource}-{action}" if resource.isidentifier() else action
