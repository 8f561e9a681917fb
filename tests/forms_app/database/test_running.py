"""Statements that run: cancelled at the limit, cancelled for a caller who has hung up, never by mistake."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, DataError, OperationalError, connection, connections, transaction
from psycopg.errors import QueryCanceled

from forms_app.database import running
from forms_app.database.cursor import fetch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _noted() -> Iterator[None]:
    """What runs on this connection is noted, as in a server."""
    connection.ensure_connection()
    running._note(connection)
    yield
    connection.execute_wrappers.remove(running._noted)
    running.begin()


def meanwhile(act: Callable[[], Any], after: float = 0.3) -> threading.Timer:
    timer = threading.Timer(after, act)
    timer.start()
    return timer


def test_who_hangs_up_is_read_for_no_longer_and_nothing_else_is_begun() -> None:
    work = running.begin()
    timer = meanwhile(work.hang_up)
    began = time.monotonic()
    with pytest.raises(OperationalError) as caught:
        fetch("SELECT pg_sleep(20)", [])
    assert isinstance(caught.value.__cause__, QueryCanceled)
    assert time.monotonic() - began < 10
    with pytest.raises(running.CallerGone):
        fetch("SELECT 1", [])
    timer.join()
    running.begin()
    assert fetch("SELECT 1", []) == [(1,)]


def test_what_is_being_written_is_brought_to_its_end() -> None:
    work = running.begin()
    with transaction.atomic():
        timer = meanwhile(work.hang_up, after=0.1)
        fetch("SELECT pg_sleep(0.5)", [])
        assert fetch("SELECT 1", []) == [(1,)]
    timer.join()


def test_a_statement_over_the_limit_is_cancelled_and_the_next_one_is_not() -> None:
    work = running.begin()
    timer = meanwhile(lambda: work.cancel_after(0.2, time.monotonic()))
    with pytest.raises(OperationalError) as caught, transaction.atomic():
        fetch("SELECT pg_sleep(20)", [])
    assert isinstance(caught.value.__cause__, QueryCanceled)
    timer.join()
    work.cancel_after(0, time.monotonic())  # nothing runs
    assert fetch("SELECT 1", []) == [(1,)]


def test_a_cancellation_never_meets_a_later_statement() -> None:
    work, stop = running.begin(), threading.Event()

    def cancel_all_the_time() -> None:
        while not stop.is_set():
            work.cancel_after(0.005, time.monotonic())

    canceller = threading.Thread(target=cancel_all_the_time)
    canceller.start()
    try:
        for _time in range(20):
            with pytest.raises(OperationalError):
                fetch("SELECT pg_sleep(5)", [])
            connection.connection.execute("SELECT pg_sleep(0.003)")  # which nobody knows of
    finally:
        stop.set()
        canceller.join()


def test_a_server_behind_a_pooler_watches_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.05)
    work, stop = running.begin(), threading.Event()
    watch = threading.Thread(target=running.watch, args=(0.2, stop))
    watch.start()
    assert fetch("SELECT 1 FROM pg_sleep(0.05)", []) == [(1,)]
    with pytest.raises(OperationalError):
        fetch("SELECT pg_sleep(20)", [])
    with transaction.atomic(), running.unlimited():
        assert not work.limited
        assert fetch("SELECT 1 FROM pg_sleep(0.6)", []) == [(1,)]
    assert work.limited
    stop.set()
    watch.join()


def test_what_is_unlimited_is_so_until_its_transaction_ends() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 100")
        with transaction.atomic(), running.unlimited():
            cursor.execute("SELECT pg_sleep(0.3)")
        with pytest.raises(OperationalError):
            cursor.execute("SELECT pg_sleep(20)")
        cursor.execute("RESET statement_timeout")


def asked_whether_alive(written: Callable[[], Any]) -> int:
    """How often the connection is asked in a request that writes in a transaction."""
    wrapper, asked = connections[DEFAULT_DB_ALIAS], []
    usable = wrapper.is_usable
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapper, "is_usable", lambda: asked.append(1) or usable())
        patch.setattr(wrapper, "health_check_enabled", True)
        patch.setattr(wrapper, "health_check_done", False)  # as Django's receiver leaves it
        running._trust()
        with transaction.atomic():
            written()
    return len(asked)


def test_a_connection_that_answered_a_moment_ago_is_not_asked_whether_it_is_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetch("SELECT 1", [])
    assert asked_whether_alive(lambda: fetch("SELECT 1", [])) == 0
    monkeypatch.setattr(running, "TRUSTED_SECONDS", 0.0)
    assert asked_whether_alive(lambda: fetch("SELECT 1", [])) == 1


def test_a_statement_that_failed_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    vars(connections[DEFAULT_DB_ALIAS]).pop(running.ANSWERED, None)
    with pytest.raises(DataError), transaction.atomic():
        fetch("SELECT 1 / 0", [])
    assert running.ANSWERED not in vars(connections[DEFAULT_DB_ALIAS])
