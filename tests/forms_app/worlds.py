"""What these tests share: threads with connections of their own, records as clients read them, statements counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps, reads
from forms_app.exceptions import Conflict
from forms_app.models import CustomForm, FormCounter, Member
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityQuery, EntityRow, Terms
from forms_app.schema.form_schema import FormSchema
from tests.factories import actor_of, schema_of, system_of

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
CONNECTIONS = 16
"""So many at once: the embedded server takes a hundred, and tests run side by side."""


def at_once(jobs: Sequence[Callable[[], Any]], *, connections: int = CONNECTIONS, seconds: float = 60) -> list[Any]:
    """Run the jobs in threads that begin together, each on a connection of its own; what each job gave or raised. They
    have so many seconds, each thread after the one before it."""
    workers = min(connections, len(jobs))
    gate = threading.Barrier(workers)
    outcomes: list[Any] = [None] * len(jobs)

    def run(first: int) -> None:
        try:
            gate.wait(60)
            for place in range(first, len(jobs), workers):
                try:
                    outcomes[place] = jobs[place]()
                except Exception as error:  # noqa: BLE001 - the test looks at what was raised
                    outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[first]) for first in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    assert not any(thread.is_alive() for thread in threads), "a job hangs"
    return outcomes


class Other(threading.Thread):
    """Somebody who writes on a connection of their own."""

    def __init__(self, write: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.write = write
        self.outcome: Any = None

    def run(self) -> None:
        try:
            self.outcome = self.write()
        except Conflict as conflict:
            self.outcome = conflict
        finally:
            connection.close()

    def starts(self) -> None:
        """Begin, and come back when the write is done or waits for a lock of ours."""
        self.start()
        while self.is_alive() and not fetch(WAITING, [])[0][0]:
            time.sleep(0.01)


def insert(form: CustomForm, rows: list[str]) -> dict[int, dict[str, Any]]:
    """Rows of this JSON; what each holds, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO form_entity (custom_form_id, app_id, organization_id, owner_uid, data)"
            " SELECT %s, 1, 1, 1 + mod(n, 4), j::jsonb FROM unnest(%s::text[]) WITH ORDINALITY AS r (j, n)"
            " RETURNING id, data::text",
            [form.pk, rows],
        )
        return {row[0]: reads(row[1]) for row in cursor.fetchall()}


def query_of(form: CustomForm | FormSchema, terms: Terms | None = None) -> EntityQuery:
    schema = form if isinstance(form, FormSchema) else schema_of(form)
    return EntityQuery(schema, system_of(schema.organization_id), terms or Terms())


def row_of(form: CustomForm, record_id: int) -> EntityRow:
    row = query_of(form).get(record_id)
    assert row is not None
    return row


def stored_of(form: CustomForm, record_id: int) -> dict[str, Any]:
    """What the record holds, numbers exact."""
    found: dict[str, Any] = reads(row_of(form, record_id).data)
    return found


def shown_of(form: CustomForm, record_id: int, member: Member, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The record as a client reads it that keeps every digit."""
    schema = schema_of(form)
    (record,) = present(Projection.of(schema, names), [row_of(form, record_id)], actor_of(member))
    read: dict[str, Any] = reads(dumps(record).decode())
    return read


def counted(form: CustomForm) -> tuple[int, int]:
    """(records, changes) as the form's counters say."""
    slots = FormCounter.objects.filter(custom_form_id=form.pk)
    return sum(slot.live for slot in slots), sum(slot.changes for slot in slots)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of the block, transaction control and version checks aside."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    control = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    texts = [query["sql"] or "" for query in captured.captured_queries]  # no text: of a statement that failed
    found += [text for text in texts if text and not text.startswith(control) and "cacheversion" not in text]
