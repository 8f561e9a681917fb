"""How often an organization may call, off unless THROTTLE_RATE says e.g. `10/10s`; and how many requests at a time a
token and an organization may have, which the server keeps to (config/serving).

The rate is counted in the database, so that all workers share the count; one statement a call, only when it is on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from apaas.exceptions import Throttled
from apaas.rates import rate
from forms_app.people.actor import Actor
from forms_app.people.call_windows import hit

LEARN = "apaas.learn"
"""Where a request carries what its server wants to be told: whose it is, and the limits of who acts."""

REST = "apaas.rest"
"""Where a request tells its server for how many seconds those that wait behind it in its caller's line shall wait."""
AFTER_DEAR = 1.0
"""Seconds, after a query that was too dear: who sends one after the other gets no more than their answers."""


class Limits(NamedTuple):
    """What a token may have of a server's process: so many threads at once, and so many requests, those that wait
    included."""

    threads: int
    requests: int


def limits_of(actor: Actor) -> Limits:
    """The limits of an actor's token."""
    return Limits(settings.TOKEN_THREADS, settings.TOKEN_CONCURRENCY)


@dataclass(frozen=True)
class Allowance:
    """What an organization may still call in the window of time that is running."""

    calls: int
    seconds: int
    remaining: int
    resets_in: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 spells it: quota and window, remaining and seconds to the next."""
        return {
            "RateLimit-Policy": f'"organization";q={self.calls};w={self.seconds}',
            "RateLimit": f'"organization";r={self.remaining};t={self.resets_in}',
        }


def check(actor: Actor, request: HttpRequest) -> None:
    """Tell the server whose request it is, count it as a call of the actor's organization, and leave with it what its
    answer tells of the count. Raises Throttled over the rate; a wrong one is told at start."""
    learn = request.META.get(LEARN)
    if learn is not None:
        learn(actor.organization_id, limits_of(actor))
    allowed = rate(settings.THROTTLE_RATE)
    if allowed is None:
        return
    calls, seconds = allowed
    now = time.time()
    window = int(now) // seconds
    counted = hit(organization_id=actor.organization_id, window=window)
    allowance = Allowance(calls, seconds, max(calls - counted, 0), (window + 1) * seconds - int(now))
    request.allowance = allowance  # type: ignore[attr-defined]  # apaas.middleware reads it
    if counted > calls:
        raise Throttled(wait=allowance.resets_in)
