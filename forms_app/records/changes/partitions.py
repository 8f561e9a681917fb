"""The partitions of the change log: one for each month (UTC), made ahead, and dropped when HISTORY_DAYS are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.database.engine import is_citus

AHEAD = 6
"""Months for which there are partitions, whatever happens to the worker that makes the next ones."""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('form_entity_change partitions'))"
_FOUND = """
SELECT c.relname, i.inhdetachpending FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass('form_entity_change') ORDER BY c.relname
"""


class Month(NamedTuple):
    """A month, and the name of its partition."""

    first: datetime

    @property
    def next(self) -> Month:
        return Month((self.first + timedelta(days=32)).replace(day=1))

    @property
    def name(self) -> str:
        return f"form_entity_change_{self.first:%Y_%m}"

    @classmethod
    def of(cls, moment: datetime) -> Month:
        moment = moment.astimezone(UTC)
        return cls(datetime(moment.year, moment.month, 1, tzinfo=UTC))

    @classmethod
    def named(cls, partition: str) -> Month:
        year, month = partition.rsplit("_", 2)[1:]
        return cls(datetime(int(year), int(month), 1, tzinfo=UTC))


def partitions() -> list[Month]:
    """The months that have a partition, the oldest first."""
    return [Month.named(name) for name, _pending in fetch(_FOUND, [])]


def partitions_keep(now: datetime | None = None) -> list[str]:
    """Make the partitions of this month and of AHEAD more that are missing; their names. No write waits for it: a table
    of its own is attached, which locks out nobody (PostgreSQL, ALTER TABLE … ATTACH PARTITION)."""
    made = []
    with transaction.atomic():
        fetch(_LOCK, [])
        there = {month.name for month in partitions()}
        for month in _months(Month.of(now or timezone.now())):
            if month.name not in there:
                _make(month)
                made.append(month.name)
    return made


def _months(month: Month) -> Iterator[Month]:
    for _place in range(AHEAD + 1):
        yield month
        month = month.next


def _make(month: Month) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {month.name} (LIKE form_entity_change INCLUDING ALL)")
        cursor.execute(
            f"ALTER TABLE form_entity_change ATTACH PARTITION {month.name} "
            f"FOR VALUES FROM ('{month.first:%Y-%m-%d}') TO ('{month.next.first:%Y-%m-%d}')"
        )


def kept_since() -> datetime:
    """From when on entries are kept, whichever form they are of."""
    months = partitions()
    return months[0].first if months else timezone.now()


def partitions_drop(now: datetime | None = None) -> list[str]:
    """Drop the partitions whose entries are all older than HISTORY_DAYS; their names."""
    before = (now or timezone.now()) - timedelta(days=settings.HISTORY_DAYS)
    dropped = []
    for name, pending in fetch(_FOUND, []):
        if Month.named(name).next.first <= before:
            _drop(name, pending)
            dropped.append(name)
    return dropped


def _drop(name: str, pending: bool) -> None:
    """Without locking out who writes: not possible in a transaction, and done to its end where it was broken off."""
    how = "FINALIZE" if pending else "" if connection.in_atomic_block else "CONCURRENTLY"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE form_entity_change DETACH PARTITION {name} {how}")
        cursor.execute(f"DROP TABLE {name}")


def after_migrate(**_signal: Any) -> None:
    """Make the log ready to be written, once its table is there."""
    if fetch("SELECT to_regclass('form_entity_change')", [])[0][0] is not None:
        partitions_keep()
        count_on()


def count_on() -> int:
    """Go on counting transactions where the log ends. A database that was restored from a dump, or is replicated by
    logical means, counts its own from the beginning, and what is entered there must not come before what is read
    already. What is added to its count from now on."""
    with transaction.atomic():
        fetch(_LOCK, [])
        newest = "SELECT max(tx) FROM form_entity_change"
        if not is_citus():
            # Of each form by itself: a look at the end of its order in each partition. Citus reads all shards at once.
            of_form = f"{newest} WHERE custom_form_id = form.id"
            newest = f"SELECT max(({of_form})) FROM forms_app_customform form"
        offset, now, last = fetch(
            f"SELECT form_change_offset(), pg_current_xact_id()::text::bigint, coalesce(({newest}), 0)", []
        )[0]
        if last < offset + now:
            return int(offset)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION form_change_offset() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE "
                f"AS 'SELECT {int(last)}::bigint'"
            )
        return int(last)
