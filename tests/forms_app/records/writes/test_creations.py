"""Creating records: whole or not at all, every fault told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.exceptions import Forbidden, Refused
from forms_app.models import CustomForm, FormEntity, Member
from forms_app.people.rights import READING
from forms_app.records.cleaning import MAX_FAULTS
from forms_app.records.writes import entity_create, entity_mass_destroy, entity_transfer, entity_update
from tests.factories import DepartmentFactory, MemberFactory, actor_of, make_entity, make_form, schema_of
from tests.forms_app.records.writes.writes import codes
from tests.forms_app.worlds import counted, query_of, row_of, shown_of, stored_of


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
    actor, schema = actor_of(alice, verbs=READING), schema_of(form)
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


def test_errors_of_the_domain_say_what_is_wrong(form: CustomForm, alice: Member) -> None:
    with pytest.raises(Refused, match="number: wrong_type"):
        make_entity(form, alice, number="x")
    assert str(Forbidden()) == "Forbidden"


def test_a_thousand_faults_are_not_all_told(form: CustomForm, alice: Member) -> None:
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, **{f"x{place}": 1 for place in range(5000)})
    assert len(refused.value.faults) == MAX_FAULTS
