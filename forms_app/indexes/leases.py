"""One builder a partition: a row says who it is and until when, and its holder moves the time on while it works.

No lock of a session does: behind a pooler the next statement may meet another session, and a lock that nobody gives up
stays with one that is idle. A holder that died is followed when its time is over and PostgreSQL builds nothing there
any more: a build goes on for a while without its client.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection

from forms_app.database.cursor import fetch

SECONDS = 30
"""So long a lease holds without being renewed."""
RENEW_SECONDS = 10
PAUSE = 0.2
"""Seconds between two looks whether another builder is done."""

_BUILT = "EXISTS (SELECT 1 FROM pg_stat_progress_create_index WHERE relid = to_regclass(%s))"
TAKE = f"""
INSERT INTO form_index_lease (leaf, holder, held_until) VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (leaf) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
WHERE form_index_lease.held_until < clock_timestamp() AND NOT {_BUILT} RETURNING leaf
"""
RENEW = """
UPDATE form_index_lease SET held_until = clock_timestamp() + make_interval(secs => %s) WHERE leaf = %s AND holder = %s
RETURNING leaf
"""
GIVE_UP = "DELETE FROM form_index_lease WHERE leaf = %s AND holder = %s RETURNING leaf"
HELD = f"SELECT {_BUILT} OR EXISTS (SELECT 1 FROM form_index_lease WHERE leaf = %s AND held_until >= clock_timestamp())"


@contextmanager
def builder_of(leaf: str) -> Iterator[None]:
    """One builder a partition; outside of a transaction. Who waits asks again and again: a statement that waits holds a
    snapshot, and CREATE INDEX CONCURRENTLY waits for older snapshots, so the two would wait for each other."""
    holder = uuid.uuid4()
    while not fetch(TAKE, [leaf, holder, SECONDS, leaf]):
        time.sleep(PAUSE)
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(leaf, holder, done), name=f"lease of {leaf}", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()
        renewing.join()
        with suppress(Error):  # the lease ends by itself, too
            connection.close_if_unusable_or_obsolete()  # a build whose connection was cut ends here as well
            fetch(GIVE_UP, [leaf, holder])


def has_builder(leaf: str) -> bool:
    """Whether somebody builds or drops on the partition now, as far as a lease or PostgreSQL says."""
    return bool(fetch(HELD, [leaf, leaf])[0][0])


def _renew(leaf: str, holder: uuid.UUID, done: threading.Event) -> None:
    """Until the work is done, by a connection of this thread, which most builds are too short for."""
    try:
        while not done.wait(RENEW_SECONDS):
            try:
                fetch(RENEW, [SECONDS, leaf, holder])
            except Error:
                connection.close()  # the next time by a new one
    finally:
        connection.close()
