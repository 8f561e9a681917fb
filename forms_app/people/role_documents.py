"""A role as one document: what pages and the API show of it and take back (docs/contract.md §4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Forbidden
from forms_app.models import Grant, Member, Role, Rows
from forms_app.people.actor import Actor
from forms_app.people.administrators import keep_administrator, lock_people
from forms_app.people.assigned import Assigned
from forms_app.people.delegation import beyond, require_people
from forms_app.people.gains import Giver, exceeding_fault, exceeding_uids
from forms_app.people.rights import Given
from forms_app.people.role_reading import GrantValues, RoleValues, read_role
from forms_app.people.roles import given


def role_document(role: Role) -> dict[str, Any]:
    """{"id", "name", "everyone", "members": [uid], "departments": [did], "grants": […]}, as `role_save` takes it. Three
    statements."""
    return role_documents([role])[0]


def role_documents(roles: Iterable[Role]) -> list[dict[str, Any]]:
    """The same of several roles, in their order: three statements, however many they are."""
    roles = list(roles)
    ids = [role.pk for role in roles]
    members: dict[int, list[int]] = {pk: [] for pk in ids}
    departments: dict[int, list[int]] = {pk: [] for pk in ids}
    grants: dict[int, list[dict[str, Any]]] = {pk: [] for pk in ids}
    having = Role.members.through.objects.filter(role__in=ids).order_by("member__uid")
    for pk, uid in having.values_list("role_id", "member__uid"):
        members[pk].append(uid)
    below = Role.departments.through.objects.filter(role__in=ids).order_by("department__did")
    for pk, did in below.values_list("role_id", "department__did"):
        departments[pk].append(did)
    for grant in Grant.objects.filter(role__in=ids).select_related("tab").order_by("pk"):
        grants[grant.role_id].append(_grant_document(grant))
    return [
        {
            "id": role.pk,
            "name": role.name,
            "everyone": role.everyone,
            "members": members[role.pk],
            "departments": departments[role.pk],
            "grants": grants[role.pk],
        }
        for role in roles
    ]


def _grant_document(grant: Grant) -> dict[str, Any]:
    target: dict[str, Any] = {}
    if grant.custom_form_id is not None:
        target = {"custom_form_id": grant.custom_form_id}
    elif grant.custom_app_id is not None:
        target = {"custom_app_id": grant.custom_app_id}
    rows = {"tab": grant.tab.name} if grant.rows == Rows.TAB and grant.tab else grant.rows
    return {**target, "verbs": grant.verbs, "rows": rows, "hidden": grant.hidden, "read_only": grant.read_only}


@transaction.atomic
def role_save(*, organization_id: int, values: Mapping[str, Any], actor: Actor, role: Role | None = None) -> Role:
    """Make a role of these values (shape: `role_document`), or make `role` so; of one that exists, keys that are left
    out stay as they are. Raises Refused with every fault; Forbidden for who may not manage people, and for what is more
    than the actor has, in the role as it was or as it shall be."""
    require_people(actor, organization_id)
    # One at a time: names are unique, and what an actor may give is judged by what is stored.
    lock_people(organization_id)
    if role is not None:
        if role.organization_id != organization_id:
            raise ValueError("the role is another organization's")
        _require_all(actor, role)
        values = {**role_document(role), **{key: values[key] for key in values if key != "id"}}
    read = read_role(values, organization_id=organization_id, role=role)
    made = role or Role(organization_id=organization_id)
    made.name, made.everyone = read.name, read.everyone
    wanted = [given(grant_row(made, grant)) for grant in read.grants]
    refused = set(beyond(actor, wanted))
    if refused:
        raise Forbidden([_beyond_fault(place) for place, each in enumerate(wanted) if each in refused])
    _require_sums(actor, read, wanted, made)
    _write(made, read)
    keep_administrator(actor)
    return made


@transaction.atomic
def role_delete(*, role: Role, actor: Actor) -> None:
    """Take a role away from all who have it. Raises Forbidden as `role_save` does, Refused for the last
    administrator's."""
    require_people(actor, role.organization_id)
    lock_people(role.organization_id)
    _require_all(actor, role)
    role.delete()
    keep_administrator(actor)


def may_edit(actor: Actor, role: Role) -> bool:
    """Whether the actor has all that the role gives."""
    return not beyond(actor, _given(role))


def _given(role: Role) -> Iterable[Any]:
    return [given(grant) for grant in role.grants.select_related("role", "tab")]


def _require_all(actor: Actor, role: Role) -> None:
    if not may_edit(actor, role):
        message = _("This role gives more than you have yourself, so you can't change it.")
        raise Forbidden([Fault("beyond_own_rights", message, got=role.name)])


def _require_sums(actor: Actor, read: RoleValues, wanted: Collection[Given], role: Role) -> None:
    """Raises Forbidden where somebody would have, by the role beside what they have already, more than the actor."""
    if Giver(actor, ()).has_all:
        return
    assigned = Assigned(role.organization_id)
    below = assigned.directory.members_below([department.did for department in read.departments])
    uids = assigned.keys if read.everyone else dict.fromkeys([*(member.uid for member in read.members), *below])
    giver = Giver(actor, [*wanted, *assigned.of(assigned.given)])
    taken = [role.pk] if role.pk else []
    for uid in exceeding_uids(giver, assigned, uids, taken=taken, new=wanted):
        raise Forbidden([exceeding_fault(uid)])


def _require_sum(actor: Actor, member: Member, had: Collection[int], wanted: Collection[int]) -> None:
    """The same of one member who has these roles by name, and shall have those."""
    if Giver(actor, ()).has_all:
        return
    assigned = Assigned(member.organization_id, ())
    others = assigned.roles(None, assigned.directory.departments_of(member.uid))
    giver = Giver(actor, assigned.of(assigned.given))
    if giver.exceeds(assigned.of(others | {*had}), assigned.of(others | {*wanted})):
        raise Forbidden([exceeding_fault(member.uid)])


def _beyond_fault(place: int) -> Fault:
    message = _("This gives more than you have yourself.")
    return Fault("beyond_own_rights", message, field="grants", index=place)


def grant_row(role: Role, values: GrantValues) -> Grant:
    """The row of a grant, not saved."""
    return Grant(
        role=role,
        custom_form_id=values.form_id,
        custom_app_id=values.app_id,
        verbs=list(values.verbs),
        rows=values.rows,
        tab=values.tab,
        hidden=list(values.hidden),
        read_only=list(values.read_only),
    )


def _write(role: Role, read: RoleValues) -> None:
    role.save()
    role.members.set(read.members)
    role.departments.set(read.departments)
    # Grants keep their rows as far as they go, so that the audit tells what changed and no more.
    kept = list(role.grants.order_by("pk"))
    for place, grant in enumerate(read.grants):
        row = grant_row(role, grant)
        if place < len(kept):
            row.pk, row._state.adding = kept[place].pk, False
        row.save()
    for left in kept[len(read.grants) :]:
        left.delete()


@transaction.atomic
def member_roles_save(*, member: Member, roles: Iterable[Role], actor: Actor) -> None:
    """Give the member exactly these roles by name; those by department or for everyone stay. Raises Forbidden for a
    role that gives more than the actor has, whether it is given or taken; Refused where it is taken from the last
    administrator."""
    require_people(actor, member.organization_id)
    lock_people(member.organization_id)
    wanted = {role.pk: role for role in roles}
    had = {role.pk: role for role in member.roles.all()}
    changed = [role for pk, role in {**had, **wanted}.items() if (pk in had) != (pk in wanted)]
    if any(role.organization_id != member.organization_id for role in changed):
        raise ValueError("a role is another organization's")
    for role in changed:
        _require_all(actor, role)
    _require_sum(actor, member, had, wanted)
    if changed:
        member.roles.set(wanted.values())
        keep_administrator(actor)
