"""Changing records: only what was sent, and two writers never undo one another."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from forms_app.exceptions import NotFound, Refused
from forms_app.models import CustomForm, FormEntity, Member
from forms_app.records.writes import entity_mass_destroy
from tests.factories import actor_of, add_field, make_entity, make_form, schema_of
from tests.forms_app.records.writes.writes import codes, update
from tests.forms_app.worlds import at_once, counted, row_of, shown_of, stored_of


def test_only_what_was_sent_changes(form: CustomForm, alice: Member, bob: Member) -> None:
    record_id = make_entity(form, alice, text="a", number=1, people=[{"uid": 2}])
    before = row_of(form, record_id)
    row = update(form, bob, record_id, number=2, people=None)
    assert stored_of(form, record_id) == {"text": "a", "number": 2}
    assert row == row_of(form, record_id)
    assert (row.owner_uid, row.created_at) == (1, before.created_at)  # it stays its owner's
    assert row.updated_at >= before.updated_at
    assert FormEntity.objects.get(pk=(form.pk, record_id)).version == 2
    assert counted(form) == (1, 2)


def test_an_update_that_changes_nothing_writes_nothing(form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, text="a")
    before = FormEntity.objects.filter(custom_form=form).values().get(id=record_id)
    for values in ({}, {"text": "a"}, {"text": "a", "number": None}):
        update(form, alice, record_id, **values)
    assert FormEntity.objects.filter(custom_form=form).values().get(id=record_id) == before


def test_an_unknown_record_comes_before_what_is_wrong_with_its_values(custom_app: Any, alice: Member) -> None:
    form = make_form(
        custom_app, {"text": "text_field", "people": "user_field", "f": ("formula_field", {"formula": "{text}"})}
    )
    other = make_form(custom_app, {"text": "text_field"})
    theirs = make_entity(other, alice, text="a")
    for values in ({"text": "a"}, {"text": 5}, {"people": [{"uid": 99}]}, {"people": []}, {"nothing": 1}):
        for record_id in (theirs, 2**62):
            with pytest.raises(NotFound) as missing:
                update(form, alice, record_id, **values)
            assert codes(missing.value) == [("unknown_record", "id", None)]
    assert stored_of(other, theirs) == {"text": "a"}


def test_what_left_may_stay_where_it_is_and_be_sent_back(custom_app: Any, alice: Member, people: Any) -> None:
    target = make_form(custom_app, {"t": "text_field"})
    related = make_entity(target, alice, t="a")
    form = make_form(
        custom_app,
        {"people": "user_field", "departments": "department_field", "r": ("relation_field", {"form": target.pk})},
    )
    record_id = make_entity(form, alice, people=[{"uid": 4}], departments=[{"did": 4}], r={"value": related})
    shown = shown_of(form, record_id, alice)
    Member.objects.filter(uid=4).update(is_active=False)
    people[4].departments.clear()
    people[4].departments.model.objects.filter(did=4).delete()
    entity_mass_destroy(schema=schema_of(target), ids=[related], actor=actor_of(alice))
    echo = {name: shown[name] for name in ("people", "departments", "r")}
    update(form, alice, record_id, **echo)
    assert stored_of(form, record_id) == {"people": [4], "departments": [4], "r": related}
    other = make_entity(form, alice)
    with pytest.raises(Refused) as refused:
        update(form, alice, other, **echo)
    assert sorted(code for code, _f, _i in codes(refused.value)) == [
        "unknown_department",
        "unknown_member",
        "unknown_record",
    ]
    with pytest.raises(Refused) as refused:  # one who stays does not let another in
        update(form, alice, record_id, people=[{"uid": 4}, {"uid": 99}])
    assert codes(refused.value) == [("unknown_member", "people", 1)]


def test_one_form_s_record_is_not_another_s(custom_app: Any, alice: Member) -> None:
    one, two = make_form(custom_app, {"t": "text_field"}), make_form(custom_app, {"t": "text_field"})
    record_id = make_entity(one, alice, t="one")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO form_entity (custom_form_id, id, app_id, organization_id, owner_uid, data)"
            ' VALUES (%s, %s, 1, 1, 1, \'{"t": "two"}\')',
            [two.pk, record_id],
        )
    update(one, alice, record_id, t="changed")
    entity_mass_destroy(schema=schema_of(one), ids=[record_id], actor=actor_of(alice))
    assert stored_of(two, record_id) == {"t": "two"}


@pytest.mark.parametrize("formula", [False, True])
@pytest.mark.django_db(transaction=True)
def test_two_who_change_different_fields_both_survive(custom_app: Any, alice: Member, formula: bool) -> None:
    names = [f"n{place}" for place in range(8)]
    form = make_form(custom_app, dict.fromkeys(names, "integer_field"))
    if formula:
        add_field(form, "sum", ("formula_field", {"formula": " + ".join(f"{{{name}}}" for name in names)}))
    record_id = make_entity(form, alice, **dict.fromkeys(names, 0))
    rounds = 6

    def write(name: str) -> None:
        for value in range(1, rounds + 1):
            update(form, alice, record_id, **{name: value})

    assert at_once([lambda name=name: write(name) for name in names]) == [None] * 8
    stored = stored_of(form, record_id)
    assert {name: stored[name] for name in names} == dict.fromkeys(names, rounds)
    assert stored.get("sum") == (8 * rounds if formula else None)
    assert FormEntity.objects.get(pk=(form.pk, record_id)).version == 1 + 8 * rounds
    assert counted(form) == (1, 1 + 8 * rounds)
