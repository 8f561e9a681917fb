"""Indexes of fields: built without blocking anybody, found broken and redone, dropped when given up."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.design.fields import field_change, field_remove
from forms_app.indexes import building
from forms_app.indexes.jobs import build_index, drop_index
from forms_app.models import CustomForm, FieldIndex, FormEntity, Member
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.indexes.world import name_of, on_disk, requested, state, statistics
from tests.forms_app.worlds import at_once, query_of

pytestmark = pytest.mark.django_db(transaction=True)
VALID = FieldIndex.State.VALID


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"number": "float_field", "text": "text_field", "u": ("text_field", {"unique": True})})


def test_a_form_s_records_lie_in_the_partition_it_names(form: CustomForm, alice: Member) -> None:
    make_entity(form, alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM form_entity WHERE custom_form_id = %s", [form.pk])
        assert cursor.fetchall() == [(building.partition(form.pk),)]


def test_an_index_is_asked_for_once(form: CustomForm) -> None:
    key = requested(form, "number", "btree")
    building.request(**key)
    jobs = ProcrastinateJob.objects.filter(task_name__endswith="build_index", args__field_id=key["field_id"])
    assert [job.args for job in jobs] == [key]
    assert state(key) == FieldIndex.State.REQUESTED


def test_an_index_is_built_with_statistics_and_dropped_with_them(form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, number=1, text="a")
    for name, kind in (("number", "btree"), ("text", "grams"), ("u", "unique")):
        key = requested(form, name, kind)
        build_index(**key)
        assert state(key) == VALID
        assert on_disk(name_of(key)) == {name_of(key): True}
        assert statistics(key) is (kind != "unique")  # no filter asks a unique index how many it would find
        building.give_up(**key)
        drop_index(**key)
        assert on_disk(name_of(key)) == {}
        assert not statistics(key)
        drop_index(**key)  # twice is as once


def test_an_index_that_is_there_is_not_built_again(form: CustomForm) -> None:
    key = requested(form, "number", "btree")
    building.build(**key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)::oid", [name_of(key)])
        before = cursor.fetchone()
        assert building.build(**key) == VALID
        cursor.execute("SELECT to_regclass(%s)::oid", [name_of(key)])
        assert cursor.fetchone() == before


@pytest.mark.parametrize("claimed", [FieldIndex.State.BUILDING, VALID])
def test_an_invalid_index_is_found_and_redone(form: CustomForm, alice: Member, claimed: str) -> None:
    key = requested(form, "number", "btree")
    building.build(**key)
    with connection.cursor() as cursor:  # as a cancelled build leaves it
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [name_of(key)])
    FieldIndex.objects.filter(field_id=key["field_id"]).update(state=claimed)
    assert building.build(**key) == VALID
    assert on_disk(name_of(key)) == {name_of(key): True}
    assert state(key) == VALID


def test_builders_of_one_partition_take_turns(form: CustomForm, alice: Member) -> None:
    for number in range(50):
        make_entity(form, alice, number=number, text=f"t{number}", u=str(number))
    keys = [requested(form, "number", "btree"), requested(form, "text", "grams"), requested(form, "u", "unique")]
    jobs = [lambda key=key: building.build(**key) for key in (*keys, *keys)]
    jobs += [lambda: make_entity(form, alice, u="x")]
    outcomes = at_once(jobs)
    assert outcomes[:6] == [VALID] * 6
    assert on_disk(*map(name_of, keys)) == {name_of(key): True for key in keys}
    assert query_of(form).count() == 51


def test_a_builder_that_fails_lets_the_next_one_in(form: CustomForm, alice: Member) -> None:
    key = requested(form, "number", "grams")  # no number field wishes for that
    with pytest.raises(ValueError, match="number"):
        building.build(**key)
    good = requested(form, "number", "btree")
    assert at_once([lambda: building.build(**good)]) == [VALID]


def test_nothing_is_built_for_what_is_gone(form: CustomForm) -> None:
    key = requested(form, "number", "btree")
    assert building.build(**{**key, "field_id": 2**40}) == FieldIndex.State.REQUESTED
    assert building.build(**{**key, "form_id": 2**40}) == FieldIndex.State.REQUESTED
    assert building.build(**{**key, "kind": "unique"}) == FieldIndex.State.REQUESTED  # not asked for
    field_change(field=form.custom_fields.get(name="number"), status="disable")
    assert building.build(**key) == FieldIndex.State.REQUESTED
    assert on_disk(name_of(key)) == {}


def test_an_index_asked_for_again_is_not_dropped_by_the_old_job(form: CustomForm) -> None:
    key = requested(form, "number", "btree")
    building.build(**key)
    building.give_up(**key)
    building.request(**key)
    drop_index(**key)
    assert on_disk(name_of(key)) == {name_of(key): True}
    assert building.build(**key) == VALID


def test_one_kind_may_go_while_another_stays(form: CustomForm) -> None:
    keys = [requested(form, "u", kind) for kind in ("grams", "unique")]
    for key in keys:
        building.build(**key)
    building.give_up(**keys[1])
    drop_index(**keys[1])
    assert on_disk(*map(name_of, keys)) == {name_of(keys[0]): True}
    assert statistics(keys[0])


def test_a_field_that_goes_takes_its_indexes_along(form: CustomForm, custom_app: Any) -> None:
    formula = add_field(form, "f", ("formula_field", {"formula": "{number} + 1"}))
    relation = add_field(form, "r", ("relation_field", {"form": form.pk}))
    building.request(form_id=form.pk, field_id=formula.pk, kind="btree")
    assert FieldIndex.objects.filter(field_id=relation.pk, kind="btree").exists()  # who is related to asks backwards
    for field in (formula, relation, form.custom_fields.get(name="u")):
        pk = field.pk
        field_remove(field=field)
        assert not FieldIndex.objects.filter(field_id=pk).exists()
        assert ProcrastinateJob.objects.filter(task_name__endswith="drop_index", args__field_id=pk).count() == 1


def test_who_writes_while_an_index_is_built_is_in_it(form: CustomForm, alice: Member) -> None:
    key = requested(form, "u", "unique")
    jobs: list[Any] = [lambda: building.build(**key)]
    jobs += [lambda n=n: make_entity(form, alice, u=str(n)) for n in range(30)]
    outcomes = at_once(jobs)
    assert outcomes[0] == VALID
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert FormEntity.objects.filter(custom_form=form).count() == 30
    assert schema_of(form).ready_unique == {key["field_id"]}
