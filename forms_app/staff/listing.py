"""The members of an organization as its members look them up."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from forms_app.models import Member
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.people.permission import permit_look_up


def active_members(
    actor: Actor, *, name: str | None, uid: int | None, did: int | None, phone: str | None
) -> QuerySet[Member]:
    """Those that are active and fit all that is given: a part of the name, the uid, a department in which or below
    which they stand, the phone. Raises Forbidden for who has no right there."""
    permit_look_up(actor)
    members = Member.objects.filter(organization_id=actor.organization_id, is_active=True)
    if name is not None:
        members = members.filter(name__icontains=name)
    if uid is not None:
        members = members.filter(uid=uid)
    if phone is not None:
        members = members.filter(phone=phone)
    if did is not None:
        members = members.filter(uid__in=_below(actor.organization_id, did))
    return members


def _below(organization_id: int, did: int) -> Sequence[int]:
    return directory_of(organization_id).members_below([did])
