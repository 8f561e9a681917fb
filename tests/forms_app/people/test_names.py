"""Names are read once by each process, and anew when people change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from forms_app.caching import tags
from forms_app.exceptions import Refused
from forms_app.models import CustomForm, Member
from forms_app.people import names
from forms_app.people.regions import regions_load
from forms_app.records.writes import entity_create
from tests.factories import DepartmentFactory, MemberFactory, actor_of, make_form, schema_of
from tests.forms_app.worlds import statements

PEOPLE = {"member": {1, 2}, "department": {1}, "region": {"4"}}


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"keeper": "user_field", "unit": "department_field"})


def named(member: Member, wanted: dict[str, set[Any]]) -> dict[str, dict[Any, Any]]:
    return names.names(member.organization_id, wanted)


def test_what_was_read_is_not_read_again(alice: Member, bob: Member) -> None:
    first = named(alice, PEOPLE)
    with statements() as found:
        assert named(alice, PEOPLE) == first
    assert found == []
    with statements() as found:
        named(alice, {**PEOPLE, "department": {1, 3}})
    assert len(found) == 1


def test_what_does_not_exist_is_not_asked_for_again_until_it_does(alice: Member) -> None:
    wanted: dict[str, set[Any]] = {"member": {99}}
    assert named(alice, wanted)["member"] == {}
    with statements() as found:
        assert named(alice, wanted)["member"] == {}
    assert found == []
    MemberFactory(organization=alice.organization, uid=99, name="新人")
    assert named(alice, wanted)["member"][99]["name"] == "新人"


def test_the_same_id_in_another_organization_is_another(alice: Member, charlie: Member) -> None:
    MemberFactory(organization=charlie.organization, uid=alice.uid + 500, name="theirs")
    wanted: dict[str, set[Any]] = {"member": {alice.uid + 500}}
    assert named(charlie, wanted)["member"][alice.uid + 500]["name"] == "theirs"
    assert named(alice, wanted)["member"] == {}


def test_loaded_regions_are_shown_at_once(alice: Member, tmp_path: Path) -> None:
    assert named(alice, {"region": {"4"}})["region"] == {}
    path = tmp_path / "regions.csv"
    path.write_text("id,parent_id,level,label\n4,,country,中国\n")
    regions_load(path)
    assert named(alice, {"region": {"4"}})["region"] == {"4": "中国"}


def test_no_more_than_so_many_are_kept(alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names.known, "most", 10)
    for uid in range(50):
        named(alice, {"member": {uid}})
        assert len(names.known.current()) <= 10


def test_who_is_known_to_be_there_is_not_asked_for_at_a_write(form: CustomForm, alice: Member, bob: Member) -> None:
    schema, values = schema_of(form), {"keeper": [{"uid": bob.uid}], "unit": [{"did": 1}]}
    entity_create(schema=schema, values=values, actor=actor_of(alice))
    with statements() as found:
        entity_create(schema=schema, values=values, actor=actor_of(alice))
    assert len(found) == 1


def test_who_has_left_is_refused_though_known_before(form: CustomForm, alice: Member, bob: Member) -> None:
    schema, values = schema_of(form), {"keeper": [{"uid": bob.uid}]}
    entity_create(schema=schema, values=values, actor=actor_of(alice))
    bob.is_active = False
    bob.save()
    with pytest.raises(Refused) as refused:
        entity_create(schema=schema, values=values, actor=actor_of(alice))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("keeper", "unknown_member")]


def test_a_department_that_was_unknown_is_taken_once_it_is_there(form: CustomForm, alice: Member) -> None:
    schema, values = schema_of(form), {"unit": [{"did": 77}]}
    with pytest.raises(Refused):
        entity_create(schema=schema, values=values, actor=actor_of(alice))
    DepartmentFactory(organization=alice.organization, did=77)
    entity_create(schema=schema, values=values, actor=actor_of(alice))


def test_what_a_transaction_saw_and_took_back_is_not_kept(alice: Member) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        MemberFactory(organization=alice.organization, uid=88, name="never")
        assert named(alice, {"member": {88}})["member"][88]["name"] == "never"
        raise ZeroDivisionError
    tags.read_anew()
    assert named(alice, {"member": {88}})["member"] == {}
