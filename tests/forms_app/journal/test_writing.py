"""The thread that writes: within a second by itself, at the end at once, and never to anybody's harm."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import DatabaseError, connection
from structlog.testing import capture_logs

from forms_app.journal import writing
from forms_app.journal.writing import Writer
from forms_app.models import CacheVersion


class Notes:
    """A source of rows that a test sees again."""

    name = "notes"

    def __init__(self, fails: bool = False) -> None:
        self.rows: list[Any] = []
        self.written: list[Any] = []
        self.fails = fails

    def take(self) -> list[Any]:
        rows, self.rows = self.rows, []
        return rows

    def write(self, rows: list[Any]) -> None:
        if self.fails:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nothing FROM nowhere")
        assert connection.in_atomic_block
        self.written += rows


@pytest.mark.django_db(transaction=True)
def test_it_writes_by_itself_and_what_is_left_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "EVERY", 0.05)
    notes = Notes()
    writer = Writer(notes)
    for round_ in range(2):
        notes.rows.append(round_)
        writer.wake()
        deadline = time.monotonic() + 5
        while len(notes.written) <= round_ and time.monotonic() < deadline:
            time.sleep(0.01)
    assert notes.written == [0, 1]
    monkeypatch.setattr(writing, "EVERY", 60)
    notes.rows.append(2)
    writer.wake()
    began = time.monotonic()
    writer.end()
    assert notes.written == [0, 1, 2]
    assert time.monotonic() - began < 5
    assert writer._thread is not None and not writer._thread.is_alive()
    notes.rows.append(3)
    writer.wake()  # nothing begins anew
    assert not writer._thread.is_alive()


@pytest.mark.django_db
def test_what_the_database_refuses_is_lost_and_said_and_the_rest_is_written() -> None:
    bad, good = Notes(fails=True), Notes()
    bad.rows, good.rows = [1, 2], [3]
    with capture_logs() as logs:
        Writer(bad, good).write()
    assert good.written == [3] and bad.rows == []
    assert [(line["event"], line["of"], line["rows"]) for line in logs] == [("notes lost", "notes", 2)]
    assert CacheVersion.objects.count() >= 0  # the transaction around it goes on


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_thread_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "EVERY", 0.02)
    notes = Notes()
    writer = Writer(notes)

    def away(*_args: Any) -> None:
        raise DatabaseError("away")

    with monkeypatch.context() as patch:
        patch.setattr(notes, "write", away)
        notes.rows.append(1)
        writer.wake()
        deadline = time.monotonic() + 5
        while notes.rows and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
    notes.rows.append(2)
    writer.wake()
    writer.end()
    assert notes.written == [2]
