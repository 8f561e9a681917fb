"""Who administers an organization: its active members who have the verb `people`. One of them stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.exceptions import Fault, Refused
from forms_app.models import Department, Member, Organization, Role, Verb
from forms_app.people.actor import Actor


@dataclass(frozen=True)
class Administration:
    """To whom the roles with the verb `people` are given: to everyone, to members by their keys, to who stands in one
    of the departments (dids, with those below)."""

    organization_id: int
    everyone: bool
    members: frozenset[int]
    dids: frozenset[int]

    def includes(self, member_id: int | None, dids: Collection[int]) -> bool:
        """Whether a member who stands in these departments has the verb."""
        return self.everyone or member_id in self.members or not self.dids.isdisjoint(dids)

    def active(self) -> QuerySet[Member]:
        """The active members who have it."""
        active = Member.objects.filter(organization_id=self.organization_id, is_active=True)
        given = Q(pk__in=self.members) | Q(departments__did__in=self.dids)
        return active if self.everyone else active.filter(given).distinct()


def administration(organization_id: int, above: Mapping[int, int | None] | None = None) -> Administration:
    """As it is stored, past all caches; `above` is the tree of departments (did: the one above), if not the stored one.
    At most four statements."""
    roles = Role.objects.filter(organization_id=organization_id, grants__verbs__contains=[Verb.PEOPLE])
    found = dict(roles.values_list("pk", "everyone"))
    named = Role.members.through.objects.filter(role__in=found).values_list("member_id", flat=True)
    given = set(Role.departments.through.objects.filter(role__in=found).values_list("department__did", flat=True))
    if given and above is None:
        above = dict(Department.objects.filter(organization_id=organization_id).values_list("did", "parent__did"))
    dids = {did for did in above or () if _stands_below(did, given, above or {})}
    return Administration(organization_id, any(found.values()), frozenset(named), frozenset(dids))


def _stands_below(did: int, given: Collection[int], above: Mapping[int, int | None]) -> bool:
    seen: set[int] = set()
    place: int | None = did
    while place is not None and place not in seen:
        if place in given:
            return True
        seen.add(place)
        place = above.get(place)
    return False


def lock_people(organization_id: int) -> Organization:
    """The organization, locked until the transaction ends: who changes its roles or people comes one at a time. Who
    makes something else of the organization's is not waited for: each of two would wait for the other."""
    tags.hold()
    return Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def keep_administrator(actor: Actor) -> None:
    """To be called after the write, in its transaction. Raises Refused where nobody administers the actor's
    organization any more. The platform may take the last one away: it can give the role again."""
    if actor.system:
        return
    lock_people(actor.organization_id)
    if not administration(actor.organization_id).active().exists():
        raise Refused([last_fault()])


def last_fault() -> Fault:
    message = _("Then nobody could manage people and rights any more. Give somebody else that right first.")
    return Fault("last_administrator", message)
