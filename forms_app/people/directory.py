"""Who stands where in an organization today: the tree of departments and their members, cached by the people's tag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from forms_app.caching.tagged import Tagged
from forms_app.models import Department, Member


@dataclass(frozen=True)
class OrganizationDirectory:
    """The tree of one organization: children and parent by did, members by did, departments by uid."""

    children: dict[int, list[int]] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    departments: dict[int, list[int]] = field(default_factory=dict)

    def departments_below(self, dids: Sequence[int]) -> Sequence[int]:
        """These departments and all below them; unknown ones stay, and match nothing."""
        below = dict.fromkeys(dids)
        waiting = list(dids)
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in below:
                    below[child] = None
                    waiting.append(child)
        return list(below)

    def departments_above(self, dids: Sequence[int]) -> Sequence[int]:
        """These departments and all above them."""
        above = dict.fromkeys(dids)
        waiting = list(dids)
        while waiting:
            parent = self.parents.get(waiting.pop())
            if parent is not None and parent not in above:
                above[parent] = None
                waiting.append(parent)
        return list(above)

    def members_below(self, dids: Sequence[int]) -> Sequence[int]:
        """The uids of who stands in these departments or below."""
        return [uid for did in self.departments_below(dids) for uid in self.members.get(did, ())]

    def departments_of(self, uid: int) -> Sequence[int]:
        return self.departments.get(uid, [])


_directories: Tagged[dict[int, OrganizationDirectory]] = Tagged(
    "who stands where, of each organization", dict, tag="people", most=1_000
)


def directory_of(organization_id: int) -> OrganizationDirectory:
    """The directory of the organization as of the current tag: two statements when people changed, else none."""
    directories = _directories.current()
    if organization_id in directories:
        return directories[organization_id]
    directory = OrganizationDirectory()
    rows = Department.objects.filter(organization_id=organization_id, parent__isnull=False)
    for parent, did in rows.values_list("parent__did", "did"):
        directory.children.setdefault(parent, []).append(did)
        directory.parents[did] = parent
    links = Member.departments.through.objects.filter(member__organization_id=organization_id)
    for uid, did in links.values_list("member__uid", "department__did"):
        directory.members.setdefault(did, []).append(uid)
        directory.departments.setdefault(uid, []).append(did)
    directories[organization_id] = directory
    return directory
