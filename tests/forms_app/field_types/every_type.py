"""What the tests of every type share: a form with a field of the type, and its examples written to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from forms_app.design.fields import setting_save
from forms_app.field_types import Column, FieldType, registry
from forms_app.models import CustomForm, Member
from forms_app.operators import operators
from forms_app.operators.lookups import same
from forms_app.records.writes import entity_create, entity_update
from forms_app.schema.columns import expression
from tests.factories import actor_of, add_example_field, make_form, schema_of

TYPES = list(registry)
WRITABLE = [field_type for field_type in TYPES if field_type.writable]
EXAMPLE = "example"


def named(parameter: Any) -> str:
    return parameter.name if isinstance(parameter, FieldType) else repr(parameter)[:40]


def each_type(types: list[FieldType]) -> Any:
    return pytest.mark.parametrize("field_type", types, ids=named)


def column_alone(field_type: FieldType, **setting: Any) -> Column:
    """A column of the type, without a database."""
    return Column(
        name=EXAMPLE,
        label="例",
        type=field_type,
        expression=expression(EXAMPLE),
        setting={**field_type.example_setting(1), **setting},
        options={option.value: option for option in field_type.example_options},
        field_id=1,
    )


def operands_of(column: Column, op: str) -> list[Any]:
    """The worked operands of an operator on a column: its own, and those of the column's type."""
    operator = operators.get(op)
    return [*operator.operands, *column.type.operands.get(operator.family, ())]


def world(field_type: FieldType, alice: Member, custom_app: Any, **setting: Any) -> CustomForm:
    """A form with a field of the type, and records 1 and 2 of another form that it may relate to."""
    related = make_form(custom_app, {"title": "text_field"}, name="related")
    for number in (1, 2):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO form_entity (custom_form_id, id, app_id, organization_id, owner_uid, data)"
                " VALUES (%s, %s, %s, %s, %s, %s::jsonb)",
                [related.pk, number, custom_app.pk, alice.organization_id, 1, f'{{"title": "record {number}"}}'],
            )
    form = make_form(custom_app, {"other": "text_field"})
    field = add_example_field(form, field_type, related.pk, EXAMPLE)
    if setting:
        setting_save(field=field, setting={**field.setting, **setting})
    return form


def create(form: CustomForm, member: Member, values: dict[str, Any]) -> int:
    return entity_create(schema=schema_of(form), values=values, actor=actor_of(member)).id


def update(form: CustomForm, member: Member, record_id: int, values: dict[str, Any]) -> None:
    entity_update(schema=schema_of(form), record_id=record_id, values=values, actor=actor_of(member))


def agrees(shown: Any, expected: Any) -> bool:
    """Equal as JSON; of an object that shows more than the example says, what the example says."""
    if isinstance(expected, dict) and isinstance(shown, dict):
        return all(key in shown and agrees(shown[key], value) for key, value in expected.items())
    return (shown is None and expected is None) or (shown is not None and same(shown, expected))
