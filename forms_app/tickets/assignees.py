"""Who may be put to a stage: members who are active, departments in which, or below which, one stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from forms_app.models import Department, Member, TicketToken
from forms_app.people.directory import directory_of

Who = Mapping[str, Any]
"""Who may push, as rows keep it: {"anyone"} or {"members": uids, "departments": dids}."""


class Found(NamedTuple):
    """Of those who were named: the active members, the departments that there are, and whether any member stands there
    who could push."""

    members: Sequence[int]
    departments: Sequence[int]
    anybody: bool


def found(organization_id: int, uids: Iterable[int], dids: Iterable[int]) -> Found:
    """Looks them up: at most three statements."""
    active = Member.objects.filter(organization_id=organization_id, is_active=True)
    uids, dids = set(uids), set(dids)
    members = sorted(active.filter(uid__in=uids).values_list("uid", flat=True)) if uids else []
    known = Department.objects.filter(organization_id=organization_id, did__in=dids)
    departments = sorted(known.values_list("did", flat=True)) if dids else []
    return Found(members, departments, bool(members) or bool(staffed(organization_id, departments)))


def staffed(organization_id: int, dids: Sequence[int]) -> list[int]:
    """Those of the departments in which, or below which, an active member stands."""
    if not dids:
        return []
    directory = directory_of(organization_id)
    below = {did: set(directory.members_below([did])) for did in dids}
    active = Member.objects.filter(organization_id=organization_id, is_active=True)
    uids = set(active.filter(uid__in=set().union(*below.values())).values_list("uid", flat=True))
    return [did for did in dids if not uids.isdisjoint(below[did])]


def who_may_push(token: TicketToken) -> Who:
    """Whom a stage's row names."""
    if token.anyone:
        return {"anyone": True}
    return {"members": token.member_uids, "departments": token.department_dids}
