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

_RATE = re.compile(r"(\d+)/(\d*)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def rate() -> tuple[int, int] | None:
    """(calls, seconds) of THROTTLE_RATE; None when it is off."""
    match = _RATE.fullmatch(settings.THROTTLE_RATE)
    return (int(match[1]), int(match[2] or 1) * _SECONDS[match[3]]) if match else None


def check(actor: Actor) -> None:
    """Count a call of the actor's organization. Raises Throttled over the rate."""
    allowed = rate()
    if allowed is None:
        return
    calls, seconds = allowed
    window = int(time.time()) // seconds
    if hit(organization_id=actor.organization_id, window=window) > calls:
        raise Throttled(wait=(window + 1) * seconds - int(time.time()))
