"""Handing records over and destroying them: all or none, counted exactly."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from forms_app.exceptions import NotFound
from forms_app.models import CustomForm, DestroyedEntity, FormEntity, Member
from forms_app.records.writes import entity_mass_destroy, entity_transfer
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.records.writes.writes import codes, update
from tests.forms_app.worlds import at_once, counted, query_of, row_of, shown_of


def test_records_are_handed_over_all_or_none(form: CustomForm, alice: Member) -> None:
    ids = [make_entity(form, alice, text=text) for text in "abc"]
    before = [row_of(form, i) for i in ids]
    schema, actor = schema_of(form), actor_of(alice)
    with pytest.raises(NotFound) as missing:
        entity_transfer(schema=schema, ids=[ids[0], 2**62, ids[1], 2**61], to_user_uid=99, actor=actor)
    assert codes(missing.value) == [
        ("unknown_member", "to_user_uid", None),
        ("unknown_record", "ids", 1),
        ("unknown_record", "ids", 3),
    ]
    assert [row_of(form, i) for i in ids] == before
    assert counted(form) == (3, 3)
    entity_transfer(schema=schema, ids=[ids[0], ids[1], ids[0]], to_user_uid=2, actor=actor)
    assert [row_of(form, i).owner_uid for i in ids] == [2, 2, 1]
    assert counted(form) == (3, 5)
    assert row_of(form, ids[0]).updated_at >= before[0].updated_at
    assert [row_of(form, i).data for i in ids] == [row.data for row in before]


def test_nobody_hands_over_to_who_left(form: CustomForm, alice: Member, bob: Member) -> None:
    record_id = make_entity(form, alice)
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(NotFound):
        entity_transfer(schema=schema_of(form), ids=[record_id], to_user_uid=2, actor=actor_of(alice))
    assert row_of(form, record_id).owner_uid == 1


def test_records_are_destroyed_all_or_none_and_lie_in_the_trash(form: CustomForm, alice: Member, bob: Member) -> None:
    ids = [make_entity(form, alice, text=text) for text in "abc"]
    schema = schema_of(form)
    with pytest.raises(NotFound) as missing:
        entity_mass_destroy(schema=schema, ids=[*ids, 2**62], actor=actor_of(bob))
    assert codes(missing.value) == [("unknown_record", "ids", 3)]
    assert query_of(form).count() == 3
    assert not DestroyedEntity.objects.exists()
    row = row_of(form, ids[0])
    entity_mass_destroy(schema=schema, ids=[ids[0], ids[2], ids[0]], actor=actor_of(bob))
    assert query_of(form).ids() == [ids[1]]
    assert counted(form) == (1, 5)
    gone = DestroyedEntity.objects.get(pk=(form.pk, ids[0]))
    assert (gone.data, gone.owner_uid, gone.destroyed_by, gone.version) == ({"text": "a"}, 1, 2, 1)
    assert row.created_at.startswith(gone.created_at.strftime("%Y-%m-%dT%H:%M:%S"))
    with pytest.raises(NotFound):
        update(form, alice, ids[0], text="risen")


def test_who_relates_to_a_destroyed_record_keeps_its_value_without_a_label(custom_app: Any, alice: Member) -> None:
    target = make_form(custom_app, {"t": "text_field"})
    form = make_form(custom_app, {"r": ("relation_field", {"form": target.pk})})
    related = make_entity(target, alice, t="a")
    record_id = make_entity(form, alice, r={"value": related})
    assert shown_of(form, record_id, alice)["r"]["label"] == "a"
    entity_mass_destroy(schema=schema_of(target), ids=[related], actor=actor_of(alice))
    shown = shown_of(form, record_id, alice)["r"]
    assert (shown["value"], shown["label"]) == (related, None)


@pytest.mark.django_db(transaction=True)
def test_the_counters_stay_exact_whatever_happens_at_once(form: CustomForm, alice: Member) -> None:
    schema, actor = schema_of(form), actor_of(alice)
    ids = [make_entity(form, alice, text="a") for _ in range(8)]

    def failing() -> None:
        with transaction.atomic():
            make_entity(form, alice, text="b")
            raise RuntimeError

    jobs: list[Any] = [lambda: make_entity(form, alice, text="c")] * 12 + [failing] * 12
    jobs += [lambda text=text: update(form, alice, ids[0], text=text) for text in "defghi"]
    jobs += [lambda: entity_mass_destroy(schema=schema, ids=ids[4:], actor=actor)] * 3
    jobs += [lambda: entity_transfer(schema=schema, ids=ids[:4], to_user_uid=2, actor=actor)] * 3
    outcomes = at_once(jobs)
    assert sum(isinstance(outcome, RuntimeError) for outcome in outcomes) == 12
    assert sum(isinstance(outcome, NotFound) for outcome in outcomes) == 2  # destroyed once, not thrice
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 14
    live = FormEntity.objects.filter(custom_form=form).count()
    assert live == 8 + 12 - 4 == query_of(form).count()
    assert counted(form) == (live, 8 + 12 + 6 + 4 + 3 * 4)
