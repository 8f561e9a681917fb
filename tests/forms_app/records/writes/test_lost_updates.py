"""Many read a record, and write it back: with its version no change is lost, and without one only the fields that were
sent are written. The change log is the history that is checked: every write that was acknowledged is in it, once, and
stands on the one that its writer had read."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from forms_app.database.cursor import fetch
from forms_app.exact_json import reads
from forms_app.exceptions import StaleVersion
from forms_app.models import CustomApp, CustomForm, Member
from forms_app.records.query import EntityQuery
from forms_app.records.writes import entity_create, entity_update
from tests.factories import actor_of, make_form, schema_of
from tests.forms_app.worlds import at_once
from tests.scale import scaled, seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WRITERS, RECORDS, WRITES = 8, 3, scaled(60, 12_500)
"""So many writers, on so many records, so many writes each: 100,000 at full scale."""
SECONDS = scaled(60, 3_600)


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {f"n{place}": "integer_field" for place in range(WRITERS)} | {"sum": "integer_field"})


def log_of(form: CustomForm, record: int) -> list[tuple[int, dict[str, Any]]]:
    """(version, changes) of each update of the record, in order."""
    sql = (
        "SELECT version, changes::text FROM form_entity_change WHERE custom_form_id = %s AND entity_id = %s "
        "AND action = 'updated' ORDER BY id"
    )
    return [(version, reads(changes)) for version, changes in fetch(sql, [form.pk, record])]


def test_with_its_version_no_acknowledged_change_is_lost(form: CustomForm, alice: Member) -> None:
    schema, actor = schema_of(form), actor_of(alice)
    records = [entity_create(schema=schema, values={"sum": 0}, actor=actor).id for _record in range(RECORDS)]

    stale = [0] * WRITERS
    began = time.monotonic()

    def writer(number: int) -> list[tuple[int, int, int]]:
        """What was acknowledged: (record, version, sum)."""
        chance, told = random.Random(number), []
        while len(told) < WRITES:
            record = chance.choice(records)
            row = EntityQuery(schema, actor).get(record)
            assert row is not None
            total = reads(row.data)["sum"] + 1
            try:
                written = entity_update(
                    schema=schema, record_id=record, values={"sum": total}, actor=actor, versions={row.version}
                )
            except StaleVersion:
                stale[number] += 1
                continue
            told.append((record, written.version, total))
        return told

    outcomes = at_once([lambda n=n: writer(n) for n in range(WRITERS)], seconds=SECONDS)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    acknowledged = sorted(each for told in outcomes for each in told)
    assert len(acknowledged) == WRITERS * WRITES
    logged = []
    for record in records:
        entries = log_of(form, record)
        assert [version for version, _changes in entries] == list(range(2, len(entries) + 2))
        # Each stands on the one before it: nobody wrote over what he had not seen.
        assert [changes["sum"] for _version, changes in entries] == [[n, n + 1] for n in range(len(entries))]
        logged += [(record, version, changes["sum"][1]) for version, changes in entries]
    assert logged == acknowledged
    taken = round(time.monotonic() - began)
    seen("lost updates, by version", written=len(logged), refused_as_stale=sum(stale), seconds=taken)


def test_without_one_writers_of_different_fields_lose_nothing(form: CustomForm, alice: Member) -> None:
    schema, actor = schema_of(form), actor_of(alice)
    record = entity_create(schema=schema, values={}, actor=actor).id
    began = time.monotonic()

    def writer(number: int) -> None:
        for value in range(1, WRITES + 1):
            entity_update(schema=schema, record_id=record, values={f"n{number}": value}, actor=actor)

    assert at_once([lambda n=n: writer(n) for n in range(WRITERS)], seconds=SECONDS) == [None] * WRITERS
    row = EntityQuery(schema, actor).get(record)
    assert row is not None
    assert reads(row.data) == {f"n{number}": WRITES for number in range(WRITERS)}
    entries = log_of(form, record)
    assert [version for version, _changes in entries] == list(range(2, WRITERS * WRITES + 2))
    for number in range(WRITERS):
        mine = [changes[f"n{number}"] for _version, changes in entries if f"n{number}" in changes]
        assert mine == [[value - 1 or None, value] for value in range(1, WRITES + 1)]
    seen("lost updates, fields merged", written=len(entries), seconds=round(time.monotonic() - began))
