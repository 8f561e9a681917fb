"""The log is complete: played from its beginning it gives the table, whichever ways records were written."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from django.db import connection

from forms_app.database.cursor import fetch
from forms_app.exceptions import NotFound
from forms_app.models import CustomApp, CustomForm, Member
from forms_app.records.changes.as_of import entity_as_of
from forms_app.records.query.entity_query import EntityRow
from tests.factories import schema_of
from tests.forms_app.records.changes.ways import WAYS, World
from tests.forms_app.worlds import query_of
from tests.scale import scaled, seen

STEPS = 3 * len(WAYS)
SEEDS = scaled(4, 40)
ASKED = scaled(60, 600)
"""Moments and records at which each sequence is asked what was."""
Entry = tuple[int, str, int, int, str]


def exactly(text: str) -> dict[str, Any]:
    """JSON with each number as the text that it is."""
    found: dict[str, Any] = json.loads(text, parse_float=str, parse_int=lambda digits: f"#{digits}")
    return found


def table(form: CustomForm) -> dict[int, tuple[int, int, dict[str, Any]]]:
    """Of each record: version, owner, values."""
    rows = fetch(f"SELECT id, version, owner_uid, data::text FROM form_entity WHERE custom_form_id = {form.pk}", [])
    return {row[0]: (row[1], row[2], exactly(row[3])) for row in rows}


def replayed(form: CustomForm) -> dict[int, tuple[int, int, dict[str, Any]]]:
    """The same by the log alone."""
    rows = fetch(
        "SELECT entity_id, action, version, owner_uid, changes::text FROM form_entity_change "
        f"WHERE custom_form_id = {form.pk} ORDER BY id",
        [],
    )
    found: dict[int, tuple[int, int, dict[str, Any]]] = {}
    for record_id, action, version, owner, text in rows:
        changes = exactly(text)
        if action in ("created", "restored"):
            assert record_id not in found
            found[record_id] = version, owner, changes
            continue
        was, had, data = found.pop(record_id)
        assert changes or action == "destroyed", "an entry of nothing"
        assert version == was + (action in ("updated", "transferred")), action
        if action == "destroyed":
            assert changes == data
            continue
        if action == "transferred":
            assert changes == {"user": [f"#{had}", f"#{owner}"]}
        else:
            for name, (before, after) in changes.items():
                assert data.get(name) == before, (action, name)
                data[name] = after
        found[record_id] = version, owner, {name: value for name, value in data.items() if value is not None}
    return found


def counted_and_entered(form: CustomForm) -> tuple[int, int]:
    """How often the form changed by its counters, and how many entries there are."""
    changes = f"SELECT sum(changes)::bigint FROM form_counter WHERE custom_form_id = {form.pk}"
    entries = f"SELECT count(*) FROM form_entity_change WHERE custom_form_id = {form.pk}"
    ((changed, entered),) = fetch(f"SELECT ({changes}), ({entries})", [])
    return changed, entered


class Moment(NamedTuple):
    """What a form held at a time, each record as a detail would tell it."""

    at: datetime
    form: CustomForm
    rows: dict[int, EntityRow]
    redesigned: int


def held(world: World, form: CustomForm) -> Moment:
    time.sleep(0.002)  # behind what was done: times are kept to the millisecond
    at = datetime.now(UTC)
    rows = {record: query_of(form).get(record) for record in world.ids(form)}
    time.sleep(0.002)
    return Moment(at, form, {record: row for record, row in rows.items() if row is not None}, world.redesigned)


def told(row: EntityRow, world: World, moment: Moment) -> tuple[Any, ...]:
    """What a row says, but for a field that became another one since."""
    data = exactly(row.data)
    if moment.form is world.goods and moment.redesigned != world.redesigned:
        data.pop("tax", None)
    return row.owner_uid, row.version, row.created_at, row.updated_at, data


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_log_alone_gives_the_table_and_tells_what_was(
    seed: int, custom_app: CustomApp, people: dict[int, Member], tmp_path: Path
) -> None:
    world = World(custom_app, people, tmp_path, seed)
    ways: Counter[str] = Counter()
    moments = []
    for _step in range(STEPS):
        ways[world.step()] += 1
        for form in (world.goods, world.orders):
            assert replayed(form) == table(form), ways
            changed, entered = counted_and_entered(form)
            assert changed == entered, "a selection that is followed needs both (records/query/followed.py)"
            moments.append(held(world, form))
    assert set(ways) == {way.__name__ for way in WAYS}
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT action, source FROM form_entity_change")
        found = set(cursor.fetchall())
    assert {action for action, _source in found} == {
        *("created", "updated", "transferred", "destroyed", "restored", "computed")
    }
    assert {source for _action, source in found} >= {"ticket", "flow", "load", "api", "mass", "page"}
    asked = as_it_was(world, moments, Random(seed))
    seen("the log is complete", seed=seed, ways=len(ways), steps=STEPS, asked_as_of=asked)


def as_it_was(world: World, moments: list[Moment], chance: Random) -> int:
    """Ask for records at moments: each is what it was, or was not there. How many were asked for."""
    every = [(moment, record) for moment in moments for record in ever(moment.form)]
    some = chance.sample(every, min(ASKED, len(every)))
    for moment, record in some:
        try:
            row = entity_as_of(schema=schema_of(moment.form), record_id=record, moment=moment.at, actor=world.actor)
        except NotFound:
            assert record not in moment.rows
            continue
        was = moment.rows[record]
        assert told(row, world, moment) == told(was, world, moment)
    return len(some)


def ever(form: CustomForm) -> list[int]:
    """The records that the form ever had."""
    sql = f"SELECT DISTINCT entity_id FROM form_entity_change WHERE custom_form_id = {form.pk} ORDER BY 1"
    return [row[0] for row in fetch(sql, [])]
