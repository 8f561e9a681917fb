"""Rows of a cursor of PostgreSQL, some of which are asked for before the last ones are worked off."""

from __future__ import annotations

import pytest
from django.db import DataError, connection, transaction

from forms_app.database.cursor import Fetched, fetch

NUMBERS = "SELECT n, n::text FROM generate_series(1, %s) n"


def read(count: int, size: int, *, ahead: bool) -> list[list[int]]:
    """The pieces in which so many numbers come; between them another statement is asked."""
    stream, pieces = Fetched(NUMBERS, [count], size, list), []
    while rows := stream.next():
        if ahead:
            with stream.ahead() as meanwhile:
                meanwhile()
                assert fetch("SELECT 7 + %s", [len(rows)]) == [(7 + len(rows),)]
                meanwhile()
        assert all(text == b"%d" % number for number, text in rows)
        pieces.append([number for number, _text in rows])
    assert fetch("SELECT count(*) FROM pg_cursors", []) == [(0,)]
    return pieces


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
def test_every_row_comes_once_and_in_order(db: None, count: int, ahead: bool) -> None:
    numbers = list(range(1, count + 1))
    assert read(count, 3, ahead=ahead) == [numbers[at : at + 3] for at in range(0, count, 3)]


def test_rows_that_do_not_fit_between_two_processes_are_asked_for_ahead(db: None) -> None:
    stream = Fetched("SELECT repeat('x', 100000), number FROM generate_series(1, 100) number", [], 40, list)
    found = []
    while rows := stream.next():
        with stream.ahead():
            found += [(len(text), number) for text, number in rows]
    assert found == [(100_000, number) for number in range(1, 101)]


@pytest.mark.parametrize("ahead", [True, False])
def test_a_row_that_can_t_be_made_is_the_statement_s_error(db: None, ahead: bool) -> None:
    with pytest.raises(DataError), transaction.atomic():
        stream = Fetched("SELECT 1 / (5 - number) FROM generate_series(1, 9) number", [], 3, list)
        assert len(stream.next()) == 3
        if ahead:
            with stream.ahead():
                pass
        stream.next()
    assert fetch("SELECT 1", []) == [(1,)]


def test_who_fails_meanwhile_leaves_the_connection_as_it_was(db: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        stream = Fetched(NUMBERS, [100], 3, list)
        with stream.ahead():
            raise ZeroDivisionError
    assert fetch("SELECT 1", []) == [(1,)]
    assert connection.connection.info.pipeline_status.name == "OFF"
