"""A transaction begins with its first statement and ends with its last, in the same turns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from psycopg.pq import TransactionStatus

from apaas.errors import connection_is_lost
from forms_app.database.cursor import fetch, fetch_last
from tests.forms_app.worlds import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ENTER = "INSERT INTO turns_of_test VALUES (%s, %s) RETURNING id"
USES = 6
"""More than it takes until a statement is prepared."""


@pytest.fixture(autouse=True)
def table(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE turns_of_test (id bigint PRIMARY KEY, text text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE turns_of_test")


def status() -> TransactionStatus:
    return TransactionStatus(connection.connection.info.transaction_status)


def entered() -> list[int]:
    """What another connection sees."""
    (seen,) = at_once([lambda: fetch("SELECT id FROM turns_of_test ORDER BY id", [])])
    return [row[0] for row in seen]


def test_each_turn_leaves_the_transaction_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    committed: list[int] = []
    for number in range(USES):
        with transaction.atomic():
            transaction.on_commit(lambda number=number: committed.append(number))  # type: ignore[misc]
            assert status() == TransactionStatus.IDLE
            assert fetch(ENTER, [number, "first"]) == [(number,)]
            assert status() == TransactionStatus.INTRANS
            assert fetch_last(ENTER, [100 + number, "last"]) == [(100 + number,)]
            assert status() == TransactionStatus.IDLE and not committed[number:]
            assert {number, 100 + number} <= set(entered())
    assert committed == list(range(USES))


def test_a_last_statement_that_fails_takes_all_back() -> None:
    fetch(ENTER, [7, "there"])
    for number in range(USES):
        with pytest.raises(IntegrityError), transaction.atomic():
            fetch(ENTER, [number + 100, "first"])
            fetch_last(ENTER, [7, "again"])
    assert entered() == [7]


def test_a_first_statement_that_fails_leaves_the_connection_as_good_as_before() -> None:
    process = fetch("SELECT pg_backend_pid()", [])
    fetch(ENTER, [7, "there"])
    for number in range(USES):
        with pytest.raises(IntegrityError), transaction.atomic():
            fetch(ENTER, [7, "again"])
        with pytest.raises(DatabaseError), transaction.atomic():
            fetch("SELECT nothing_of_the_kind", [])
        with transaction.atomic():
            assert fetch(ENTER, [100 + number, "%"]) == [(100 + number,)]
    assert fetch("SELECT pg_backend_pid()", []) == process
    assert len(entered()) == USES + 1


def test_inside_another_transaction_the_last_statement_commits_nothing() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        fetch(ENTER, [1, "outer"])
        with transaction.atomic():
            fetch_last(ENTER, [2, "inner"])
        assert status() == TransactionStatus.INTRANS
        raise RuntimeError
    assert entered() == []


def test_an_only_statement_is_committed() -> None:
    with transaction.atomic():
        fetch_last(ENTER, [1, "only"])
    assert entered() == [1]


@pytest.mark.parametrize("size", [0, 70_000, 8_000_000])
def test_values_and_rows_of_any_size_pass(size: int) -> None:
    with transaction.atomic():
        assert fetch("SELECT %s::text, repeat('y', %s)", ["x" * size, size]) == [("x" * size, "y" * size)]


def test_arrays_are_sent_as_their_placeholder_says() -> None:
    with transaction.atomic():
        found = fetch("SELECT %b::bigint[], %s::text, 7 %% 4", [[1, 2], "a"])
    assert found == [([1, 2], "a", 3)]


def test_after_a_rollback_statements_are_prepared_anew() -> None:
    for number in range(USES * 2):
        with transaction.atomic():
            fetch(ENTER, [number, "a"])
            fetch_last(ENTER, [100 + number, "b"])
        if number == USES:
            with transaction.atomic():
                fetch(ENTER, [1_000, "c"])
                transaction.set_rollback(True)
    assert len(entered()) == USES * 4
    prepared = [row[0] for row in fetch("SELECT statement FROM pg_prepared_statements", [])]
    assert sum("turns_of_test VALUES" in text for text in prepared) == 1


@pytest.mark.parametrize("at", ["first", "last"])
def test_a_connection_that_is_lost_says_so_and_is_followed_by_another(at: str) -> None:
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(OperationalError) as raised, transaction.atomic():
        if at == "last":
            fetch(ENTER, [1, "a"])
        (fetch if at == "first" else fetch_last)(kill, [])
    assert connection_is_lost(raised.value)
    connection.close()
    assert entered() == []
    with transaction.atomic():
        fetch(ENTER, [2, "b"])
    assert entered() == [2]
