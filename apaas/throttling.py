"""How often an organization may call, off unless THROTTLE_RATE says e.g. `10/10s`; and how many requests at a time a
token and an organization may have, which the server keeps to (config/serving).

The rate is counted in the database, so that all workers share the count; one statement a call, only when it is on.
"""

from __future__ import annotations

import time
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


def check(actor: Actor, request: HttpRequest) -> None:
    """Tell the server whose request it is, and count it as a call of the actor's organization. Raises Throttled over
    the rate; a wrong one is told at start."""
    learn = request.META.get(LEARN)
    if learn is not None:
        learn(actor.organization_id, limits_of(actor))
    allowed = rate(settings.THROTTLE_RATE)
    if allowed is None:
        return
    calls, seconds = allowed
    window = int(time.time()) // seconds
    if hit(organization_id=actor.organization_id, window=window) > calls:
        raise Throttled(wait=(window + 1) * seconds - int(time.time()))
