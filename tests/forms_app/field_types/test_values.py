"""The worked examples of every type, written to the database and read back."""

from __future__ import annotations

from typing import Any

from forms_app.field_types import FieldType, Text
from forms_app.models import Member
from tests.forms_app.field_types.every_type import (
    EXAMPLE,
    TYPES,
    WRITABLE,
    agrees,
    column_alone,
    create,
    each_type,
    update,
    world,
)
from tests.forms_app.worlds import row_of, shown_of, statements, stored_of


@each_type(WRITABLE)
def test_accepted_examples_are_read_back(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    for sent, expected in field_type.accepts:
        made = create(form, alice, {EXAMPLE: sent})
        changed = create(form, alice, {"other": "x"})
        update(form, alice, changed, {EXAMPLE: sent})
        for record_id in (made, changed):
            assert agrees(shown_of(form, record_id, alice)[EXAMPLE], expected), sent
            assert (EXAMPLE in stored_of(form, record_id)) is (expected is not None)  # empty is absent


@each_type(WRITABLE)
def test_a_value_stays_when_another_field_changes(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    for sent, expected in field_type.accepts:
        record_id = create(form, alice, {EXAMPLE: sent})
        before = row_of(form, record_id).data
        update(form, alice, record_id, {"other": "changed"})
        after = stored_of(form, record_id)
        assert after.pop("other") == "changed"
        assert after.get(EXAMPLE) == stored_of(form, record_id).get(EXAMPLE)
        assert agrees(shown_of(form, record_id, alice)[EXAMPLE], expected), before


@each_type(WRITABLE)
def test_what_was_read_can_be_written_again(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    for sent, _expected in field_type.accepts:
        record_id = create(form, alice, {EXAMPLE: sent})
        before = stored_of(form, record_id)
        update(form, alice, record_id, {EXAMPLE: shown_of(form, record_id, alice)[EXAMPLE]})
        assert stored_of(form, record_id) == before


@each_type(WRITABLE)
def test_null_clears(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    record_id = create(form, alice, {EXAMPLE: field_type.accepts[0][0]})
    assert EXAMPLE in stored_of(form, record_id)
    update(form, alice, record_id, {EXAMPLE: None})
    assert EXAMPLE not in stored_of(form, record_id)
    shown = shown_of(form, record_id, alice)
    assert all(shown[key] is None for key in shown if key.startswith(EXAMPLE))


@each_type(WRITABLE)
def test_an_untyped_empty_text_clears(field_type: FieldType) -> None:
    assert column_alone(field_type).clean(Text("")) is None


@each_type(TYPES)
def test_a_page_costs_as_many_statements_as_a_record(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    values = {EXAMPLE: field_type.accepts[0][0]} if field_type.writable else {}
    record_id = create(form, alice, values)
    shown_of(form, record_id, alice)
    with statements() as one:
        shown_of(form, record_id, alice)
    assert len(one) <= 4
    assert len(one) - (2 if field_type.related_form_id(column_alone(field_type).setting) else 1) <= 1
