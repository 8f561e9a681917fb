"""Goods and orders that read them, and one who writes them in every way that there is, at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

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
from tests.accounts import linked
from tests.apaas.conftest import Api, address
from tests.factories import actor_of, add_field, make_form, make_token, schema_of
from tests.flows import data_id, definition, make_flow
from tests.forms_app.admin.records.entry_form import add_url, edit_url, posted_by
from tests.forms_app.loading.files import load, write_jsonl


class World:
    """The forms, and who writes them."""

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
        self.api, self.client = Api(make_token(people[1])[1]), linked(Client(), people[1])
        self.rounds = 0
        self.left: list[Callable[[World, CustomForm], None]] = []
        self.redesigned = 0
        """How often the formula of goods became another field."""

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

    def trash(self, form: CustomForm) -> list[int]:
        sql = f"SELECT id FROM form_entity_trash WHERE custom_form_id = {form.pk} ORDER BY id"
        ids = [row[0] for row in fetch(sql, [])]
        return self.chance.sample(ids, min(2, len(ids)))

    def step(self) -> str:
        """Write in some way, and say in which."""
        form = self.chance.choice([self.goods, self.goods, self.orders])
        if not self.left:  # each comes in its turn, and so in every sequence
            self.left = self.chance.sample(WAYS, len(WAYS))
        way = self.left.pop()
        with suppress(DomainError):  # what is refused enters nothing either
            way(self, form)
        return way.__name__

    def post(self, url: str, sent: dict[str, Any]) -> None:
        """A page that is saved, or says why not."""
        assert self.client.post(url, sent).status_code in (200, 302, 400, 409, 422), url

    def call(self, method: str, form: CustomForm, path: str, body: dict[str, Any]) -> None:
        """A call that is answered, or refused."""
        assert self.api.call(method, address(form, path), body).status_code in (200, 400, 404, 409), path


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
    entity_restore(schema=schema_of(form), ids=world.trash(form), actor=world.actor)


def there_and_back(world: World, form: CustomForm) -> None:
    """What nothing forbids to bring back."""
    given: dict[str, Any] = {"schema": schema_of(world.goods), "actor": world.actor}
    record = entity_create(values={"name": "甲", "price": 3}, **given).id
    entity_mass_destroy(ids=[record], **given)
    entity_restore(ids=[record], **given)


def ticket(world: World, form: CustomForm) -> None:
    opened = ticket_open(flow=world.flow, values=world.values(world.orders), actor=world.actor)
    push = {"flow": world.flow, "data_id": data_id(opened.id, "review"), "actor": world.actor}
    ticket_push(values={"amount": world.chance.randint(1, 9)}, **push)


def load_file(world: World, form: CustomForm) -> None:
    world.rounds += 1
    rows = [world.values(form) for _row in range(6)]
    load(form, world.people[1], write_jsonl(world.folder / f"{world.rounds}.jsonl", rows))


def load_by_key(world: World, form: CustomForm) -> None:
    world.rounds += 1
    rows = [{**world.values(world.goods), "code": world.chance.choice("abcdefgh")} for _row in range(6)]
    path = write_jsonl(world.folder / f"{world.rounds}.jsonl", rows)
    load(world.goods, world.people[1], path, key="code")


def by_api(world: World, form: CustomForm) -> None:
    """Some of the calls that write."""
    chance, values = world.chance, world.values(form)
    records = [{"id": record, "form_entity": world.values(form)} for record in world.some(form)]
    some = [row["id"] for row in records] or [1]
    coded = [{**world.values(world.goods), "code": code} for code in chance.sample("abcdefgh", 3)]
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "", {"form_entity": values}),
        ("PUT", str(some[0]), {"form_entity": values}),
        ("POST", "mass_create", {"form_entities": [values, world.values(form)]}),
        ("PUT", "mass_update", {"form_entities": records, "partial": True}),
        ("PUT", "transfer", {"ids": some, "to_user_uid": chance.choice(sorted(world.people))}),
        ("DELETE", "mass_destroy", {"ids": some[:1]}),
        ("PUT", "restore", {"ids": world.trash(form)}),
    ]
    for method, path, body in chance.sample(calls, 3):
        world.call(method, form, path, body)
    world.call("PUT", world.goods, "mass_upsert", {"key": "code", "form_entities": coded, "partial": True})


def by_page(world: World, form: CustomForm) -> None:
    """A record filled in on a page or changed there; some handed over or destroyed by the list, or brought back."""
    chance, names = world.chance, [name for name in world.values(form) if name != "item"]
    url = chance.choice([add_url(form), *(edit_url(form, record) for record in world.some(form))])
    given = {name: chance.choice(["", "3", "5"]) for name in names}
    world.post(url, {**posted_by(world.client, url), **given})
    page, ids, sent = chance.choice(
        [
            ("record_selected", world.some(form), {"do": "transfer", "to_uid": chance.choice(sorted(world.people))}),
            ("record_selected", world.some(form, 1), {"do": "destroy"}),
            ("record_trash", world.trash(form), {}),
        ]
    )
    if ids:
        url = reverse(f"admin:forms_app_customform_{page}", args=[form.pk])
        world.post(url, {"ids": ids, "confirmed": "1", "back": "", **sent})


def redesign(world: World, form: CustomForm) -> None:
    """Another formula: every record is computed anew. Then without it: what it made is taken out."""
    design = design_of(CustomForm.objects.get(pk=world.goods.pk))
    fields = design["groups"][0]["fields"]
    tax = next((field for field in fields if field["name"] == "tax"), None)
    if tax is None:
        world.redesigned += 1
        with_tax = {"formula": f"{{price}} * 0.{world.chance.randint(1, 9)}"}
        fields.append({"name": "tax", "label": "tax", "field_type": "formula_field", "setting": with_tax})
    elif world.chance.random() < 0.3:
        world.redesigned += 1
        fields.remove(tax)
    else:
        tax["setting"] = {"formula": f"{{price}} * 0.{world.chance.randint(1, 9)}"}
    form_design(form=CustomForm.objects.get(pk=world.goods.pk), design=design)


WAYS: tuple[Callable[[World, CustomForm], None], ...] = (
    *(create, update, update, update, mass_create, mass_update, mass_upsert, transfer, leave),
    *(
        destroy,
        restore,
        there_and_back,
        ticket,
        load_file,
        load_by_key,
        redesign,
        by_api,
        by_api,
        by_api,
        by_page,
        by_page,
    ),
)
"""Ways of writing, as often as each is drawn."""
