"""Writing records: whole or not at all, counted exactly, two writers never undo one another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from forms_app.exceptions import Conflict, DomainError, Forbidden, NotFound, Refused
from forms_app.field_types import registry
from forms_app.models import CustomForm, DestroyedEntity, FormEntity, Member
from forms_app.query import EntityRow
from forms_app.services.cleaning import MAX_FAULTS
from forms_app.services.deadlocks import ATTEMPTS, retried
from forms_app.services.entities import (
    entity_create,
    entity_mass_destroy,
    entity_transfer,
    entity_update,
)
from tests.factories import DepartmentFactory, MemberFactory, actor_of, add_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import at_once, counted, query_of, row_of, shown_of, statements, stored_of

OPTIONS = registry.get("select_field").example_options


def update(form: CustomForm, member: Member, record_id: int, **values: Any) -> EntityRow:
    return entity_update(schema=schema_of(form), record_id=record_id, values=values, actor=actor_of(member))


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"text": "text_field", "number": "float_field", "people": "user_field"})


def codes(error: DomainError) -> list[tuple[str, str, Any]]:
    return [(fault.code, fault.field, fault.index) for fault in error.faults]


# --- Creating ----------------------------------------------------------------------------------------------


def test_a_record_belongs_to_who_made_it(form: CustomForm, alice: Member) -> None:
    row = entity_create(schema=schema_of(form), values={"text": "a"}, actor=actor_of(alice))
    entity = FormEntity.objects.get(pk=(form.pk, row.id))
    assert (row.owner_uid, entity.organization_id, entity.app_id) == (1, alice.organization_id, form.custom_app_id)
    assert (entity.version, entity.data) == (1, {"text": "a"})
    assert row == row_of(form, row.id)
    assert row.created_at == row.updated_at
    assert entity.created_at.microsecond % 1000 == 0
    assert counted(form) == (1, 1)


def test_every_fault_of_every_value_is_told_and_nothing_written(form: CustomForm, alice: Member) -> None:
    values = {"text": 1, "number": "1", "people": [{"uid": 1}, {"uid": 77}, {"uid": 78}], "nothing": 1, "x" * 999: 2}
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, **values)
    assert [(code, field[:7], index) for code, field, index in codes(refused.value)] == [
        ("wrong_type", "text", None),
        ("wrong_type", "number", None),
        ("unknown_field", "nothing", None),
        ("unknown_field", "xxxxxxx", None),
        ("unknown_member", "people", 1),
        ("unknown_member", "people", 2),
    ]
    assert all(len(fault.field) <= 201 for fault in refused.value.faults)
    assert refused.value.faults[2].allowed == ["text", "number", "people"]
    assert counted(form) == (0, 0)
    assert query_of(form).count() == 0 == FormEntity.objects.filter(custom_form=form).count()


def test_a_required_field_is_told_beside_the_other_faults_but_not_twice(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"a": ("text_field", {"required": True}), "b": ("text_field", {"required": True})})
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, b=5)
    assert sorted(codes(refused.value)) == [("required", "a", None), ("wrong_type", "b", None)]


def test_a_read_only_token_writes_nothing(form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, text="a")
    actor, schema = actor_of(alice, read_only=True), schema_of(form)
    for write in (
        lambda: entity_create(schema=schema, values={}, actor=actor),
        lambda: entity_update(schema=schema, record_id=record_id, values={"text": "b"}, actor=actor),
        lambda: entity_transfer(schema=schema, ids=[record_id], to_user_uid=2, actor=actor),
        lambda: entity_mass_destroy(schema=schema, ids=[record_id], actor=actor),
    ):
        with pytest.raises(Forbidden):
            write()
    assert stored_of(form, record_id) == {"text": "a"}
    assert counted(form) == (1, 1)


def test_what_another_organization_has_does_not_exist(custom_app: Any, alice: Member, charlie: Member) -> None:
    theirs = make_form(
        type(custom_app).objects.create(organization=charlie.organization, name="x"), {"t": "text_field"}
    )
    secret = make_entity(theirs, charlie, t="secret")
    DepartmentFactory(organization=charlie.organization, did=900)
    MemberFactory(organization=charlie.organization, uid=900)
    mine = make_form(custom_app, {"people": "user_field", "departments": "department_field"})
    with pytest.raises(Refused) as refused:
        make_entity(mine, alice, people=[{"uid": 900}], departments=[{"did": 900}])
    assert {fault.code for fault in refused.value.faults} == {"unknown_member", "unknown_department"}
    own = make_form(custom_app, {"t": "text_field"})
    relating = make_form(custom_app, {"r": ("relation_field", {"form": own.pk})})
    own_id = make_entity(own, alice, t="a")
    limited = actor_of(alice, form_ids=frozenset({relating.pk}))
    for actor, record_id in ((limited, own_id), (actor_of(alice), secret)):
        with pytest.raises(Refused) as refused:
            entity_create(schema=schema_of(relating), values={"r": {"value": record_id}}, actor=actor)
        assert codes(refused.value) == [("unknown_record", "r", 0)]


def test_no_digit_is_lost(form: CustomForm, alice: Member) -> None:
    for text in ("123456789123456.12345", "0.1", "1" * 38, "-0.000000000000000000000001", "1E+300", "1.10"):
        record_id = make_entity(form, alice, number=Decimal(text))
        assert shown_of(form, record_id, alice)["number"] == Decimal(text)


# --- Changing ----------------------------------------------------------------------------------------------


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


def test_an_update_without_values_is_a_touch(form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, text="a")
    update(form, alice, record_id)
    assert stored_of(form, record_id) == {"text": "a"}
    assert FormEntity.objects.get(pk=(form.pk, record_id)).version == 2


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


# --- Handing over and destroying ---------------------------------------------------------------------------


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
    jobs += [lambda: update(form, alice, ids[0], text="d")] * 6
    jobs += [lambda: entity_mass_destroy(schema=schema, ids=ids[4:], actor=actor)] * 3
    jobs += [lambda: entity_transfer(schema=schema, ids=ids[:4], to_user_uid=2, actor=actor)] * 3
    outcomes = at_once(jobs)
    assert sum(isinstance(outcome, RuntimeError) for outcome in outcomes) == 12
    assert sum(isinstance(outcome, NotFound) for outcome in outcomes) == 2  # destroyed once, not thrice
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 14
    live = FormEntity.objects.filter(custom_form=form).count()
    assert live == 8 + 12 - 4 == query_of(form).count()
    assert counted(form) == (live, 8 + 12 + 6 + 4 + 3 * 4)


# --- What a write costs, and what it does when PostgreSQL says no -------------------------------------------


def test_a_write_is_one_statement_when_nothing_else_hangs_on_it(form: CustomForm, alice: Member) -> None:
    schema, actor = schema_of(form), actor_of(alice)
    record_id = make_entity(form, alice, text="a")
    with statements() as creating:
        entity_create(schema=schema, values={"text": "b", "number": 1}, actor=actor)
    with statements() as updating:
        entity_update(schema=schema, record_id=record_id, values={"text": "c"}, actor=actor)
    assert (len(creating), len(updating)) == (1, 1)


def test_every_statement_of_a_write_names_its_form(custom_app: Any, alice: Member) -> None:
    target = make_form(custom_app, {"n": "integer_field"})
    form = make_form(
        custom_app,
        {
            "t": ("text_field", {"unique": True}),
            "r": ("relation_field", {"form": target.pk}),
            "no": ("auto_number_field", {"mode": "gap_free"}),
        },
    )
    add_field(form, "f", ("formula_field", {"formula": "{r.n} * 2"}))
    related = make_entity(target, alice, n=1)
    with statements() as found:
        record_id = make_entity(form, alice, t="a", r={"value": related})
        update(form, alice, record_id, t="b")
        update(target, alice, related, n=5)
        entity_transfer(schema=schema_of(form), ids=[record_id], to_user_uid=2, actor=actor_of(alice))
        entity_mass_destroy(schema=schema_of(target), ids=[related], actor=actor_of(alice))
    on_records = [sql for sql in found if "form_entity" in sql or "form_counter" in sql or "form_number" in sql]
    assert len(on_records) > 10
    for sql in on_records:
        assert any(
            f"custom_form_id = {form_id}" in sql or f"({form_id}, " in sql or f"SELECT {form_id}, " in sql
            for form_id in (form.pk, target.pk)
        ), sql


def test_a_broken_deadlock_is_tried_again_some_times() -> None:
    tried: list[int] = []

    @retried
    def write(failures: int) -> str:
        tried.append(failures)
        if len(tried) <= failures:
            raise OperationalError from DeadlockDetected()
        return "written"

    assert write(ATTEMPTS - 1) == "written"
    assert len(tried) == ATTEMPTS
    tried.clear()
    with pytest.raises(OperationalError):
        write(ATTEMPTS)
    assert len(tried) == ATTEMPTS


def test_another_failure_of_the_database_is_not_tried_again() -> None:
    tried = []

    @retried
    def write() -> None:
        tried.append(1)
        raise OperationalError("the connection is gone")

    with pytest.raises(OperationalError):
        write()
    assert tried == [1]


@pytest.mark.django_db
def test_within_a_transaction_the_caller_must_try_again() -> None:
    tried = []

    @retried
    def write() -> None:
        tried.append(1)
        raise OperationalError from DeadlockDetected()

    with pytest.raises(OperationalError):
        write()
    assert tried == [1]


@pytest.mark.django_db(transaction=True)
def test_a_violation_that_is_no_unique_field_s_is_not_hidden(form: CustomForm, alice: Member) -> None:
    schema = schema_of(form)
    record_id = make_entity(form, alice)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE form_entity ADD CONSTRAINT odd CHECK (NOT data ? 'text')")
        try:
            with pytest.raises(IntegrityError):
                entity_create(schema=schema, values={"text": "a"}, actor=actor_of(alice))
            with pytest.raises(IntegrityError):
                entity_update(schema=schema, record_id=record_id, values={"text": "a"}, actor=actor_of(alice))
        finally:
            cursor.execute("ALTER TABLE form_entity DROP CONSTRAINT odd")
    assert counted(form) == (1, 1)


def test_a_write_within_a_transaction_leaves_it_usable_after_a_conflict(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"t": ("text_field", {"unique": True})})
    make_entity(form, alice, t="a")
    with transaction.atomic():
        with pytest.raises(Conflict):
            make_entity(form, alice, t="a")
        make_entity(form, alice, t="b")
    assert query_of(form).count() == 2


def test_errors_of_the_domain_say_what_is_wrong(form: CustomForm, alice: Member) -> None:
    with pytest.raises(Refused, match="number: wrong_type"):
        make_entity(form, alice, number="x")
    assert str(Forbidden()) == "Forbidden"


def test_a_thousand_faults_are_not_all_told(form: CustomForm, alice: Member) -> None:
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, **{f"x{place}": 1 for place in range(5000)})
    assert len(refused.value.faults) == MAX_FAULTS
