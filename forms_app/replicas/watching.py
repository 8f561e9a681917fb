"""What is known in this process of each replica: looked at four times a second, by threads that begin when something is
read for the first time. So nobody who reads waits for one that is gone."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import psycopg
import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from forms_app.caching.tags import Tags
from forms_app.database import replicas
from forms_app.replicas.positions import NOW

log = structlog.get_logger(__name__)
LOOK_SECONDS = 0.25
LATE_SECONDS = 0.5
"""What the primary had written so long ago a replica must have replayed to be read from."""
SILENT_SECONDS = 1.0
"""A replica that has said nothing for so long is left, and who waits for it is told that it is gone."""
LOOK = """
SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END,
coalesce(v.definitions, 0), coalesce(v.people, 0), coalesce(v.era, 0)
FROM (SELECT) now LEFT JOIN forms_app_cacheversion v ON v.id = 1
"""


class Look(NamedTuple):
    """What a replica said of itself; `replayed` is None where it is no replica any more."""

    at: float
    replayed: int | None
    definitions: int
    people: int
    era: int


class Watched:
    """A server of the database, looked at again and again by a thread with a connection of its own."""

    sql: str

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.looked = threading.Event()
        self._wrapper: BaseDatabaseWrapper | None = None

    def watch(self) -> None:
        """In a thread, for ever."""
        self._wrapper = connections.create_connection(self.alias)
        while True:
            self.look_at(self._wrapper)
            self.looked.set()
            time.sleep(LOOK_SECONDS)

    def look_at(self, wrapper: BaseDatabaseWrapper) -> None:
        """One look, which tells `saw`, or `lost` where it fails."""
        try:
            with wrapper.cursor() as cursor:
                began = time.monotonic()
                cursor.execute(self.sql)
                self.saw(began, cursor.fetchone() or ())
        except Exception as error:  # noqa: BLE001 - whatever it is, the server is left until it answers again
            self.lost(str(error))
            wrapper.close()

    def saw(self, at: float, row: tuple[int, ...]) -> None:
        raise NotImplementedError

    def lost(self, reason: str) -> None:
        raise NotImplementedError


class Primary(Watched):
    """How far its log was written of late, and which era it is."""

    sql = f"SELECT {NOW}, coalesce((SELECT era FROM forms_app_cacheversion WHERE id = 1), 0)"

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        super().__init__(alias)
        self._written: deque[tuple[float, int]] = deque(maxlen=8)
        self.era = 0

    def saw(self, at: float, row: tuple[int, ...]) -> None:
        position, self.era = row
        self._written.append((at, position))

    def lost(self, reason: str) -> None:
        self._written.clear()

    def late(self, now: float) -> int | None:
        """What was written LATE_SECONDS ago; None where that is not known."""
        written = list(self._written)
        if not written or now - written[-1][0] > SILENT_SECONDS:
            return None
        return next((position for at, position in reversed(written) if now - at >= LATE_SECONDS), written[0][1])


class Replica(Watched):
    """A standby that may be read from."""

    sql = LOOK

    def __init__(self, alias: str) -> None:
        super().__init__(alias)
        self.look: Look | None = None
        self._told = False

    def saw(self, at: float, row: tuple[int, ...]) -> None:
        self.look = Look(at, *row)
        if self._told:
            log.warning("replica is back", replica=self.alias)
        self._told = False

    def lost(self, reason: str) -> None:
        self.look = None
        if not self._told:
            log.warning("replica is away", replica=self.alias, error=reason)
        self._told = True

    def left_for(self, primary: Primary, now: float) -> str:
        """Why it is not read from, in words for who looks after it; "" where it is."""
        look, late = self.look, primary.late(now)
        if look is None or now - look.at > SILENT_SECONDS:
            return "is away"
        if look.replayed is None:
            return "is no standby"
        if late is None:
            return "can't be compared with the primary"
        if look.replayed < late:
            return f"is behind by {late - look.replayed:,} bytes"
        return "" if look.era == primary.era else "follows another primary"

    def silent(self, now: float) -> bool:
        """Whether it has not answered for too long, though it took the question."""
        return self.look is not None and now - self.look.at > SILENT_SECONDS

    def give_up(self) -> None:
        """Have everything fail that waits for it: a server that hangs says nothing, not even that it is gone."""
        for wrapper in (self._wrapper, *replicas.in_use(self.alias)):
            shut(wrapper)


class Replicas:
    """All of them, and the primary beside."""

    def __init__(self, aliases: list[str]) -> None:
        self.all = [Replica(alias) for alias in aliases]
        self.primary = Primary()
        self._process = 0
        self._lock = threading.Lock()

    def watched(self) -> Replicas:
        """The same, with its threads running in this process."""
        if self._process != os.getpid():
            with self._lock:
                if self._process != os.getpid():
                    self._process = os.getpid()
                    for watch in (self.primary.watch, self.guard, *(replica.watch for replica in self.all)):
                        run(watch)
        return self

    def near(self, tags: Tags) -> list[tuple[Replica, Look]]:
        """Those that may be read from under these tags: what is kept in memory under them is what they hold."""
        now = time.monotonic()
        looked = [(each, look) for each in self.all if (look := each.look) and not each.left_for(self.primary, now)]
        return [each for each in looked if each[1][2:4] == (tags.definitions, tags.people)]

    def faults(self) -> dict[str, str]:
        """Which are not read from now, and why. A process that has read nothing yet looks for a second first."""
        servers = (self.watched().primary, *self.all)
        if not all(server.looked.is_set() for server in servers):
            for server in servers:
                server.looked.wait(SILENT_SECONDS)
            time.sleep(LATE_SECONDS + LOOK_SECONDS)  # what the primary said must lie a while back
        now = time.monotonic()
        found = {replica.alias: replica.left_for(self.primary, now) for replica in self.all}
        return {alias: fault for alias, fault in found.items() if fault}

    def guard(self) -> None:
        """In a thread, for ever: give up those that hang."""
        while True:
            time.sleep(LOOK_SECONDS)
            for replica in self.all:
                if replica.silent(time.monotonic()):
                    replica.give_up()


def run(watch: Callable[[], None]) -> None:
    threading.Thread(target=watch, name="replicas", daemon=True).start()


def shut(wrapper: BaseDatabaseWrapper | None) -> None:
    """Close the socket under a connection that another thread waits for."""
    connection = wrapper.connection if wrapper is not None else None
    if connection is None:
        return
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as end:
        end.shutdown(socket.SHUT_RDWR)


every = Replicas([alias for alias in settings.DATABASES if alias.startswith("replica_")])
