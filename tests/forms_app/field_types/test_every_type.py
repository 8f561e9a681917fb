"""What every field type promises, held to its own worked examples."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from forms_app import versions
from forms_app.exceptions import Conflict, Refused
from forms_app.field_types import Column, FieldType, Option, Text, ValueField, registry
from forms_app.jsontext import dumps
from forms_app.lookups import same
from forms_app.models import CustomForm, FieldIndex, Member
from forms_app.query import Filter, Search, Terms
from forms_app.query.compile import conditions
from forms_app.schema import column_of, expression
from forms_app.services import indexes
from forms_app.services.entities import entity_create, entity_update
from forms_app.services.fields import field_change, setting_save
from tests.factories import actor_of, add_example_field, add_field, make_form, schema_of
from tests.forms_app.worlds import counted, query_of, row_of, shown_of, statements, stored_of

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


# --- What a class must say ---------------------------------------------------------------------------------


@each_type(TYPES)
def test_the_module_and_the_type_have_one_name(field_type: FieldType) -> None:
    assert type(field_type).__module__ == f"forms_app.field_types.{field_type.name}"


@each_type(TYPES)
def test_it_has_worked_examples(field_type: FieldType) -> None:
    assert field_type.rejects
    assert bool(field_type.accepts) is field_type.writable
    assert str(field_type.label)
    column = column_alone(field_type)
    lookups = set(column.lookups) - {"empty", "not_empty"}
    assert set(field_type.operands) == lookups
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


# --- Examples, through the database ------------------------------------------------------------------------


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


@each_type(TYPES)
def test_each_operand_finds_what_its_twin_finds(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    for sent, _shown in field_type.accepts or (((), ()), ((), ())):
        create(form, alice, {EXAMPLE: sent} if field_type.writable else {})
    create(form, alice, {})
    column = schema_of(form).columns[EXAMPLE]
    directory = query_of(form).directory
    stored = {record_id: stored_of(form, record_id).get(EXAMPLE) for record_id in query_of(form).ids()}
    for op, operands in {**field_type.operands, "empty": (True, False), "not_empty": (None, "x")}.items():
        for raw in operands:
            if raw == "x":
                with pytest.raises(Refused):
                    column.operand(op, raw)
                continue
            term = Filter(column, op, column.operand(op, raw))
            lookup = column.lookups[op]
            operand = term.operand if "empty" in op else column.type.resolved(term.operand, directory)
            found = set(query_of(form, Terms((term,))).ids())
            assert found == {i for i, value in stored.items() if lookup.matches(value, operand)}, (op, raw)


@each_type([field_type for field_type in TYPES if field_type.sortable])
def test_it_sorts_as_its_twin(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    for sent, _shown in field_type.accepts or (((), ()), ((), ())):
        create(form, alice, {EXAMPLE: sent} if field_type.writable else {})
    column = schema_of(form).columns[EXAMPLE]
    from_sql = column.type.sort_expression(column)
    assert from_sql is not None
    with connection.cursor() as cursor:
        text, values = from_sql
        cursor.execute(
            f"SELECT id FROM form_entity WHERE custom_form_id = {form.pk} ORDER BY {text} NULLS LAST, id", values
        )
        found = [row[0] for row in cursor.fetchall()]
    stored = {record_id: stored_of(form, record_id).get(EXAMPLE) for record_id in found}
    full = sorted((column.type.sort_value(column, value), i) for i, value in stored.items() if value is not None)
    assert found == [i for _value, i in full] + sorted(i for i, value in stored.items() if value is None)


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


# --- JSON Schema -------------------------------------------------------------------------------------------


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


# --- Settings ----------------------------------------------------------------------------------------------


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
    versions.bump("definitions", form_ids=[form.pk])
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


# --- Anything a client may send ----------------------------------------------------------------------------

TOKENS = st.sampled_from(["H6Qq/ojoIFNyICUXzx3UOw==", "60943MKVMq0Erpe9dUdV7w==", "WkFg1hVKiht2xdOjfhlpqQ=="])
KEYS = st.sampled_from(
    ("value", "label", "uid", "did", "user_ids", "department_ids", "level_0", "level_1", "level_99", "country_id")
) | st.sampled_from(("city_id", "detail_address", "latitude", "longitude", "name", "file_url", "id", "file_file_size"))
STRANGE = st.sampled_from(
    ("\0", "\ud800", "９", "1e400", "-0", "1" * 400, "true", "9999-12-31", "0001-01-01 00:00", "2023-01-01T00:00+99:99")
) | st.sampled_from(("http://[::1", "tel:110;ext=1", "a@b", "https://" + "a" * 70, "{x}", "%s", "null", "2023-02-30"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.decimals()
    | st.text(alphabet=st.characters(), max_size=12)
    | STRANGE
    | TOKENS
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4)
)
UNTYPED = st.one_of(STRANGE, TOKENS, st.text(alphabet=st.characters(), max_size=12), st.integers().map(str)).map(Text)


def sayable(refused: Refused) -> None:
    assert refused.faults
    for fault in refused.faults:
        assert fault.code
        assert fault.field == EXAMPLE
        dumps([fault.got, fault.allowed, fault.message])


@each_type(TYPES)
@given(raw=ANYTHING | UNTYPED, current=st.none() | ANYTHING)
@settings(max_examples=40, deadline=None)
def test_a_value_is_stored_or_refused_in_words(field_type: FieldType, raw: Any, current: Any) -> None:
    column = column_alone(field_type)
    try:
        stored = column.clean(raw, current)
    except Refused as refused:
        sayable(refused)
    else:
        dumps(stored)
        column.type.title(column, stored)
        column.type.formula_value(column, stored)
        for _key, show in column.type.keys(column):
            if stored is not None and show is not None and not field_type.refers:
                dumps(show(stored, None))
        assert column.clean(None if stored is None else raw, current) == stored


@each_type(TYPES)
@given(
    raw=ANYTHING | UNTYPED, op=st.sampled_from(["within", "eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "like"])
)
@settings(max_examples=40, deadline=None)
def test_an_operand_is_read_or_refused_in_words(field_type: FieldType, raw: Any, op: str) -> None:
    column = column_alone(field_type)
    for operator in {op, "empty", "not_empty"} & set(column.lookups):
        try:
            column.operand(operator, raw)
        except Refused as refused:
            sayable(refused)


@pytest.mark.django_db
@each_type(TYPES)
@given(
    raw=ANYTHING | UNTYPED, op=st.sampled_from(["within", "eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "like"])
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_takes_every_operand_that_the_type_takes(field_type: FieldType, raw: Any, op: str) -> None:
    column = column_alone(field_type)
    if op not in column.lookups:
        return
    try:
        operand = column.operand(op, raw)
    except Refused:
        return

    class Nobody:
        def members_below(self, dids: Any) -> Any:
            return list(dids)

        departments_below = members_below

    text, values = column.lookups[op].sql(column.expression, column.type.resolved(operand, Nobody()))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM form_entity WHERE custom_form_id = 1 AND {text}", values)


def test_an_echo_of_what_was_sent_is_short() -> None:
    column = column_alone(registry.get("text_field"))
    deep: Any = ["x" * 1000] * 10
    for _level in range(5):
        deep = [deep] * 10
    for raw in (deep, {"k" * 9999: deep}, 10**5000, ["y" * 10**6], Decimal("1e300")):
        with pytest.raises(Refused) as refused:
            column.clean(raw)
        assert len(dumps(refused.value.faults[0].got)) < 2500


# --- Indexes -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@each_type([field_type for field_type in TYPES if column_alone(field_type).type.column_index(column_alone(field_type))])
def test_its_own_index_serves_each_of_its_lookups(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    samples = [sent for sent, shown in field_type.accepts if shown is not None]
    made = [create(form, alice, {EXAMPLE: sent} if field_type.writable else {}) for sent in samples or [(), ()]]
    # Many records without a value beside few with: the parent's own index would have to read them all.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO form_entity (custom_form_id, app_id, organization_id, owner_uid, data) SELECT %s, 1, 1, 1,"
            ' \'{"other": "x"}\' FROM generate_series(1, 2000)',
            [form.pk],
        )
    field = form.custom_fields.get(name=EXAMPLE)
    column = schema_of(form).columns[EXAMPLE]
    index = column.type.column_index(column)
    assert index is not None
    FieldIndex.objects.get_or_create(custom_form_id=form.pk, field_id=field.pk, kind=index.kind)
    assert indexes.build(form_id=form.pk, field_id=field.pk, kind=index.kind) == FieldIndex.State.VALID
    name = indexes.name_of(field.pk, index.kind)
    directory = query_of(form).directory
    terms = [
        Terms((Filter(column, op, column.operand(op, raw)),))
        for op, operands in field_type.operands.items()
        for raw in operands
        if column.lookups[op].indexed
    ]
    if field_type.searchable:
        terms += [Terms(search=Search(column, term)) for term in ("官", "官网", "电话黄页")]
    assert terms
    for term in terms:
        query = query_of(form, term)
        where, values = conditions(term, directory)
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            cursor.execute(f"EXPLAIN SELECT id FROM form_entity WHERE custom_form_id = {form.pk} AND {where}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            cursor.execute("RESET enable_seqscan")
        assert name in plan, (term, plan)
        assert set(query.ids()) <= set(made)


@pytest.mark.django_db
def test_a_field_of_a_type_that_is_no_longer_installed_is_as_one_switched_off(alice: Member, custom_app: Any) -> None:
    form = make_form(custom_app, {"kept": "text_field"})

    class Passing(type(registry.get("text_field"))):  # type: ignore[misc]
        name = "passing_field"

    with registry.temporarily(Passing):
        add_field(form, "gone", "passing_field")
        record_id = create(form, alice, {"kept": "a", "gone": "b"})
    versions.bump("definitions", form_ids=[form.pk])
    assert schema_of(form).disabled == {"gone"}
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
