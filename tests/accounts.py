"""Accounts of members, and what roles they have."""

from __future__ import annotations

from typing import Any

from django.test import Client

from forms_app.models import Grant, Member, Role
from forms_app.models.role import ADMINISTRATORS, EVERYONE
from tests.factories import UserFactory


def linked(client: Client, member: Member, *verbs: str, **account: Any) -> Client:
    """The client signed in with an account of the member: with the rights that everyone has, or with these verbs on all
    forms and nothing else."""
    member.user = UserFactory(is_staff=False, **account)
    member.save()
    if verbs:
        only(member, {"verbs": verbs})
    client.force_login(member.user)
    return client


def administrator(member: Member) -> Member:
    """The member as one of the organization's administrators."""
    member.roles.add(Role.objects.get(organization=member.organization, name=ADMINISTRATORS))
    return member


def only(member: Member, *grants: dict[str, Any]) -> Role:
    """A role of the member alone with these grants; nobody else has what everyone has, and they no other role."""
    Role.objects.filter(organization=member.organization, name=EVERYONE).delete()
    member.roles.clear()
    role, _made = Role.objects.get_or_create(organization=member.organization, name=f"only {member.uid}")
    role.grants.all().delete()
    role.members.add(member)
    for grant in grants:
        Grant.objects.create(role=role, **{**grant, "verbs": list(grant["verbs"])})
    return role


def without_rights(member: Member) -> Member:
    """The member with no role at all."""
    only(member).delete()
    return member
