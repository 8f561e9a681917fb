"""The settings of every type, its default first."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.caching import tags
from forms_app.exceptions import Refused
from forms_app.field_types import FieldType, registry
from forms_app.models import Member
from tests.factories import add_field, make_form
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, agrees, column_alone, create, each_type, world
from tests.forms_app.worlds import shown_of, stored_of


@each_type(TYPES)
def test_an_unknown_setting_is_refused_by_name(field_type: FieldType) -> None:
    with pytest.raises(Refused) as refused:
        field_type.checked_setting(column_alone(field_type, no_such_setting=1))
    assert [fault.field for fault in refused.value.faults] == ["no_such_setting"]


@each_type(TYPES)
def test_its_own_example_setting_is_right_and_stays_as_it_is(field_type: FieldType) -> None:
    once = field_type.checked_setting(column_alone(field_type))
    again = field_type.checked_setting(column_alone(field_type, **once))
    assert once == again


def default_of(field_type: FieldType) -> bool:
    return "default" in field_type.Setting(context={"column": column_alone(field_type)}).fields


@each_type([field_type for field_type in TYPES if default_of(field_type)])
def test_a_default_is_what_a_new_record_holds_unless_something_was_sent(
    field_type: FieldType, alice: Member, custom_app: Any
) -> None:
    sent, expected = field_type.accepts[0]
    form = world(field_type, alice, custom_app, default=sent)
    left_out, cleared = create(form, alice, {}), create(form, alice, {EXAMPLE: None})
    assert agrees(shown_of(form, left_out, alice)[EXAMPLE], expected)
    assert stored_of(form, left_out) == stored_of(form, create(form, alice, {EXAMPLE: sent}))
    assert EXAMPLE not in stored_of(form, cleared)


@each_type([field_type for field_type in TYPES if default_of(field_type)])
def test_a_default_of_another_kind_is_refused(field_type: FieldType) -> None:
    with pytest.raises(Refused) as refused:
        field_type.checked_setting(column_alone(field_type, default={"no": "default"}))
    assert {fault.field for fault in refused.value.faults} == {"default"}


@pytest.mark.parametrize(
    ("field_type", "setting"),
    [
        ("integer_field", {"default": 5, "max": 4}),
        ("integer_field", {"default": 1.5, "strict": True}),
        ("float_field", {"default": 0.125, "decimal_places": 2}),
        ("text_field", {"default": "ab", "min_length": 3}),
        ("email_field", {"default": "nobody"}),
        ("date_field", {"default": "2023-02-30"}),
        ("datetime_field", {"default": "soon"}),
        ("datetime_range_field", {"default": ["2023-08-25", "2023-08-20"]}),
        ("select_field", {"default": "官网"}),
        ("select_field", {"default": "AAAAAAAAAAAAAAAAAAAAAA=="}),
        ("multi_select", {"default": ["QpbX0pPJ6koOUsZBXwtclg=="], "min_choices": 2}),
    ],
    ids=str,
)
def test_a_default_that_the_field_itself_refuses_is_refused(
    field_type: str, setting: dict[str, Any], custom_app: Any
) -> None:
    form = make_form(custom_app)
    with pytest.raises(Refused) as refused:
        add_field(form, EXAMPLE, (field_type, setting, registry.get(field_type).example_options))
    assert {fault.field for fault in refused.value.faults} == {"default"}


@pytest.mark.parametrize(
    ("field_type", "setting", "field"),
    [
        ("float_field", {"min": 2, "max": 1}, "min"),
        ("float_field", {"max": "NaN"}, "max"),
        ("text_field", {"min_length": 3, "max_length": 2}, "min_length"),
        ("text_field", {"max_length": 1001}, "max_length"),
        ("auto_number_field", {"reset": "day", "date_pattern": "YYYYMM"}, "reset"),
        ("auto_number_field", {"prefix": "a\0"}, "prefix"),
        ("currency_field", {"currency": "元"}, "currency"),
        ("file_field", {"extensions": ["p/df"]}, "extensions"),
        ("formula_field", {}, "formula"),
        ("relation_field", {"form": 2**40}, "form"),
        ("integer_field", {"required": "perhaps"}, "required"),
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_refused(
    field_type: str, setting: dict[str, Any], field: str, custom_app: Any
) -> None:
    with pytest.raises(Refused) as refused:
        add_field(make_form(custom_app), EXAMPLE, (field_type, setting))
    assert {fault.field for fault in refused.value.faults} == {field}


def test_an_empty_separator_is_not_the_usual_one(alice: Member, custom_app: Any) -> None:
    setting = {"prefix": "A", "date_pattern": "YYYY", "separator": "", "digits": 2}
    form = make_form(custom_app, {"no": ("auto_number_field", setting)})
    assert shown_of(form, create(form, alice, {}), alice)["no"][5:] == "01"


def test_a_default_keeps_every_digit(alice: Member, custom_app: Any) -> None:
    text = "12345678901234567890.123456789012345678"
    form = make_form(custom_app, {"n": ("float_field", {"default": text}), "m": ("float_field", {"default": 0.1})})
    assert stored_of(form, create(form, alice, {})) == {"n": Decimal(text), "m": Decimal("0.1")}


def test_a_default_whose_option_was_disabled_since_stops_no_record(alice: Member, custom_app: Any) -> None:
    options = registry.get("select_field").example_options
    form = make_form(custom_app, {"s": ("select_field", {"default": options[0].value}, options)})
    assert stored_of(form, create(form, alice, {})) == {"s": options[0].value}
    form.custom_fields.get(name="s").options.update(status="disable")
    tags.bump("definitions", form_ids=[form.pk])
    assert stored_of(form, create(form, alice, {})) == {}


@pytest.mark.parametrize(
    ("number", "places", "code"), [("1" * 30 + ".25", 2, None), ("1" * 30 + ".25", 1, "too_many_decimals")]
)
def test_decimal_places_are_counted_in_numbers_longer_than_the_threads_own_context(
    number: str, places: int, code: str | None
) -> None:
    column = column_alone(registry.get("float_field"), decimal_places=places)
    if code is None:
        assert column.clean(Decimal(number)) == Decimal(number)
    else:
        with pytest.raises(Refused) as refused:
            column.clean(Decimal(number))
        assert [fault.code for fault in refused.value.faults] == [code]
