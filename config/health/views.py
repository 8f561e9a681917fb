"""Whether this process lives, and whether it can serve: for load balancers, and for whoever looks after it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from config.health.checks import CHECKS, outcome


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all."""
    return answer(200, {"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 where requests can be served, else 503; each check by its name."""
    found = {name: outcome(check) for name, check in CHECKS.items()}
    statuses = {each.status for each in found.values()}
    worst = next((status for status in ("failed", "warning") if status in statuses), "ok")
    told = {name: {key: value for key, value in each._asdict().items() if value} for name, each in found.items()}
    return answer(503 if worst == "failed" else 200, {"status": worst, "checks": told})


def answer(status: int, body: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})
    response._has_been_logged = True  # type: ignore[attr-defined]  # it is asked every few seconds
    return response
