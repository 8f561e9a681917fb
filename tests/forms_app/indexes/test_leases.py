"""One builder a partition: by a row that its holder renews, and that another takes over when the holder died."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from forms_app.database.cursor import fetch
from forms_app.indexes import leases
from forms_app.indexes.leases import builder_of, has_builder
from forms_app.models import IndexLease

pytestmark = pytest.mark.django_db(transaction=True)
LEAF = "form_entity_p00"
BUILD = f"CREATE INDEX CONCURRENTLY entity_btree_77 ON {LEAF} (version) WHERE custom_form_id = 77"


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def elsewhere(work: Callable[[], None]) -> threading.Thread:
    """The work in a thread, on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def dead(until: timedelta) -> IndexLease:
    """The lease of a holder that is no more."""
    return IndexLease.objects.create(leaf=LEAF, holder=uuid.uuid4(), held_until=now() + until)


def test_who_builds_has_the_partition_and_no_other() -> None:
    assert not has_builder(LEAF)
    with builder_of(LEAF):
        assert has_builder(LEAF) and not has_builder("form_entity_p01")
        with builder_of("form_entity_p01"):
            assert has_builder("form_entity_p01")
    assert not has_builder(LEAF) and not IndexLease.objects.exists()


def test_the_second_waits_until_the_first_is_done() -> None:
    seen: list[str] = []

    def build() -> None:
        with builder_of(LEAF):
            seen.append("second")

    with builder_of(LEAF):
        thread = elsewhere(build)
        thread.join(3 * leases.PAUSE)
        assert thread.is_alive()
        seen.append("first")
    thread.join(60)
    assert seen == ["first", "second"]


def test_a_lease_holds_as_long_as_its_holder_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    with builder_of(LEAF):
        first = IndexLease.objects.get().held_until
        wait_until(lambda: IndexLease.objects.get().held_until > first)


def test_a_holder_that_lost_its_lease_does_not_take_another_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    with builder_of(LEAF):
        other = uuid.uuid4()
        IndexLease.objects.update(holder=other, held_until=now() - timedelta(seconds=1))
        time.sleep(0.3)
        assert not has_builder(LEAF)
    assert IndexLease.objects.get().holder == other


def test_who_died_is_followed_when_the_time_is_over() -> None:
    lease = dead(until=timedelta(seconds=1))
    assert has_builder(LEAF)
    with builder_of(LEAF):
        assert now() >= lease.held_until
    assert not has_builder(LEAF)


def test_who_died_is_not_followed_while_postgresql_goes_on_building() -> None:
    dead(until=timedelta(seconds=-1))
    assert not has_builder(LEAF)
    entered = threading.Event()

    def follow() -> None:
        with builder_of(LEAF):
            entered.set()

    written, done = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            fetch(f"DELETE FROM {LEAF} WHERE custom_form_id = 77 RETURNING id", [])
            written.set()
            done.wait(60)

    threads = [elsewhere(write)]
    try:
        assert written.wait(60)
        threads.append(elsewhere(lambda: run(BUILD)))  # it waits for who has written to the partition
        wait_until(lambda: fetch("SELECT 1 FROM pg_stat_progress_create_index", []))
        assert has_builder(LEAF)
        threads.append(elsewhere(follow))
        assert not entered.wait(3 * leases.PAUSE)
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert entered.is_set()
    run("DROP INDEX entity_btree_77")
