"""How often an organization may call: off unless THROTTLE_RATE says e.g. `10/10s`. And how often a token may that has a
rate of its own.

Counted in the database, so that all workers share the count; one statement a call, only where there is a rate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.http import HttpRequest

from apaas.exceptions import Throttled
from apaas.rates import rate
from forms_app.people.actor import Actor
from forms_app.people.call_windows import hit, token_hit

MINUTE = 60


@dataclass(frozen=True)
class Limits:
    """What a token may at most; None: no limit of its own. `counted_as` is the token whose calls these are: one that
    has a successor shares its count with that."""

    counted_as: int
    calls_per_minute: int | None = None
    calls_at_once: int | None = None


@dataclass(frozen=True)
class Allowance:
    """What an organization, or a token, may still call in the window of time that is running."""

    policy: str
    calls: int
    seconds: int
    remaining: int
    resets_in: int


def headers(request: HttpRequest) -> dict[str, str]:
    """What the answer tells of what was counted, as draft-ietf-httpapi-ratelimit-headers-10 spells it: quota and
    window, remaining and seconds to the next."""
    counted: list[Allowance] = getattr(request, "allowances", [])
    if not counted:
        return {}
    return {
        "RateLimit-Policy": ", ".join(f'"{each.policy}";q={each.calls};w={each.seconds}' for each in counted),
        "RateLimit": ", ".join(f'"{each.policy}";r={each.remaining};t={each.resets_in}' for each in counted),
    }


def check(actor: Actor, request: HttpRequest) -> None:
    """Count a call of the actor's organization, and leave with the request what its answer tells of the count. Raises
    Throttled over the rate; a wrong one is told at start."""
    allowed = rate(settings.THROTTLE_RATE)
    if allowed is not None:
        count(request, "organization", allowed, partial(hit, organization_id=actor.organization_id))


def check_token(limits: Limits, request: HttpRequest) -> None:
    """The same for a token that has a rate of its own."""
    if limits.calls_per_minute is not None:
        allowed = limits.calls_per_minute, MINUTE
        count(request, "token", allowed, partial(token_hit, access_token_id=limits.counted_as))


def count(request: HttpRequest, policy: str, allowed: tuple[int, int], counted_in: Callable[..., int]) -> None:
    """Count a call in the window of now. Raises Throttled where it is one too many."""
    calls, seconds = allowed
    now = time.time()
    window = int(now) // seconds
    counted = counted_in(window=window)
    allowance = Allowance(policy, calls, seconds, max(calls - counted, 0), (window + 1) * seconds - int(now))
    # apaas.middleware reads them
    request.allowances = [*getattr(request, "allowances", ()), allowance]  # type: ignore[attr-defined]
    if counted > calls:
        raise Throttled(wait=allowance.resets_in)
