"""How often an organization may call: off unless THROTTLE_RATE says e.g. `10/10s`.

Counted in the database, so that all workers share the count; one statement a call, only when it is on.
"""

from __future__ import annotations

import re
import time

from django.conf import settings

from apaas.exceptions import Throttled
from forms_app.actor import Actor
from forms_app.services.throttle import hit

_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
}
_RATE = re.compile(rf"([1-9][0-9]{{0,8}})/([1-9][0-9]{{0,4}})?({'|'.join(_SECONDS)})")


def rate(text: str) -> tuple[int, int] | None:
    """(calls, seconds) of a rate such as `10/10s`, `100/min`; None where it is none."""
    match = _RATE.fullmatch(text)
    return (int(match[1]), int(match[2] or 1) * _SECONDS[match[3]]) if match else None


def check(actor: Actor) -> None:
    """Count a call of the actor's organization. Raises Throttled over the rate; a wrong one is told at start."""
    allowed = rate(settings.THROTTLE_RATE)
    if allowed is None:
        return
    calls, seconds = allowed
    window = int(time.time()) // seconds
    if hit(organization_id=actor.organization_id, window=window) > calls:
        raise Throttled(wait=(window + 1) * seconds - int(time.time()))
