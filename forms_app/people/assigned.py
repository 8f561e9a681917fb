"""Which role of an organization gives what, and who has it: for questions about many people at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from forms_app.models import Grant, Member, Role
from forms_app.people.directory import directory_of
from forms_app.people.rights import Given
from forms_app.people.roles import given


class Assigned:
    """Of all members, or of these: four statements."""

    def __init__(self, organization_id: int, member_ids: Collection[int] | None = None) -> None:
        self.organization_id = organization_id
        self.directory = directory_of(organization_id)
        roles = Role.objects.filter(organization_id=organization_id)
        self.everyone = set(roles.filter(everyone=True).values_list("pk", flat=True))
        self.of_members: Mapping[int, set[int]] = defaultdict(set)
        named = Role.members.through.objects.filter(role__organization_id=organization_id)
        if member_ids is not None:
            named = named.filter(member__in=member_ids)
        for role_id, member_id in named.values_list("role_id", "member_id"):
            self.of_members[member_id].add(role_id)
        self.of_departments: Mapping[int, set[int]] = defaultdict(set)
        below = Role.departments.through.objects.filter(role__organization_id=organization_id)
        for role_id, did in below.values_list("role_id", "department__did"):
            self.of_departments[did].add(role_id)
        self.given: Mapping[int, set[Given]] = defaultdict(set)
        for grant in Grant.objects.filter(role__organization_id=organization_id).select_related("role", "tab"):
            self.given[grant.role_id].add(given(grant))

    @cached_property
    def keys(self) -> Mapping[int, int]:
        """The key of each member by uid: one statement more."""
        return dict(Member.objects.filter(organization_id=self.organization_id).values_list("uid", "pk"))

    def roles(self, member_id: int | None, dids: Iterable[int]) -> set[int]:
        """The roles of a member who stands in these departments."""
        named = self.of_members.get(member_id, set()) if member_id else set()
        return self.everyone | named | self.roles_of(self.directory.departments_above(list(dids)))

    def roles_of(self, dids: Iterable[int]) -> set[int]:
        """The roles of exactly these departments."""
        return {role_id for did in dids for role_id in self.of_departments.get(did, ())}

    def grants(self, member_id: int | None, dids: Iterable[int]) -> set[Given]:
        """What a member has who stands in these departments."""
        return self.of(self.roles(member_id, dids))

    def by(self, dids: Iterable[int]) -> set[Given]:
        """What the roles of exactly these departments give."""
        return self.of(self.roles_of(dids))

    def of(self, role_ids: Iterable[int]) -> set[Given]:
        """What these roles give."""
        return {grant for role_id in role_ids for grant in self.given.get(role_id, ())}
