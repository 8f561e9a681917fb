"""How far the log was written when a caller's last write was answered; kept at the primary, so that every process on
every machine knows it before the answer leaves (docs/decisions/070-replicas.md).

A caller is a member, by whatever token or page they come. A position is the byte in the log, as a number.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from forms_app.caching.tags import new_tag
from forms_app.database.cursor import fetch
from forms_app.models import CacheVersion

NOW = (
    "pg_wal_lsn_diff(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() "
    "ELSE pg_current_wal_flush_lsn() END, '0/0')::bigint"
)
"""SQL of the position behind all that was committed. Where a commit waits for the disk, what is not there yet is
nobody's, and no replica is sent it before."""
NOTE = f"""
INSERT INTO read_position (caller, position) VALUES (%s, {NOW})
ON CONFLICT (caller) DO UPDATE SET position = greatest(read_position.position, excluded.position) RETURNING position
"""
KNOWN = f"SELECT caller, position, era, {NOW} FROM read_position WHERE caller IN (0, %s)"
BEGIN = f"INSERT INTO read_position (caller, position, era) VALUES (0, {NOW}, %s) ON CONFLICT DO NOTHING RETURNING era"


class Wanted(NamedTuple):
    """What a replica must have replayed to be read from: a position, of this era."""

    position: int
    era: int


def note(caller: int) -> int:
    """Note that the caller wrote, and is about to be told so; gives the position of now."""
    position: int = fetch(NOTE, [caller])[0][0]
    return position


def wanted(caller: int, after: int) -> Wanted | None:
    """What the caller must find: their own last write, and what lies before `after`. None: it is not known yet."""
    rows = {row[0]: row[1:] for row in fetch(KNOWN, [caller])}
    if 0 not in rows:
        begin_era()
        return None
    _position, era, now = rows[0]
    # What lies behind the end of the log is of another one: of a primary that was lost, or that this one is a copy of.
    return Wanted(min(max(rows[caller][0] if caller in rows else 0, after), now), era)


def begin_era() -> None:
    """Say anew which primary it is: positions were lost, or there never were any."""
    era = new_tag()
    with transaction.atomic():
        if fetch(BEGIN, [era]) and not CacheVersion.objects.filter(pk=1).update(era=era):
            CacheVersion.objects.create(pk=1, era=era)
