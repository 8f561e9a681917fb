"""The exact limit of every setting: the limit itself is taken, a step beyond is refused and writes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from forms_app.exceptions import Refused
from forms_app.field_types import registry
from forms_app.models import Member
from tests.forms_app.field_types.edges import EDGES, FILE, Edge
from tests.forms_app.field_types.every_type import EXAMPLE, WRITABLE, column_alone, create, update, world
from tests.forms_app.worlds import counted, row_of

SETTINGS = {(edge.field_type, edge.setting): edge for edge in EDGES}
"""One edge of each setting; the others differ by their number alone, which a column tells without a database."""


def test_every_limit_that_a_type_declares_has_its_edges() -> None:
    declared = {
        (field_type.name, setting, code)
        for field_type in WRITABLE
        for code, setting in field_type.bounds.items()
        if setting
    }
    assert declared == {(edge.field_type, edge.setting, edge.code) for edge in EDGES}


@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_the_limit_itself_is_taken_and_a_step_beyond_is_refused(edge: Edge) -> None:
    field_type = registry.get(edge.field_type)
    column = column_alone(field_type, **edge.values)
    column = column_alone(field_type, **field_type.checked_setting(column))
    assert column.clean(edge.taken) is not None
    with pytest.raises(Refused) as refused:
        column.clean(edge.beyond)
    assert [(fault.code, fault.field) for fault in refused.value.faults] == [(edge.code, EXAMPLE)]


@pytest.mark.parametrize("edge", SETTINGS.values(), ids=str)
def test_the_write_function_takes_the_limit_and_writes_nothing_beyond(
    edge: Edge, alice: Member, custom_app: Any
) -> None:
    form = world(registry.get(edge.field_type), alice, custom_app, **edge.values)
    record_id = create(form, alice, {EXAMPLE: edge.taken})
    update(form, alice, record_id, {EXAMPLE: edge.taken, "other": "again"})
    before = (row_of(form, record_id), counted(form))
    for write in (
        lambda: create(form, alice, {EXAMPLE: edge.beyond}),
        lambda: update(form, alice, record_id, {EXAMPLE: edge.beyond, "other": "x"}),
    ):
        with pytest.raises(Refused) as refused:
            write()
        assert [(fault.code, fault.field) for fault in refused.value.faults] == [(edge.code, EXAMPLE)]
    assert (row_of(form, record_id), counted(form)) == before


def lasting(**more: Any) -> list[dict[str, Any]]:
    return [{**FILE, **more}]


@pytest.mark.parametrize(
    ("field_type", "taken", "beyond", "code"),
    [
        ("text_field", "x" * settings.MAX_TEXT_LENGTH, "x" * (settings.MAX_TEXT_LENGTH + 1), "too_long"),
        ("text_area", "x" * settings.MAX_TEXT_AREA_LENGTH, "x" * (settings.MAX_TEXT_AREA_LENGTH + 1), "too_long"),
        ("tel_field", "110", "11", "invalid_tel"),
        ("tel_field", "1" * 23, "1" * 24, "invalid_tel"),
        ("float_field", 10**38 - 1, 10**38 + 1, "too_many_digits"),
        ("float_field", Decimal("-0." + "9" * 38), Decimal("-0." + "9" * 39), "too_many_digits"),
        ("float_field", Decimal("1e308"), Decimal("1e309"), "too_many_digits"),
        ("float_field", Decimal("1e-308"), Decimal("1e-309"), "too_many_digits"),
        ("address_select", {"city_id": "x" * 64}, {"city_id": "x" * 65}, "wrong_region"),
        ("address_select", {"city_id": 10**18 - 1}, {"city_id": 10**18}, "wrong_region"),
        ("address_select", {"city_id": 0}, {"city_id": -1}, "wrong_region"),
        ("file_field", lasting(name="x" * 255), lasting(name="x" * 256), "wrong_name"),
        ("file_field", lasting(file_file_name="x" * 255), lasting(file_file_name="x" * 256), "wrong_name"),
        ("file_field", lasting(file_content_type="x" * 255), lasting(file_content_type="x" * 256), "wrong_name"),
        (
            "file_field",
            lasting(file_url="https://a.cn/" + "x" * 2035),
            lasting(file_url="https://a.cn/" + "x" * 2036),
            "wrong_name",
        ),
        ("file_field", lasting(id="x" * 64), lasting(id="x" * 65), "wrong_id"),
        ("file_field", lasting(id=2**63 - 1), lasting(id=2**63), "wrong_id"),
        ("file_field", lasting(id=0), lasting(id=-1), "wrong_id"),
        ("file_field", lasting(file_file_size=2**63 - 1), lasting(file_file_size=2**63), "wrong_size"),
        ("file_field", lasting(file_file_size=0), lasting(file_file_size=-1), "wrong_size"),
        (
            "file_field",
            lasting() * settings.MAX_LIST_ITEMS,
            lasting() * (settings.MAX_LIST_ITEMS + 1),
            "too_many_files",
        ),
        (
            "datetime_range_field",
            ["2023-08-20 00:00:00", "2023-08-20 00:00:00"],
            ["2023-08-20 00:00:01", "2023-08-20 00:00:00"],
            "end_before_start",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_what_no_setting_limits_has_its_exact_limit_too(field_type: str, taken: Any, beyond: Any, code: str) -> None:
    column = column_alone(registry.get(field_type))
    assert column.clean(taken) is not None
    with pytest.raises(Refused) as refused:
        column.clean(beyond)
    assert {fault.code for fault in refused.value.faults} == {code}


@pytest.mark.parametrize(
    ("field_type", "setting", "taken", "beyond"),
    [
        ("text_field", "max_length", settings.MAX_TEXT_LENGTH, settings.MAX_TEXT_LENGTH + 1),
        ("text_area", "max_length", settings.MAX_TEXT_AREA_LENGTH, settings.MAX_TEXT_AREA_LENGTH + 1),
        ("text_field", "max_length", 1, 0),
        ("text_field", "min_length", 0, -1),
        ("float_field", "decimal_places", 30, 31),
        ("float_field", "decimal_places", 0, -1),
        ("formula_field", "decimal_places", 30, 31),
        ("formula_field", "decimal_places", 0, -1),
        ("address_select", "max_length", 1000, 1001),
        ("address_select", "max_length", 1, 0),
        ("file_field", "max_files", 1000, 1001),
        ("file_field", "max_files", 1, 0),
        ("file_field", "max_bytes", 1, 0),
        ("file_field", "extensions", ["x" * 16], ["x" * 17]),
        ("multi_select", "min_choices", 1, 0),
        ("multi_select", "max_choices", 1, 0),
        ("auto_number_field", "digits", 18, 19),
        ("auto_number_field", "digits", 1, 0),
        ("auto_number_field", "start", 10**15, 10**15 + 1),
        ("auto_number_field", "start", 0, -1),
    ],
)
def test_a_setting_itself_is_taken_to_its_limit(field_type: str, setting: str, taken: Any, beyond: Any) -> None:
    kind = registry.get(field_type)
    assert kind.checked_setting(column_alone(kind, **{setting: taken}))[setting] == taken
    with pytest.raises(Refused) as refused:
        kind.checked_setting(column_alone(kind, **{setting: beyond}))
    assert [fault.field for fault in refused.value.faults] == [setting]
