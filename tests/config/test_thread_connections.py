"""A thread that ends leaves no connection to the database behind."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

_here = threading.local()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def both() -> set[int]:
    """The thread's own connection, and a second one that it keeps."""
    _here.second = connections.create_connection("default")
    with _here.second.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return {backend(), int(cursor.fetchone()[0])}


def in_a_thread(work: Callable[[], set[int]]) -> set[int]:
    found: list[set[int]] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def alive(backends: set[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s)", [list(backends)])
        return {pid for (pid,) in cursor.fetchall()}


@pytest.mark.django_db
def test_a_thread_that_ends_closes_its_connections_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        ended = in_a_thread(both)
        assert len(ended) == 2
        for _look in range(100):
            if not alive(ended):
                break
            threading.Event().wait(0.05)  # PostgreSQL's process ends a moment later
        assert alive(ended) == set()
    finally:
        gc.enable()


@pytest.mark.django_db
def test_a_second_wrapper_of_the_same_database_closes_nothing_of_the_first() -> None:
    first = backend()
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        second = int(cursor.fetchone()[0])
    assert alive({first, second}) == {first, second}
    other.close()
    assert backend() == first
