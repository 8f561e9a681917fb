"""A unique value is taken once, whoever writes it at the same time, before its index is built and after."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection

from forms_app.design.fields import field_change
from forms_app.exceptions import Conflict, Fault
from forms_app.indexes import building
from forms_app.models import CustomForm, FieldIndex, Member
from forms_app.records import trash
from forms_app.records.bulk_checks import repeated_values
from forms_app.records.uniqueness import conflict
from forms_app.records.writes import entity_mass_destroy, entity_update
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.worlds import at_once, counted, query_of, statements, stored_of

WRITERS = 64


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(
        custom_app,
        {
            "text": ("text_field", {"unique": True}),
            "number": ("float_field", {"unique": True}),
            "area": ("text_area", {"unique": True}),
            "day": ("date_field", {"unique": True}),
            "free": "text_field",
        },
    )


def build(form: CustomForm, *names: str) -> list[FieldIndex.State]:
    fields = form.custom_fields.filter(name__in=names) if names else form.custom_fields.filter(setting__unique=True)
    return [building.build(form_id=form.pk, field_id=field.pk, kind=building.UNIQUE) for field in fields]


def switch(form: CustomForm, name: str, unique: bool) -> None:
    field = form.custom_fields.get(name=name)
    field_change(field=field, setting={**field.setting, "unique": unique})


def taken_by(conflict: Any) -> list[str]:
    return [fault.field for fault in conflict.value.faults]


@pytest.fixture(params=["pending", "built"])
def ready(request: Any, transactional_db: None, form: CustomForm) -> CustomForm:
    """The form with its unique indexes still to be built, and with them built."""
    if request.param == "built":
        assert set(build(form)) == {FieldIndex.State.VALID}
        assert len(schema_of(form).ready_unique) == 4
    else:
        assert schema_of(form).ready_unique == frozenset()
    return form


def test_one_of_many_who_write_a_value_wins(ready: CustomForm, alice: Member) -> None:
    outcomes = at_once([lambda: make_entity(ready, alice, text="the one")] * WRITERS)
    winners = [outcome for outcome in outcomes if isinstance(outcome, int)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert (len(winners), len(losers)) == (1, WRITERS - 1)
    assert query_of(ready).ids() == winners
    assert counted(ready) == (1, 1)


def test_a_value_taken_while_records_are_restored_is_told_with_its_row(
    transactional_db: None, form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(form)
    gone = [make_entity(form, alice, text=text) for text in ("mine", "other's")]
    schema, actor = schema_of(form), actor_of(alice)
    entity_mass_destroy(schema=schema, ids=gone, actor=actor)
    taken: list[int] = []

    def looked(*given: Any) -> list[list[Fault]]:
        found = repeated_values(*given)
        if not taken:  # somebody is between this look and the write
            taken.append(at_once([lambda: make_entity(form, alice, text="other's")])[0])
        return found

    monkeypatch.setattr(trash, "repeated_values", looked)
    with pytest.raises(Conflict) as conflict:
        trash.entity_restore(schema=schema, ids=gone, actor=actor)
    assert [(fault.row, fault.field, fault.got) for fault in conflict.value.faults] == [(1, "text", "other's")]
    assert query_of(form).ids() == taken


def test_one_of_many_who_change_to_a_value_wins(ready: CustomForm, alice: Member) -> None:
    ids = [make_entity(ready, alice, text=f"t{place}") for place in range(16)]
    schema, actor = schema_of(ready), actor_of(alice)

    def write(record_id: int) -> int:
        entity_update(schema=schema, record_id=record_id, values={"text": "the one"}, actor=actor)
        return record_id

    outcomes = at_once([lambda record_id=record_id: write(record_id) for record_id in ids])
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 15
    assert [i for i in ids if stored_of(ready, i)["text"] == "the one"] == [o for o in outcomes if isinstance(o, int)]
    assert counted(ready) == (16, 17)


def test_every_value_that_is_taken_is_told(ready: CustomForm, alice: Member) -> None:
    record_id = make_entity(ready, alice, text="a", number=1, day="2023-08-20")
    with pytest.raises(Conflict) as conflict:
        make_entity(ready, alice, text="a", number=Decimal("1.0"), day="2023-08-21", free="a")
    assert taken_by(conflict) == ["text", "number"]
    assert [fault.code for fault in conflict.value.faults] == ["not_unique"] * 2
    other = make_entity(ready, alice, text="b", number=2)
    with pytest.raises(Conflict) as conflict:
        entity_update(
            schema=schema_of(ready), record_id=other, values={"day": "2023-08-20 11:00"}, actor=actor_of(alice)
        )
    assert taken_by(conflict) == ["day"]
    entity_update(
        schema=schema_of(ready), record_id=record_id, values={"text": "a", "free": "x"}, actor=actor_of(alice)
    )
    assert counted(ready) == (2, 3)


@pytest.mark.parametrize(
    ("first", "second"), [(1, Decimal("1.0")), (Decimal("0.10"), Decimal("0.1")), (10**30, 10**30)]
)
def test_numbers_that_are_equal_are_the_same(ready: CustomForm, alice: Member, first: Any, second: Any) -> None:
    make_entity(ready, alice, number=first)
    with pytest.raises(Conflict) as conflict:
        make_entity(ready, alice, number=second)
    assert taken_by(conflict) == ["number"]


def test_texts_differ_by_a_letter_s_case_and_a_blank(ready: CustomForm, alice: Member) -> None:
    for text in ("a", "A", "a ", "á"):
        make_entity(ready, alice, text=text)
    assert query_of(ready).count() == 4


def test_long_texts_can_be_unique(ready: CustomForm, alice: Member) -> None:
    long = "字" * 30_000  # no btree takes more than 2704 bytes
    make_entity(ready, alice, area=long)
    make_entity(ready, alice, area=long + "。")
    with pytest.raises(Conflict) as conflict:
        make_entity(ready, alice, area=long)
    assert taken_by(conflict) == ["area"]
    assert len(conflict.value.faults[0].got) < 300


def test_a_value_is_free_again_when_its_record_is_gone(ready: CustomForm, alice: Member) -> None:
    record_id = make_entity(ready, alice, text="a")
    other = make_entity(ready, alice, text="b")
    entity_mass_destroy(schema=schema_of(ready), ids=[record_id], actor=actor_of(alice))
    entity_update(schema=schema_of(ready), record_id=other, values={"text": "a"}, actor=actor_of(alice))
    make_entity(ready, alice, text="b")
    assert query_of(ready).count() == 2


def test_another_form_has_its_own_values(ready: CustomForm, custom_app: Any, alice: Member) -> None:
    other = make_form(custom_app, {"text": ("text_field", {"unique": True})})
    make_entity(ready, alice, text="a")
    make_entity(other, alice, text="a")
    assert query_of(other).count() == 1


def test_a_built_index_costs_no_statement_and_no_lock(transactional_db: None, form: CustomForm, alice: Member) -> None:
    build(form)
    make_entity(form, alice, text="a")
    with statements() as found:
        make_entity(form, alice, text="b")
    assert len([sql for sql in found if "form_entity" in sql]) == 1
    assert not [sql for sql in found if "advisory" in sql]


def test_the_other_record_may_be_gone_by_the_time_it_is_looked_for(
    transactional_db: None, form: CustomForm, alice: Member
) -> None:
    build(form)
    make_entity(form, alice, text="a")
    field = form.custom_fields.get(name="text")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO form_entity (custom_form_id, app_id, organization_id, owner_uid, data)"
                ' VALUES (%s, 1, 1, 1, \'{"text": "a"}\')',
                [form.pk],
            )
    except IntegrityError as error:
        found = conflict(error, schema_of(form), {"text": "no longer there"})
    assert [(fault.field, fault.got) for fault in found.faults] == [(field.name, "no longer there")]


def test_values_that_are_there_twice_are_named_when_the_index_fails(
    transactional_db: None, custom_app: Any, alice: Member
) -> None:
    form = make_form(custom_app, {"text": "text_field", "number": "float_field"})
    twice = [make_entity(form, alice, text="a", number=number) for number in (1, Decimal("1.0"))]
    make_entity(form, alice, text="b")
    make_entity(form, alice)
    for name in ("text", "number"):
        switch(form, name, True)
        assert build(form, name) == [FieldIndex.State.FAILED]
        row = FieldIndex.objects.get(field_id=form.custom_fields.get(name=name).pk)
        assert row.detail == {"duplicates": [twice]}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'entity_unique_%%' AND relname = ANY(%s)",
            [[building.name_of(field.pk, building.UNIQUE) for field in form.custom_fields.all()]],
        )
        assert cursor.fetchone()[0] == 0  # nothing invalid stays behind
    # Until the two are mended, no third gets in, and either may be mended.
    with pytest.raises(Conflict):
        make_entity(form, alice, text="a")
    entity_update(
        schema=schema_of(form), record_id=twice[0], values={"text": "c", "number": None}, actor=actor_of(alice)
    )
    assert build(form, "text", "number") == [FieldIndex.State.VALID] * 2


@pytest.mark.parametrize(("name", "value"), [("text", "a"), ("number", Decimal("1.50")), ("day", "2023-08-20")])
def test_a_value_that_is_there_twice_may_be_sent_back(custom_app: Any, alice: Member, name: str, value: Any) -> None:
    """What a record held before the field became unique is no fault of who changes another field."""
    kinds = {"text": "text_field", "number": "float_field", "day": "date_field", "free": "text_field"}
    form = make_form(custom_app, kinds)
    one, other = (make_entity(form, alice, **{name: value}) for _ in range(2))
    switch(form, name, True)
    held = stored_of(form, one)
    entity_update(schema=schema_of(form), record_id=one, values={name: value, "free": "x"}, actor=actor_of(alice))
    assert stored_of(form, one) == {**held, "free": "x"}
    third = make_entity(form, alice)
    with pytest.raises(Conflict):
        entity_update(schema=schema_of(form), record_id=third, values={name: value}, actor=actor_of(alice))
    entity_update(schema=schema_of(form), record_id=other, values={name: None}, actor=actor_of(alice))
    with pytest.raises(Conflict):  # what was given up is another's alone
        entity_update(schema=schema_of(form), record_id=other, values={name: value}, actor=actor_of(alice))


def test_a_field_that_is_no_longer_unique_takes_a_value_twice(ready: CustomForm, alice: Member) -> None:
    make_entity(ready, alice, text="a")
    field = ready.custom_fields.get(name="text")
    switch(ready, "text", False)
    assert not FieldIndex.objects.filter(field_id=field.pk).exists()
    building.drop(form_id=ready.pk, field_id=field.pk, kind=building.UNIQUE)
    make_entity(ready, alice, text="a")
    assert query_of(ready).count() == 2
    with pytest.raises(Conflict):  # the others stay so
        make_entity(ready, alice, number=1) and make_entity(ready, alice, number=1)


def test_unique_off_and_on_again_before_the_worker_came_is_still_enforced(ready: CustomForm, alice: Member) -> None:
    make_entity(ready, alice, text="a")
    field = ready.custom_fields.get(name="text")
    switch(ready, "text", False)
    switch(ready, "text", True)
    building.drop(form_id=ready.pk, field_id=field.pk, kind=building.UNIQUE)  # the job of the switching off
    with pytest.raises(Conflict):
        make_entity(ready, alice, text="a")
    assert build(ready, "text") == [FieldIndex.State.VALID]
    with pytest.raises(Conflict):
        make_entity(ready, alice, text="a")


def test_a_unique_field_that_becomes_another_type_is_unique_by_its_new_values(ready: CustomForm, alice: Member) -> None:
    field = ready.custom_fields.get(name="number")
    field_change(field=field, field_type="text_area", setting={"unique": True})
    assert not schema_of(ready).ready_unique & {field.pk}
    assert build(ready, "number") == [FieldIndex.State.VALID]
    make_entity(ready, alice, number="字" * 3000)
    with pytest.raises(Conflict):
        make_entity(ready, alice, number="字" * 3000)


def test_a_unique_field_that_becomes_one_that_can_t_be_is_free(ready: CustomForm, alice: Member) -> None:
    field = ready.custom_fields.get(name="text")
    field_change(field=field, field_type="boolean_field", setting={})
    building.drop(form_id=ready.pk, field_id=field.pk, kind=building.UNIQUE)
    for _ in range(2):
        make_entity(ready, alice, text=True)
    assert query_of(ready).count() == 2
