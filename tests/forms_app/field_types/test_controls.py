"""What the control of each type shows and posts, held to the worked examples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.template.loader import get_template

from forms_app.exact_json import dumps
from forms_app.exceptions import Refused
from forms_app.field_types import FieldType, Text, registry
from forms_app.models import Member
from tests.factories import schema_of
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, WRITABLE, column_alone, create, each_type, world
from tests.forms_app.worlds import shown_of, stored_of


@each_type(WRITABLE)
def test_an_untouched_control_posts_what_is_stored(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    column = schema_of(form).by_field[EXAMPLE]
    for sent, _shown in field_type.accepts:
        record_id = create(form, alice, {EXAMPLE: sent})
        text = field_type.control_text(shown_of(form, record_id, alice)[EXAMPLE])
        stored = stored_of(form, record_id).get(EXAMPLE)
        assert column.clean(Text(text), stored) == stored, text
        assert (text == "") is (stored is None)


@each_type(WRITABLE)
def test_an_untyped_text_is_read_as_the_type(field_type: FieldType) -> None:
    """What a client that sends every value as text means: a text as it is, all else as JSON spells it."""
    column = column_alone(field_type)
    for sent, _shown in field_type.accepts:
        if sent is not None:
            text = sent if isinstance(sent, str) else dumps(sent).decode()
            assert column.clean(Text(text)) == column.clean(sent)


@each_type(WRITABLE)
@pytest.mark.parametrize("text", ["[", "{", "[1,", '{"value": ', "[" * 100_000, "{}", "[[]]", "[" + "1" * 5000 + "]"])
def test_an_untyped_text_that_spells_nothing_is_refused_or_kept_as_text(field_type: FieldType, text: str) -> None:
    column = column_alone(field_type)
    try:
        stored = column.clean(Text(text))
    except Refused as refused:
        assert all(fault.field == EXAMPLE for fault in refused.faults)
    else:
        assert stored == text


@each_type(TYPES)
def test_a_control_has_a_template_and_its_data_are_json(field_type: FieldType) -> None:
    get_template(f"admin/forms_app/entry/controls/{field_type.control}.html")
    column = column_alone(field_type)
    assert isinstance(json.loads(json.dumps(field_type.control_data(column))), dict)
    for option in field_type.control_data(column).get("options", ()):
        assert set(option) == {"value", "label", "enabled", "parent"}


@each_type([field_type for field_type in WRITABLE if field_type.limits])
def test_a_limit_is_told_beforehand(field_type: FieldType) -> None:
    settings = field_type.Setting(context={"column": column_alone(field_type)}).fields
    for code, setting in field_type.limits.items():
        assert code in column_alone(field_type).value_field.error_messages
        assert setting in settings
        (hint,) = field_type.hints(column_alone(field_type, **{setting: 7}))
        assert "7" in hint or setting == "strict"
    assert field_type.hints(column_alone(field_type, strict=False)) == []


def test_a_number_of_zero_is_a_limit_too() -> None:
    (hint,) = registry.get("integer_field").hints(column_alone(registry.get("integer_field"), min=0))
    assert "0" in hint


def test_a_type_that_says_nothing_is_a_line_of_text(alice: Member, custom_app: Any) -> None:
    class Passing(FieldType):
        name = "passing_field"
        label = "passing"
        Field = registry.get("text_field").Field

    with registry.temporarily(Passing) as passing:
        assert passing.control == "text"
        assert passing.control_data(column_alone(passing)) == {}
        assert passing.hints(column_alone(passing, max_length=3)) == []
        assert passing.control_text("a") == "a"
        assert passing.control_text(None) == ""


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("2023-08-20T00:01:00.000+08:00", "2023-08-20T00:01"),
        ("2023-08-20T00:00:00.000+08:00", "2023-08-20T00:00"),
        ("2023-08-20T00:01:30.000+08:00", "2023-08-20T00:01:30"),
        ("2023-08-20T00:01:00.310+08:00", "2023-08-20T00:01:00.31"),
        ("2023-08-20T10:10:10.100+08:00", "2023-08-20T10:10:10.1"),
    ],
)
def test_a_moment_is_written_as_browsers_write_it(shown: str, text: str) -> None:
    """A control that a browser writes otherwise looks changed when nobody touched it."""
    assert registry.get("datetime_field").control_text(shown) == text


def test_a_long_id_and_every_digit_of_a_place_go_through_a_browser_as_text() -> None:
    person = registry.get("user_field").control_text([{"uid": 2**63 - 1, "name": "a", "third_userid": None}])
    assert json.loads(person) == [{"uid": str(2**63 - 1), "name": "a"}]
    place = {"latitude": Text("29.95221100000000000001"), "longitude": Text("0")}
    column = column_alone(registry.get("geo_address"))
    stored = column.clean(Text(dumps(place).decode()))
    assert registry.get("geo_address").control_text(stored) == dumps(place).decode()
    with pytest.raises(Refused):
        column.clean(dict.fromkeys(("latitude", "longitude"), "1"))
