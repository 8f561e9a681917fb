"""What the class of a field type must say, and the registry that holds them all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from forms_app.caching import tags
from forms_app.exceptions import Refused
from forms_app.field_types import Column, FieldType, Option, ValueField, registry
from forms_app.models import Member
from forms_app.operators.families import Clearable
from forms_app.schema.columns import column_of, expression
from tests.factories import add_field, make_form, schema_of
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, column_alone, create, each_type, update
from tests.forms_app.worlds import shown_of, stored_of


@each_type(TYPES)
def test_the_module_and_the_type_have_one_name(field_type: FieldType) -> None:
    assert type(field_type).__module__ == f"forms_app.field_types.{field_type.name}"


@each_type(TYPES)
def test_it_has_worked_examples(field_type: FieldType) -> None:
    assert field_type.rejects
    assert bool(field_type.accepts) is field_type.writable
    assert str(field_type.label)
    column = column_alone(field_type)
    assert set(field_type.operands) == {type(family) for family in field_type.column_families(column)} - {Clearable}
    assert all(field_type.operands.values())
    assert {"empty", "not_empty"} <= set(column.lookups)


def test_generated_names_tell_the_types_apart() -> None:
    prefixes = [field_type.prefix for field_type in TYPES]
    assert len(set(prefixes)) == len(prefixes)
    assert not any(prefix.endswith("_display") or len(prefix) > 40 for prefix in prefixes)


def test_the_registry_refuses_a_second_type_of_a_name_and_an_unknown_one() -> None:
    with pytest.raises(ValueError, match="text_field"):
        registry.register(type(registry.get("text_field")))
    with pytest.raises(LookupError):
        registry.get("no_field")
    assert "no_field" not in registry


def test_a_type_may_be_registered_for_the_time_of_a_test() -> None:
    class Passing(FieldType):
        name = "passing_field"
        label = "passing"
        Field = registry.get("text_field").Field

    with registry.temporarily(Passing) as passing:
        assert registry.get("passing_field") is passing
        assert "passing_field" in dict(registry.choices())
    assert "passing_field" not in registry


@each_type([field_type for field_type in TYPES if field_type.unique_expression])
def test_a_type_that_can_be_unique_has_the_setting(field_type: FieldType) -> None:
    fields = field_type.Setting(context={"column": column_alone(field_type)}).fields
    assert ("unique" in fields) is field_type.writable


def test_what_a_type_must_say_itself_is_asked_for_by_name() -> None:
    class Silent(FieldType):
        name = "silent_field"
        Field = ValueField

    column = Column(EXAMPLE, "例", Silent(), expression(EXAMPLE))
    assert column.value_field.written_schema() == column.value_field.shown_schema() == {}
    assert column.value_field.to_internal_value(None) is None
    assert column.value_field.to_representation("x") == "x"
    for ask in (
        lambda: column.clean("x"),
        lambda: column.operand("eq", "x"),
        lambda: column.type.period(column, datetime.now()),
        lambda: column.type.numbered_text(column, datetime.now(), 1),
        lambda: column.type.stored_result(column, 1),
    ):
        with pytest.raises(NotImplementedError):
            ask()


@pytest.mark.django_db
def test_a_field_of_a_type_that_is_no_longer_installed_is_as_one_switched_off(alice: Member, custom_app: Any) -> None:
    form = make_form(custom_app, {"kept": "text_field"})

    class Passing(type(registry.get("text_field"))):  # type: ignore[misc]
        name = "passing_field"

    with registry.temporarily(Passing):
        add_field(form, "gone", "passing_field")
        record_id = create(form, alice, {"kept": "a", "gone": "b"})
    tags.bump("definitions", form_ids=[form.pk])
    assert set(schema_of(form).disabled) == {"gone"}
    assert "gone" not in shown_of(form, record_id, alice)
    assert stored_of(form, record_id) == {"kept": "a", "gone": "b"}
    with pytest.raises(Refused) as refused:
        update(form, alice, record_id, {"gone": "c"})
    assert [fault.code for fault in refused.value.faults] == ["disabled_field"]


def test_a_column_is_made_of_a_fields_row(db: None, custom_app: Any) -> None:
    form = make_form(custom_app)
    field = add_field(form, "choice", ("select_field", {}, (Option("H6Qq/ojoIFNyICUXzx3UOw==", "官网"),)))
    column = column_of(field, [Option("H6Qq/ojoIFNyICUXzx3UOw==", "官网")])
    assert (column.name, column.number, column.enabled, list(column.options)) == (
        "choice",
        1,
        True,
        ["H6Qq/ojoIFNyICUXzx3UOw=="],
    )
