"""How often an organization may call, off unless THROTTLE_RATE says e.g. `10/10s`, and a token with a rate of its own;
and how many requests at a time they may have, which the server keeps to (config/serving).

Rates are counted in the database, so that all workers share the count; one statement a call, only where there is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from apaas.exceptions import Throttled
from apaas.rates import rate
from forms_app.people.actor import Actor
from forms_app.people.call_windows import hit, token_hit

MINUTE = 60


@dataclass(frozen=True)
class TokenLimits:
    """What a token may at most; None: no limit of its own. `counted_as` is the token whose calls these are: one that
    has a successor shares its count with that."""

    counted_as: int
    calls_per_minute: int | None = None
    calls_at_once: int | None = None


LEARN = "apaas.learn"
"""Where a request carries what its server wants to be told: whose it is, and the limits of who acts."""

REST = "apaas.rest"
"""Where a request tells its server for how many seconds those that wait behind it in its caller's line shall wait."""
AFTER_DEAR = 1.0
"""Seconds, after a query that was too dear: who sends one after the other gets no more than their answers."""


class Share(NamedTuple):
    """What a caller may have of a server's process: so many threads at once, and so many requests, those that wait
    included."""

    threads: int
    requests: int


def share_of(limits: TokenLimits | None = None) -> Share:
    """The share of who calls; of a token with limits of its own no more than these."""
    most = limits.calls_at_once if limits and limits.calls_at_once is not None else settings.TOKEN_CONCURRENCY
    return Share(min(settings.TOKEN_THREADS, most), min(settings.TOKEN_CONCURRENCY, most))


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
    """Tell the server whose request it is, count it as a call of the actor's organization, and leave with it what its
    answer tells of the count. Raises Throttled over the rate; a wrong one is told at start."""
    learn = request.META.get(LEARN)
    if learn is not None:
        learn(actor.organization_id, share_of(getattr(request, "token_limits", None)))
    allowed = rate(settings.THROTTLE_RATE)
    if allowed is not None:
        count(request, "organization", allowed, partial(hit, organization_id=actor.organization_id))


def check_token(limits: TokenLimits, request: HttpRequest) -> None:
    """The same for a token that has a rate of its own; its limits stay with the request."""
    request.token_limits = limits  # type: ignore[attr-defined]
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
