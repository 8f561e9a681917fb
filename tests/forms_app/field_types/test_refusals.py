"""What every type refuses, and that nothing is written then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.design.fields import field_change
from forms_app.exact_json import dumps
from forms_app.exceptions import Conflict, Refused
from forms_app.field_types import FieldType, registry
from forms_app.models import Member
from tests.forms_app.field_types.every_type import (
    EXAMPLE,
    TYPES,
    WRITABLE,
    column_alone,
    create,
    each_type,
    update,
    world,
)
from tests.forms_app.worlds import counted, query_of, row_of, shown_of


@each_type(TYPES)
def test_rejected_examples_write_nothing(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    held = {EXAMPLE: field_type.accepts[0][0]} if field_type.accepts else {}
    record_id = create(form, alice, held)
    before = (row_of(form, record_id), counted(form), query_of(form).ids())
    for sent, code in field_type.rejects:
        with pytest.raises(Refused) as on_create:
            create(form, alice, {EXAMPLE: sent, "other": "x"})
        with pytest.raises(Refused) as on_update:
            update(form, alice, record_id, {EXAMPLE: sent, "other": "x"})
        for refusal in (on_create.value, on_update.value):
            assert {fault.code for fault in refusal.faults} == {code}, sent
            for fault in refusal.faults:
                assert (fault.field, fault.label) == (EXAMPLE, f"label of {EXAMPLE}")
                assert fault.message
                dumps([fault.got, fault.allowed, fault.message])
    assert (row_of(form, record_id), counted(form), query_of(form).ids()) == before


@each_type(WRITABLE)
def test_a_required_field_can_be_neither_left_out_nor_cleared(
    field_type: FieldType, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app, required=True)
    value = field_type.accepts[0][0]
    record_id = create(form, alice, {EXAMPLE: value})
    before = row_of(form, record_id)
    empties: list[Any] = [None, *(sent for sent, shown in field_type.accepts if shown is None)]
    for write in ({}, *({EXAMPLE: empty} for empty in empties)):
        with pytest.raises(Refused) as refused:
            create(form, alice, write)
        assert [(fault.code, fault.field) for fault in refused.value.faults] == [("required", EXAMPLE)]
    for empty in empties:
        with pytest.raises(Refused) as refused:
            update(form, alice, record_id, {EXAMPLE: empty})
        assert [(fault.code, fault.field) for fault in refused.value.faults] == [("required", EXAMPLE)]
    assert row_of(form, record_id) == before
    update(form, alice, record_id, {"other": "x"})  # what is not sent is not asked for


@each_type([field_type for field_type in TYPES if field_type.has_options])
def test_a_disabled_option_stays_shown_and_cannot_be_chosen_anew(
    field_type: FieldType, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app)
    sent, _shown = field_type.accepts[0]
    record_id = create(form, alice, {EXAMPLE: sent})
    other = create(form, alice, {"other": "x"})
    before = shown_of(form, record_id, alice)
    field = form.custom_fields.get(name=EXAMPLE)
    field_change(
        field=field,
        options=[
            {"value": o.value, "label": o.label, "parent": o.parent, "status": "disable"}
            for o in field_type.example_options
        ],
    )
    assert shown_of(form, record_id, alice)[f"{EXAMPLE}_display"] == before[f"{EXAMPLE}_display"]
    for target in (lambda: create(form, alice, {EXAMPLE: sent}), lambda: update(form, alice, other, {EXAMPLE: sent})):
        with pytest.raises(Refused) as refused:
            target()
        assert {fault.code for fault in refused.value.faults} == {"disabled_option"}
    update(form, alice, record_id, {EXAMPLE: sent, "other": "kept"})
    assert shown_of(form, record_id, alice)[EXAMPLE] == before[EXAMPLE]


@each_type([field_type for field_type in TYPES if field_type.unique_expression and field_type.writable])
def test_a_unique_value_is_taken_once(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app, unique=True)
    value = field_type.accepts[0][0]
    record_id = create(form, alice, {EXAMPLE: value})
    with pytest.raises(Conflict) as conflict:
        create(form, alice, {EXAMPLE: value})
    assert [(fault.code, fault.field) for fault in conflict.value.faults] == [("not_unique", EXAMPLE)]
    update(form, alice, record_id, {EXAMPLE: value})  # a record is no obstacle to itself
    create(form, alice, {})
    create(form, alice, {EXAMPLE: None})
    assert counted(form)[0] == 3


def test_an_echo_of_what_was_sent_is_short() -> None:
    column = column_alone(registry.get("text_field"))
    deep: Any = ["x" * 1000] * 10
    for _level in range(5):
        deep = [deep] * 10
    for raw in (deep, {"k" * 9999: deep}, 10**5000, ["y" * 10**6], Decimal("1e300")):
        with pytest.raises(Refused) as refused:
            column.clean(raw)
        assert len(dumps(refused.value.faults[0].got)) < 2500
