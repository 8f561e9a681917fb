"""Nobody gives what, beside what somebody has already, adds up to more than they have themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms_app.exceptions import Forbidden, Refused
from forms_app.models import CustomApp, CustomForm, Department, Member, Role
from forms_app.people.actor import Actor
from forms_app.people.delegation import may_move, may_place
from forms_app.people.gains import Giver
from forms_app.people.rights import Given
from forms_app.people.role_documents import member_roles_save, role_save
from forms_app.schema.form_schema import FormSchema
from forms_app.staff.departments import department_mass_upsert
from forms_app.staff.members import member_mass_upsert
from tests.factories import DepartmentFactory, actor_of, make_form, schema_of, system_of

OWN = {"verbs": ["read", "update"], "rows": "own"}
PEOPLE = {"verbs": ["people"]}


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": "text_field", "pay": "integer_field"})


def role(member: Member, name: str, *grants: dict[str, Any], **values: Any) -> Role:
    """A role that the platform makes, of this member's organization."""
    role_values = {"name": name, "grants": list(grants), **values}
    return role_save(
        organization_id=member.organization_id, values=role_values, actor=system_of(member.organization_id)
    )


@pytest.fixture
def clerk(alice: Member) -> Actor:
    """Manages people, reads and changes their own records."""
    Role.objects.filter(organization=alice.organization, name="全员").delete()
    role(alice, "clerk", PEOPLE, OWN, members=[1])
    return actor_of(alice)


@pytest.fixture
def reader(clerk: Actor, bob: Member) -> Member:
    """Who may read all records, and change none."""
    role(bob, "reader", {"verbs": ["read"], "rows": "all"}, members=[2])
    bob.third_userid = "bob"
    bob.save()
    return bob


def verbs_of(member: Member, form: CustomForm) -> set[str]:
    schema: FormSchema = schema_of(form)
    return set(schema.rights(actor_of(member)).verbs)


def refused(call: Callable[[], Any]) -> list[tuple[str, Any]]:
    with pytest.raises(Forbidden) as forbidden:
        call()
    return [(fault.code, fault.got) for fault in forbidden.value.faults]


def test_a_role_of_one_s_own_is_not_given_to_who_would_change_all_by_it(
    clerk: Actor, reader: Member, form: CustomForm
) -> None:
    save = {"organization_id": clerk.organization_id, "actor": clerk}
    too_much = [("beyond_own_rights", 2)]
    values = {"name": "own", "grants": [OWN]}
    assert refused(lambda: role_save(values={**values, "members": [2]}, **save)) == too_much
    assert refused(lambda: role_save(values={**values, "everyone": True}, **save)) == too_much
    made = role_save(values={**values, "members": [4]}, **save)
    assert refused(lambda: role_save(values={"members": [2, 4]}, role=made, **save)) == too_much
    assert refused(lambda: member_roles_save(member=reader, roles=[*reader.roles.all(), made], actor=clerk)) == too_much
    assert verbs_of(reader, form) == {"read"}


def test_nor_by_a_change_of_what_they_have(clerk: Actor, reader: Member, form: CustomForm) -> None:
    """A role that gives them nothing new now is not made to."""
    held = role(reader, "held", {"verbs": ["read"], "rows": "own"}, members=[2])
    call = {"organization_id": clerk.organization_id, "actor": clerk, "role": held}
    assert refused(lambda: role_save(values={"grants": [OWN]}, **call)) == [("beyond_own_rights", 2)]
    role_save(values={"name": "renamed"}, **call)
    assert verbs_of(reader, form) == {"read"}


def test_nor_by_a_department(clerk: Actor, reader: Member, form: CustomForm) -> None:
    upper = DepartmentFactory(organization=reader.organization, did=91)
    lower = DepartmentFactory(organization=reader.organization, did=92, third_dept_id="lower")
    given = role(reader, "of the department", OWN, departments=[91])
    assert not may_place(clerk, reader, [91])
    rows = [{"third_userid": "bob", "departments": [91]}]
    call = {"organization_id": clerk.organization_id, "actor": clerk}
    with pytest.raises(Forbidden):
        member_mass_upsert(rows=rows, **call)
    reader.departments.set([lower])
    assert not may_move(clerk, 92, 91)
    with pytest.raises(Forbidden):
        department_mass_upsert(rows=[{"third_dept_id": "lower", "parent_did": 91}], **call)
    values = {"departments": [92]}
    assert refused(lambda: role_save(values=values, role=given, **call)) == [("beyond_own_rights", 2)]
    assert verbs_of(reader, form) == {"read"}
    reader.departments.clear()
    assert may_move(clerk, 92, 91)
    assert Department.objects.get(pk=upper.pk).members.count() == 0


def test_what_is_no_gain_or_is_one_s_own_is_given(clerk: Actor, reader: Member, form: CustomForm) -> None:
    call = {"organization_id": clerk.organization_id, "actor": clerk}
    role_save(values={"name": "reads", "grants": [{"verbs": ["read"], "rows": "own"}], "members": [2]}, **call)
    # Whose sum is "change all", may give it: in one grant, or by what makes it one.
    role(reader, "all", {"verbs": ["read"], "rows": "all"}, members=[1])
    role_save(values={"name": "own", "grants": [OWN], "members": [2]}, **call)
    assert verbs_of(reader, form) == {"read", "update"}


def given(
    verbs: list[str], rows: str = "all", *, form_id: int | None = None, app_id: int | None = None, **more: Any
) -> Given:
    fields = {"hidden": frozenset(more.get("hidden", ())), "read_only": frozenset(more.get("read_only", ()))}
    return Given(0, "", form_id, app_id, frozenset(verbs), rows, **fields)


CASES: list[tuple[list[Given], Given, list[Given], bool]] = [
    # had, given, the giver's, whether it exceeds
    ([given(["read"])], given(["read", "update"], "own"), [given(["read", "update"], "own")], True),
    ([given(["read"])], given(["read", "update"], "own"), [given(["read", "update"])], False),
    ([given(["read", "destroy"], "own")], given(["read"]), [given(["read"])], True),
    ([given(["read", "destroy"], "own")], given(["read"], "own"), [given(["read"])], False),
    ([given(["read"])], given(["create"], "own"), [given(["read", "create"], "own")], False),
    ([given(["read"], hidden=["pay"])], given(["read"], "own"), [given(["read"], "own")], True),
    ([given(["read"], "own", hidden=["pay"])], given(["read"], "own"), [given(["read"], "own")], False),
    (
        [given(["read"], read_only=["pay"])],
        given(["read", "update"], "own"),
        [given(["read", "update"], "own"), given(["read"])],
        False,
    ),
    (
        [given(["read"], form_id=1)],
        given(["read", "update"], "own"),
        [given(["read", "update"], "own")],
        True,
    ),
    ([given(["read"], app_id=1)], given(["update"], "own", app_id=2), [given(["read", "update"], "own")], False),
    ([given(["read"], app_id=1)], given(["update"], "own", app_id=1), [given(["read", "update"], "own")], True),
]


@pytest.mark.parametrize(("had", "new", "own", "exceeds"), CASES)
def test_each_part_that_comes_is_the_giver_s(
    had: list[Given], new: Given, own: list[Given], exceeds: bool, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forms_app.people.gains.given_to", lambda actor: own)
    assert Giver(Actor(1, 1, 1), [*had, new]).exceeds(had, [*had, new]) is exceeds


def test_a_mass_call_names_the_row(clerk: Actor, reader: Member) -> None:
    DepartmentFactory(organization=reader.organization, did=91)
    role(reader, "of the department", OWN, departments=[91])
    rows = [{"third_userid": "new", "name": "New", "departments": [91]}, {"third_userid": "bob", "departments": [91]}]
    with pytest.raises((Forbidden, Refused)) as error:
        member_mass_upsert(organization_id=clerk.organization_id, rows=rows, actor=clerk)
    assert [(fault.row, fault.field, fault.code) for fault in error.value.faults] == [
        (1, "departments", "beyond_own_rights")
    ]
