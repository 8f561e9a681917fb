"""An organization keeps an active member who manages its people, in whichever way they could be lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from forms_app.exceptions import DomainError, Refused
from forms_app.models import Department, Grant, Member, Role
from forms_app.models.role import ADMINISTRATORS
from forms_app.people.administrators import administration, keep_administrator, lock_people
from forms_app.people.role_documents import member_roles_save, role_delete, role_save
from forms_app.staff.departments import department_mass_upsert
from forms_app.staff.leaving import member_leave
from forms_app.staff.members import member_mass_upsert
from tests.accounts import administrator, linked
from tests.factories import (
    DepartmentFactory,
    MemberFactory,
    OrganizationFactory,
    UserFactory,
    actor_of,
    make_token,
    system_of,
)
from tests.forms_app.worlds import at_once

LAST = ["last_administrator"]


@pytest.fixture
def last(alice: Member) -> Member:
    """The one member who manages people; 3 stands for the others."""
    alice.third_userid = "alice"
    alice.save()
    return administrator(alice)


@pytest.fixture
def role(last: Member) -> Role:
    return Role.objects.get(organization=last.organization, name=ADMINISTRATORS)


def codes(call: Callable[[], Any]) -> list[str]:
    """The faults of what is refused and undone."""
    with pytest.raises(Refused) as refused, transaction.atomic():
        call()
    return [fault.code for fault in refused.value.faults]


def upsert(actor: Any, *rows: dict[str, Any], **more: Any) -> list[Any]:
    return member_mass_upsert(organization_id=actor.organization_id, rows=rows, actor=actor, **more)


def test_no_write_takes_the_last_one_away(last: Member, role: Role) -> None:
    actor, organization_id = actor_of(last), last.organization_id
    DepartmentFactory(organization=last.organization, did=99)
    values: list[dict[str, Any]] = [
        {"members": []},
        {"grants": [{"verbs": ["read"]}]},
        {"members": [], "departments": [99]},
    ]
    for sent in values:
        assert (
            codes(lambda s=sent: role_save(organization_id=organization_id, values=s, actor=actor, role=role)) == LAST
        )  # type: ignore[misc]
    assert codes(lambda: role_delete(role=role, actor=actor)) == LAST
    assert codes(lambda: member_roles_save(member=last, roles=[], actor=actor)) == LAST
    assert codes(lambda: member_leave(member=last, successor=None, actor=actor)) == LAST
    assert codes(lambda: upsert(actor, {"third_userid": "alice", "is_active": False})) == LAST
    assert list(administration(organization_id).active()) == [last]


def test_another_one_is_enough(last: Member, role: Role, bob: Member) -> None:
    role_save(organization_id=last.organization_id, values={"members": [2]}, actor=actor_of(last), role=role)
    assert list(administration(last.organization_id).active()) == [bob]
    assert codes(lambda: member_leave(member=bob, successor=None, actor=actor_of(bob))) == LAST


def test_one_who_has_left_is_none(last: Member, role: Role, bob: Member) -> None:
    role.members.add(bob)
    member_leave(member=bob, successor=None, actor=actor_of(last))
    assert codes(lambda: member_roles_save(member=last, roles=[], actor=actor_of(last))) == LAST


def test_a_mass_call_names_the_rows_and_with_partial_does_the_others(last: Member, bob: Member) -> None:
    bob.third_userid = "bob"
    bob.save()
    rows = [{"third_userid": "bob", "name": "Bob B."}, {"third_userid": "alice", "is_active": False}]
    with pytest.raises(Refused) as refused, transaction.atomic():
        upsert(actor_of(last), *rows)
    assert [(f.code, f.row, f.field) for f in refused.value.faults] == [("last_administrator", 1, "is_active")]
    done = upsert(actor_of(last), *rows, partial=True)
    assert [(row.status, [fault.code for fault in row.faults]) for row in done] == [
        ("updated", []),
        ("unchanged", LAST),
    ]
    last.refresh_from_db()
    assert last.is_active


def by_department(last: Member, role: Role) -> tuple[Department, Department]:
    """The role by the upper of two departments, alice in the lower one."""
    upper = DepartmentFactory(organization=last.organization, did=91, third_dept_id="upper")
    lower = DepartmentFactory(organization=last.organization, did=92, third_dept_id="lower", parent=upper)
    role.departments.set([upper])
    role.members.clear()
    last.departments.set([lower])
    return upper, lower


def test_nor_does_a_move_of_the_member_or_of_the_department(last: Member, role: Role, bob: Member) -> None:
    upper, _lower = by_department(last, role)
    actor = actor_of(last)

    def moved(**row: Any) -> Any:
        rows = [{"third_dept_id": "lower", **row}]
        return department_mass_upsert(organization_id=last.organization_id, rows=rows, actor=actor)

    assert codes(lambda: upsert(actor, {"third_userid": "alice", "departments": []})) == LAST
    assert codes(lambda: moved(parent_did=None)) == LAST
    assert list(administration(last.organization_id).active()) == [last]
    bob.departments.set([upper])
    moved(parent_did=None)
    assert list(administration(last.organization_id).active()) == [bob]


def test_the_platform_may_take_the_last_one_away(last: Member, role: Role) -> None:
    platform = system_of(last.organization_id)
    role_save(organization_id=last.organization_id, values={"members": []}, actor=platform, role=role)
    assert not administration(last.organization_id).active().exists()


# --- Pages ---------------------------------------------------------------------------------------------------


def test_pages_say_so_and_change_nothing(client: Client, last: Member, role: Role) -> None:
    linked(client, last)
    page = reverse("admin:forms_app_member_change", args=[last.pk])
    for values in ({"is_active": ""}, {"roles": []}):
        facts = {"name": last.name, "is_active": "on", "roles": [role.pk], "third_userid": "alice", **values}
        answer = client.post(page, facts, follow=True)
        assert answer.redirect_chain == [(page, 302)]
        assert "先把这项权限给别人" in answer.text
    answer = client.post(reverse("admin:forms_app_role_delete", args=[role.pk]), {"post": "yes"}, follow=True)
    assert "先把这项权限给别人" in answer.text
    grid = {"name": role.name}
    answer = client.post(reverse("admin:forms_app_role_change", args=[role.pk]), grid)
    assert answer.status_code == 422 and "先把这项权限给别人" in answer.text
    assert list(administration(last.organization_id).active()) == [last]


def test_the_department_of_the_last_one_is_not_deleted_or_moved_by_page(
    client: Client, last: Member, role: Role
) -> None:
    _upper, lower = by_department(last, role)
    role.departments.set([lower])
    linked(client, last)
    delete = reverse("admin:forms_app_department_delete", args=[lower.pk])
    listed = {"action": "delete_selected", "_selected_action": [lower.pk], "post": "yes"}
    for url, values in ((delete, {"post": "yes"}), (reverse("admin:forms_app_department_changelist"), listed)):
        assert "先把这项权限给别人" in client.post(url, values, follow=True).text
    assert Department.objects.filter(pk=lower.pk).exists()


def test_nobody_switches_off_their_own_account(client: Client, last: Member) -> None:
    linked(client, last)
    assert last.user is not None
    client.post(reverse("admin:auth_user_change", args=[last.user.pk]), {"username": last.user.username, "email": ""})
    last.user.refresh_from_db()
    assert last.user.is_active


# --- Two at once ---------------------------------------------------------------------------------------------


def racing(*calls: Callable[[], Any]) -> list[str]:
    """What becomes of calls that begin at the same time: "done", or the code of the first fault."""
    start = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> str:
        start.wait()
        try:
            call()
        except DomainError as refused:
            return refused.faults[0].code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_from_each_other_at_once_leave_one() -> None:
    for _round in range(5):
        organization = OrganizationFactory()
        first, second = (
            administrator(MemberFactory(organization=organization, user=UserFactory())) for _number in range(2)
        )

        def taken(whose: Member, by: Member) -> Callable[[], None]:
            return lambda: member_roles_save(member=whose, roles=[], actor=actor_of(by))

        outcome = racing(taken(first, second), taken(second, first))
        # Who comes second has lost the right, or would lose the last of it.
        assert outcome.count("done") == 1 and outcome[0] in ("beyond_own_rights", "done"), outcome
        assert administration(organization.pk).active().count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first_and_sees_what_it_did() -> None:
    """As pages write: rows first, the question last."""
    organization = OrganizationFactory()
    first, second = (administrator(MemberFactory(organization=organization)) for _number in range(2))
    written = Barrier(2)

    def left(member: Member) -> Callable[[], None]:
        def leave() -> None:
            with transaction.atomic():
                Member.objects.filter(pk=member.pk).update(is_active=False)
                written.wait()
                keep_administrator(actor_of(member))

        return leave

    assert racing(left(first), left(second)) == ["done", "last_administrator"]
    assert administration(organization.pk).active().count() == 1
    assert Grant.objects.filter(role__organization=organization).exists()
    with transaction.atomic():
        assert lock_people(organization.pk) == organization


@pytest.mark.django_db(transaction=True)
def test_who_adds_to_the_organization_does_not_wait_for_who_changes_its_people(alice: Member) -> None:
    """A row that names the organization asks whether it is there; the two would else wait for each other."""

    def added() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
        return bool(make_token(alice)[0].pk)

    with transaction.atomic():
        lock_people(alice.organization_id)
        assert at_once([added]) == [True]
