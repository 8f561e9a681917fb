"""A piece of reading, done at a replica where one is near enough, else at the primary."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from psycopg.errors import QueryCanceled

from forms_app.caching import tags
from forms_app.database import replicas
from forms_app.database.cursor import fetch
from forms_app.replicas import watching
from forms_app.replicas.positions import Wanted, wanted

T = TypeVar("T")
log = structlog.get_logger(__name__)
REPLAYED = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"
PAUSE_SECONDS = 0.001


def read(action: Callable[[], T], *, caller: int, after: int | None = 0) -> T:
    """What `action` gives, which reads and may be done twice. The caller finds what they wrote, and what was written
    before the position `after`; where that is None it can't be told, and the primary is asked.

    In a transaction, and where nothing is configured, it is done as it is. What fails at a replica, for whatever reason
    but its time, is done again at the primary: a replica that ended, that had to cancel a statement to go on replaying,
    or that was asked to write.
    """
    primary = connections[DEFAULT_DB_ALIAS]
    if not settings.REPLICA_URLS or after is None or primary.in_atomic_block:
        return action()
    with tags.held() as now:
        alias = _near(now, caller, after)
        if alias:
            try:
                with replicas.by(connections[alias], primary):
                    return action()
            except (DatabaseError, InterfaceError) as error:
                if isinstance(error.__cause__, QueryCanceled):
                    raise
                connections[alias].close()
                log.warning("replica failed", replica=alias, error=str(error))
    return action()


def _near(now: tags.Tags, caller: int, after: int) -> str:
    """The alias of a replica that has all that the caller must find; "" where none has."""
    near = watching.every.watched().near(now)
    want = wanted(caller, after) if near else None
    if want is None:
        return ""
    # Of this primary, and not of one before; one that is known to have it already, else the nearest.
    replayed = {replica.alias: look.replayed or 0 for replica, look in near if look.era == want.era}
    ready = [alias for alias, position in replayed.items() if position >= want.position]
    if ready:
        return random.choice(ready)
    nearest = max(replayed, key=replayed.__getitem__, default="")
    return nearest if nearest and _waited_for(nearest, want) else ""


def _waited_for(alias: str, want: Wanted) -> bool:
    """Whether the replica has what is wanted, now or within REPLICA_WAIT_MILLISECONDS."""
    ends = time.monotonic() + settings.REPLICA_WAIT_MILLISECONDS / 1000
    try:
        with replicas.by(connections[alias], connections[DEFAULT_DB_ALIAS]):
            while (fetch(REPLAYED, [])[0][0] or 0) < want.position:
                if time.monotonic() >= ends:
                    return False
                time.sleep(PAUSE_SECONDS)
    except (DatabaseError, InterfaceError):
        connections[alias].close()
        return False
    return True
