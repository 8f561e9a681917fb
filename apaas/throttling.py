"""How often an organization may call: off unless THROTTLE_RATE says e.g. `10/10s`.

Counted in the database, so that all workers share the count; one statement a call, only when it is on.
"""

from __future__ import annotations

import time

from django.conf import settings

from apaas.exceptions import Throttled
from apaas.rates import rate
from forms_app.people.actor import Actor
from forms_app.people.call_windows import hit


def check(actor: Actor) -> None:
    """Count a call of the actor's organization. Raises Throttled over the rate; a wrong one is told at start."""
    allowed = rate(settings.THROTTLE_RATE)
    if allowed is None:
        return
    calls, seconds = allowed
    window = int(time.time()) // seconds
    if hit(organization_id=actor.organization_id, window=window) > calls:
        raise Throttled(wait=(window + 1) * seconds - int(time.time()))
