"""Who stands where in an organization: whole trees, of today, in no statement while nobody moves."""

from __future__ import annotations

from typing import Any

from forms_app.models import Member
from forms_app.people.directory import OrganizationDirectory, directory_of
from tests.factories import DepartmentFactory
from tests.forms_app.worlds import statements


def test_departments_hold_those_below_and_their_people(alice: Member, people: Any) -> None:
    directory = directory_of(alice.organization_id)
    assert sorted(directory.departments_below([1])) == [1, 3, 4]
    assert sorted(directory.departments_below([3, 4])) == [3, 4]
    assert directory.departments_below([99]) == [99]
    assert sorted(directory.members_below([1])) == [1, 3, 4]
    assert directory.members_below([4]) == [4]
    assert directory.members_below([]) == directory.members_below([99]) == []
    assert directory.departments_of(3) == [3]
    assert directory.departments_of(2) == []


def test_a_move_is_seen_at_once(alice: Member, bob: Member, people: Any) -> None:
    assert 2 not in directory_of(alice.organization_id).members_below([1])
    bob.departments.add(people[4].departments.get())
    assert 2 in directory_of(alice.organization_id).members_below([1])
    middle = people[3].departments.get()
    middle.parent = None
    middle.save()
    assert sorted(directory_of(alice.organization_id).members_below([1])) == [1]


def test_organizations_do_not_mix(alice: Member, charlie: Member) -> None:
    charlie.departments.add(DepartmentFactory(organization=charlie.organization, did=1))
    assert directory_of(charlie.organization_id).members_below([1]) == [1]
    assert directory_of(charlie.organization_id).departments_below([1]) == [1]


def test_it_costs_two_statements_then_none(alice: Member, settings: Any) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    with statements() as cold:
        directory_of(alice.organization_id)
    with statements() as warm:
        directory_of(alice.organization_id)
    assert (len(cold), len(warm)) == (2, 0)


def test_a_circle_of_departments_ends() -> None:
    circle = OrganizationDirectory(children={1: [2], 2: [1]}, members={2: [7]})
    assert sorted(circle.departments_below([1])) == [1, 2]
    assert circle.members_below([1]) == [7]
