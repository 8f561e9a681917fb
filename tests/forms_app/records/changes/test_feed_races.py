"""The feed while many write, some for long, and connections are killed: each entry is told once to each reader, and
none comes behind the cursor that a reader holds."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from typing import Any

import pytest
from django.db import Error, connection, transaction

from forms_app.database.cursor import fetch
from forms_app.models import CustomForm, Member
from forms_app.records.changes.reading import BEGINNING, Position, feed
from forms_app.records.writes import entity_create, entity_update
from tests.factories import actor_of, schema_of
from tests.forms_app.worlds import at_once
from tests.scale import scaled, seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WRITERS, READERS = scaled(10, 16), 4
SECONDS = scaled(4, 60)


def test_every_committed_entry_is_told_once_to_each_reader_in_the_order_of_commits(
    form: CustomForm, alice: Member
) -> None:
    schema, actor = schema_of(form), actor_of(alice)
    records = [entity_create(schema=schema, values={"amount": 0}, actor=actor).id for _writer in range(WRITERS)]
    end = time.monotonic() + SECONDS
    writing = set(range(WRITERS))
    killed = [0] * WRITERS

    def writer(number: int) -> None:
        chance = random.Random(number)
        while time.monotonic() < end:
            with suppress(Error):  # its connection was killed, or it and another waited for each other
                connection.close_if_unusable_or_obsolete()
                with transaction.atomic():
                    for _change in range(chance.randint(1, 3)):
                        record = records[number] if chance.random() < 0.8 else chance.choice(records)
                        values = {"amount": chance.randint(0, 10**9)}
                        entity_update(schema=schema, record_id=record, values=values, actor=actor)
                        time.sleep(chance.choice([0, 0, 0, 0.01, 0.2]))
                    if chance.random() < 0.05:
                        killed[number] += kill()
                    if chance.random() < 0.1:
                        transaction.set_rollback(True)
        writing.discard(number)

    def kill() -> int:
        """Some other backend of this database that is writing: whether there was one."""
        sql = (
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) other"
        )
        return len(fetch(sql, []))

    def reader(number: int) -> list[list[Position]]:
        """What each page told."""
        chance, position, told = random.Random(100 + number), BEGINNING, []
        while True:
            over = not writing
            try:
                connection.close_if_unusable_or_obsolete()
                found, behind = feed(schema, actor, position, chance.choice([1, 7, 100]))
            except Error:
                continue
            page = [Position(entry.tx, entry.id) for entry in found]
            assert all(position < place <= behind for place in page)
            told.append(page)
            position = behind
            if over and not found:
                return told
            time.sleep(chance.choice([0, 0.01, 0.05]))

    jobs: list[Any] = [lambda n=n: writer(n) for n in range(WRITERS)] + [lambda n=n: reader(n) for n in range(READERS)]
    outcomes = at_once(jobs, connections=WRITERS + READERS, seconds=SECONDS + 60)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    committed = fetch(f"SELECT tx, id FROM form_entity_change WHERE custom_form_id = {form.pk} ORDER BY tx, id", [])
    assert len(committed) > WRITERS * 5
    for told in outcomes[WRITERS:]:
        assert [place for page in told for place in sorted(page)] == committed
    pages = [sum(1 for page in told if page) for told in outcomes[WRITERS:]]
    seen("feed", writers=WRITERS, entries=len(committed), killed=sum(killed), pages_of_each_reader=pages)
