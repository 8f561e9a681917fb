"""Who has which role: by name, by department, as everyone; and how long that is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomForm, Department, Grant, Member, Organization, Role, Verb
from forms_app.people.rights import EVERYTHING, NONE, RECORD_VERBS, Rights
from forms_app.people.roles import forms_in_sight, may_manage_people, rights_of
from tests.factories import CustomAppFactory, MemberFactory, OrganizationFactory, actor_of, make_form, system_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare(organization: Organization, people: dict[int, Member]) -> Organization:
    """The organization with no grant at all."""
    Grant.objects.filter(role__organization=organization).delete()
    return organization


def role(organization: Organization, *verbs: str, **kwargs: Any) -> Role:
    made = Role.objects.create(organization=organization, name=f"role {Role.objects.count()}")
    Grant.objects.create(role=made, verbs=list(verbs), **kwargs)
    return made


def rights(member: Member, form: int = 7, app: int = 8, **limits: Any) -> Rights:
    return rights_of(actor_of(member, **limits), organization_id=member.organization_id, form_id=form, app_id=app)


def test_a_new_organization_lets_everyone_use_all_forms() -> None:
    organization = OrganizationFactory()
    member = MemberFactory(organization=organization)
    assert [(r.name, r.everyone) for r in organization.roles.order_by("pk")] == [("管理员", False), ("全员", True)]
    assert rights(member).verbs == set(RECORD_VERBS)
    assert rights(member).rows == {"all"}
    assert not may_manage_people(actor_of(member))
    organization.roles.get(name="管理员").members.add(member)
    assert rights(member) == EVERYTHING
    assert may_manage_people(actor_of(member))


def test_who_has_no_role_has_no_right(bare: Organization, alice: Member) -> None:
    assert rights(alice) == NONE


def test_a_role_is_a_member_s_a_department_s_with_those_below_or_everyone_s(
    bare: Organization, people: dict[int, Member]
) -> None:
    """Department 1 holds 3, which holds 4; member n stands in department n, 2 in none."""

    def readers(made: Role) -> set[int]:
        found = {uid for uid, member in people.items() if rights(member).may("read")}
        made.delete()
        return found

    named = role(bare, "read")
    named.members.add(people[2])
    assert readers(named) == {2}
    middle = role(bare, "read")
    middle.departments.add(Department.objects.get(organization=bare, did=3))
    assert readers(middle) == {3, 4}
    top = role(bare, "read")
    top.departments.add(Department.objects.get(organization=bare, did=1))
    assert readers(top) == {1, 3, 4}
    everyone = role(bare, "read")
    everyone.everyone = True
    everyone.save()
    assert readers(everyone) == {1, 2, 3, 4}
    assert rights(people[1]) == NONE


def test_another_organization_s_forms_give_nothing(bare: Organization, alice: Member, charlie: Member) -> None:
    actor = actor_of(alice)
    assert rights_of(actor, organization_id=charlie.organization_id, form_id=7, app_id=8) == NONE
    assert rights_of(system_of(bare.pk), organization_id=charlie.organization_id, form_id=7, app_id=8) == NONE


def test_a_token_has_no_more_than_its_member_nor_than_its_limits(bare: Organization, alice: Member) -> None:
    role(bare, "read", "update").members.add(alice)
    assert rights(alice, verbs=frozenset({"read", "destroy"})).verbs == {"read"}
    assert rights(alice, form_ids=frozenset({9})) == NONE
    assert rights(alice, form_ids=frozenset({7})).verbs == {"read", "update"}
    assert not may_manage_people(actor_of(alice, verbs=frozenset(RECORD_VERBS)))


def test_a_change_of_role_grant_member_or_department_is_seen_at_once(
    bare: Organization, people: dict[int, Member]
) -> None:
    bob = people[2]
    given = role(bare, "read")
    grant = given.grants.get()
    assert rights(bob) == NONE
    given.members.add(bob)
    assert rights(bob).verbs == {"read"}
    grant.verbs = ["read", "create"]
    grant.save()
    assert rights(bob).verbs == {"read", "create"}
    given.members.clear()
    assert rights(bob) == NONE
    department = Department.objects.get(organization=bare, did=4)
    given.departments.add(department)
    assert rights(bob) == NONE
    bob.departments.add(department)
    assert rights(bob).verbs == {"read", "create"}
    grant.delete()
    assert rights(bob) == NONE


@pytest.mark.parametrize("verb", [None, Verb.DESIGN])
def test_the_forms_in_sight_are_those_with_rights(bare: Organization, alice: Member, verb: str | None) -> None:
    app, other = CustomAppFactory(organization=bare), CustomAppFactory(organization=bare)
    first, second, third = make_form(app, name="1"), make_form(app, name="2"), make_form(other, name="3")
    given = "design" if verb else "read"

    def seen(**limits: Any) -> set[str]:
        return {form.name for form in CustomForm.objects.filter(forms_in_sight(actor_of(alice, **limits), verb))}

    assert seen() == set()
    role(bare, given, custom_form=third).members.add(alice)
    assert seen() == {"3"}
    role(bare, given, custom_app=app).members.add(alice)
    assert seen() == {"1", "2", "3"}
    assert seen(form_ids=frozenset({first.pk})) == {"1"}
    assert seen(verbs=frozenset({"update"})) == set()
    for form in (first, second, third):
        assert bool(rights(alice, form.pk, form.custom_app_id).verbs)
