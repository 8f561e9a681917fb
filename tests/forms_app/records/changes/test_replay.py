"""The log is complete: played from its beginning it gives the table, whichever ways records were written."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from forms_app.database.cursor import fetch
from forms_app.design.forms import design_of, form_design
from forms_app.exceptions import DomainError
from forms_app.models import CustomApp, CustomForm, FormEntity, Member
from forms_app.records.mass_rows import Change
from forms_app.records.mass_writes import entity_mass_create, entity_mass_update, entity_mass_upsert
from forms_app.records.trash import entity_restore
from forms_app.records.writes import entity_create, entity_mass_destroy, entity_transfer, entity_update
from forms_app.staff.leaving import hand_over
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, add_field, make_form, schema_of
from tests.flows import data_id, definition, make_flow
from tests.forms_app.loading.files import load, write_jsonl

STEPS = 60
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


class World:
    """Goods and orders that read them, and one who writes them in every way."""

    def __init__(self, app: CustomApp, people: dict[int, Member], folder: Path, seed: int) -> None:
        self.chance, self.people, self.folder = random.Random(seed), people, folder
        self.goods = make_form(
            app,
            {
                "name": "text_field",
                "code": ("text_field", {"unique": True}),
                "price": "float_field",
                "tax": ("formula_field", {"formula": "{price} * 0.1"}),
            },
            name="goods",
        )
        self.orders = make_form(
            app, {"note": "text_field", "amount": "integer_field", "item": ("relation_field", {"form": self.goods.pk})}
        )
        add_field(self.orders, "cost", ("formula_field", {"formula": "{amount} * {item.price}"}))
        add_field(self.orders, "number", "auto_number_field")
        source = {"values": [{"target": "note", "value": "flow"}]}
        self.flow = make_flow(self.orders, definition("start > review > set_note > end", set_note=source))
        self.actor = actor_of(people[1])
        self.rounds = 0

    def ids(self, form: CustomForm) -> list[int]:
        return list(FormEntity.objects.of_form(form.pk).order_by("id").values_list("id", flat=True))

    def some(self, form: CustomForm, most: int = 3) -> list[int]:
        ids = self.ids(form)
        return self.chance.sample(ids, min(len(ids), self.chance.randint(1, most)))

    def values(self, form: CustomForm) -> dict[str, Any]:
        chance = self.chance
        if form is self.goods:
            drawn: dict[str, Any] = {
                "name": chance.choice(["甲", "乙", None, "x" * 50]),
                "code": chance.choice([None, *"abcdef"]),
                "price": chance.choice([None, 0, 1.5, 2, 10**12]),
            }
        else:
            items = self.ids(self.goods)
            item = {"value": chance.choice(items)} if items else None
            drawn = {
                "note": chance.choice(["n", None]),
                "amount": chance.choice([None, 1, 7]),
                "item": chance.choice([item, None]),
            }
        return dict(chance.sample(sorted(drawn.items()), chance.randint(1, len(drawn))))

    def step(self) -> None:
        form = self.chance.choice([self.goods, self.goods, self.orders])
        way = self.chance.choice(WAYS)
        with suppress(DomainError):  # what is refused enters nothing either
            way(self, form)


def create(world: World, form: CustomForm) -> None:
    entity_create(schema=schema_of(form), values=world.values(form), actor=world.actor)


def update(world: World, form: CustomForm) -> None:
    for record in world.some(form):
        entity_update(schema=schema_of(form), record_id=record, values=world.values(form), actor=world.actor)


def mass_create(world: World, form: CustomForm) -> None:
    rows = [world.values(form) for _row in range(5)]
    entity_mass_create(schema=schema_of(form), rows=rows, actor=world.actor, partial=True)


def mass_update(world: World, form: CustomForm) -> None:
    changes = [Change(record, None, world.values(form)) for record in world.some(form)]
    entity_mass_update(schema=schema_of(form), changes=changes, actor=world.actor, partial=True)


def mass_upsert(world: World, form: CustomForm) -> None:
    rows = [{**world.values(world.goods), "code": code} for code in world.chance.sample("abcdefgh", 4)]
    entity_mass_upsert(schema=schema_of(world.goods), key="code", rows=rows, actor=world.actor, partial=True)


def transfer(world: World, form: CustomForm) -> None:
    uid = world.chance.choice(sorted(world.people))
    entity_transfer(schema=schema_of(form), ids=world.some(form), to_user_uid=uid, actor=world.actor)


def leave(world: World, form: CustomForm) -> None:
    hand_over(world.people[1].organization_id, [[2, 1]])


def destroy(world: World, form: CustomForm) -> None:
    entity_mass_destroy(schema=schema_of(form), ids=world.some(form, 2), actor=world.actor)


def restore(world: World, form: CustomForm) -> None:
    sql = f"SELECT id FROM form_entity_trash WHERE custom_form_id = {form.pk} ORDER BY id"
    ids = [row[0] for row in fetch(sql, [])]
    entity_restore(schema=schema_of(form), ids=world.chance.sample(ids, min(2, len(ids))), actor=world.actor)


def ticket(world: World, form: CustomForm) -> None:
    opened = ticket_open(flow=world.flow, values=world.values(world.orders), actor=world.actor)
    push = {"flow": world.flow, "data_id": data_id(opened.id, "review"), "actor": world.actor}
    ticket_push(values={"amount": world.chance.randint(1, 9)}, **push)


def load_file(world: World, form: CustomForm) -> None:
    world.rounds += 1
    rows = [world.values(form) for _row in range(6)]
    load(form, world.people[1], write_jsonl(world.folder / f"{world.rounds}.jsonl", rows))


def redesign(world: World, form: CustomForm) -> None:
    """Another formula: every record is computed anew. Then without it: what it made is taken out."""
    design = design_of(CustomForm.objects.get(pk=world.goods.pk))
    fields = design["groups"][0]["fields"]
    tax = next((field for field in fields if field["name"] == "tax"), None)
    if tax is None:
        with_tax = {"formula": f"{{price}} * 0.{world.chance.randint(1, 9)}"}
        fields.append({"name": "tax", "label": "tax", "field_type": "formula_field", "setting": with_tax})
    elif world.chance.random() < 0.3:
        fields.remove(tax)
    else:
        tax["setting"] = {"formula": f"{{price}} * 0.{world.chance.randint(1, 9)}"}
    form_design(form=CustomForm.objects.get(pk=world.goods.pk), design=design)


WAYS: tuple[Callable[[World, CustomForm], None], ...] = (
    *(create, update, update, update, mass_create, mass_update, mass_upsert, transfer, leave),
    *(destroy, restore, restore, ticket, load_file, redesign),
)


@pytest.mark.parametrize("seed", range(4))
def test_the_log_alone_gives_the_table(
    seed: int, custom_app: CustomApp, people: dict[int, Member], tmp_path: Path
) -> None:
    world = World(custom_app, people, tmp_path, seed)
    for _step in range(STEPS):
        world.step()
        for form in (world.goods, world.orders):
            assert replayed(form) == table(form)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT action, source FROM form_entity_change")
        seen = set(cursor.fetchall())
    assert {action for action, _source in seen} == {
        *("created", "updated", "transferred", "destroyed", "restored", "computed")
    }
    assert {source for _action, source in seen} >= {"ticket", "flow", "load"}
