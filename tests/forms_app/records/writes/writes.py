"""What the tests of written records share: a change in few words, and what a refusal says."""

from __future__ import annotations

from typing import Any

from forms_app.exceptions import DomainError
from forms_app.models import CustomForm, Member
from forms_app.records.query import EntityRow
from forms_app.records.writes import entity_update
from tests.factories import actor_of, schema_of


def update(form: CustomForm, member: Member, record_id: int, **values: Any) -> EntityRow:
    return entity_update(schema=schema_of(form), record_id=record_id, values=values, actor=actor_of(member))


def codes(error: DomainError) -> list[tuple[str, str, Any]]:
    return [(fault.code, fault.field, fault.index) for fault in error.faults]
