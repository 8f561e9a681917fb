"""The JSON Schemas of every type agree with its worked examples."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from forms_app.field_types import Column, FieldType
from forms_app.models import Member
from forms_app.schema.columns import expression
from tests.factories import schema_of
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, WRITABLE, column_alone, create, each_type, world
from tests.forms_app.worlds import shown_of


def is_valid(value: Any, schema: Any) -> bool:
    return Draft202012Validator(schema).is_valid(value)


@each_type(WRITABLE)
def test_what_is_accepted_follows_the_schema_of_writing(field_type: FieldType) -> None:
    schema = column_alone(field_type).value_field.written_schema()
    Draft202012Validator.check_schema(schema)
    for sent, _shown in field_type.accepts:
        if sent is not None:
            assert is_valid(sent, schema), sent
    for sent, code in field_type.rejects:
        if code == "wrong_type" and sent not in ("", [], {}):
            assert not is_valid(sent, schema), sent


@each_type(TYPES)
def test_what_is_read_follows_the_schema_of_reading(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    schema = schema_of(form).by_field[EXAMPLE].value_field.shown_schema()
    Draft202012Validator.check_schema(schema)
    for sent, expected in field_type.accepts or (((), ()),):
        record_id = create(form, alice, {EXAMPLE: sent} if field_type.writable else {})
        if expected is not None:
            assert is_valid(shown_of(form, record_id, alice)[EXAMPLE], schema), sent


@each_type([field_type for field_type in TYPES if field_type.has_options])
def test_a_choice_without_options_has_a_schema_too(field_type: FieldType) -> None:
    column = Column(EXAMPLE, "例", field_type, expression(EXAMPLE))
    for schema in (column.value_field.written_schema(), column.value_field.shown_schema()):
        Draft202012Validator.check_schema(schema)
