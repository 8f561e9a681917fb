"""One of each write, on a form with a text and an amount: what a query remembered no longer holds after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms_app.models import CustomForm, Member
from forms_app.records.writes import entity_mass_destroy, entity_transfer, entity_update
from tests.factories import actor_of, make_entity, schema_of

WRITES: dict[str, Callable[[CustomForm, Member, int], Any]] = {
    "create": lambda form, member, _id: make_entity(form, member, text="pump", amount=9),
    "update": lambda form, member, hit: entity_update(
        schema=schema_of(form), record_id=hit, values={"amount": 0}, actor=actor_of(member)
    ),
    "transfer": lambda form, member, hit: entity_transfer(
        schema=schema_of(form), ids=[hit], to_user_uid=2, actor=actor_of(member)
    ),
    "destroy": lambda form, member, hit: entity_mass_destroy(schema=schema_of(form), ids=[hit], actor=actor_of(member)),
}
