"""The members of an organization as its members look them up."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from forms_app.models import Member
from forms_app.people.directory import directory_of


def active_members(
    organization_id: int, *, name: str | None, uid: int | None, did: int | None, phone: str | None
) -> QuerySet[Member]:
    """Those that are active and fit all that is given: a part of the name, the uid, a department in which or below
    which they stand, the phone."""
    members = Member.objects.filter(organization_id=organization_id, is_active=True)
    if name is not None:
        members = members.filter(name__icontains=name)
    if uid is not None:
        members = members.filter(uid=uid)
    if phone is not None:
        members = members.filter(phone=phone)
    if did is not None:
        members = members.filter(uid__in=_below(organization_id, did))
    return members


def _below(organization_id: int, did: int) -> Sequence[int]:
    return directory_of(organization_id).members_below([did])
