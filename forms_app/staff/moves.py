"""Whether an editor may put people into departments, or departments below others, as many at once as a call holds.

What `forms_app.people.delegation` judges for one person, with a fixed number of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from forms_app.models import Grant, Role, Rows
from forms_app.people.actor import Actor
from forms_app.people.delegation import OF_DEPARTMENTS, beyond, impersonal
from forms_app.people.directory import directory_of
from forms_app.people.rights import ALL_ROWS, Given
from forms_app.people.roles import given, given_to


class Move(NamedTuple):
    """A member (None: a new one) and the dids that they stand in before and after. `whole`: all that they have is in
    question, for it goes to somebody else."""

    member_id: int | None
    before: frozenset[int]
    after: frozenset[int]
    whole: bool = False


class _Assigned:
    """Which role gives what, and who has it: four statements."""

    def __init__(self, organization_id: int, member_ids: Collection[int]) -> None:
        self.directory = directory_of(organization_id)
        roles = Role.objects.filter(organization_id=organization_id)
        self.everyone = set(roles.filter(everyone=True).values_list("pk", flat=True))
        self.of_members: Mapping[int, set[int]] = defaultdict(set)
        named = Role.members.through.objects.filter(role__organization_id=organization_id, member__in=member_ids)
        for role_id, member_id in named.values_list("role_id", "member_id"):
            self.of_members[member_id].add(role_id)
        self.of_departments: Mapping[int, set[int]] = defaultdict(set)
        below = Role.departments.through.objects.filter(role__organization_id=organization_id)
        for role_id, did in below.values_list("role_id", "department__did"):
            self.of_departments[did].add(role_id)
        self.given: Mapping[int, set[Given]] = defaultdict(set)
        for grant in Grant.objects.filter(role__organization_id=organization_id).select_related("role", "tab"):
            self.given[grant.role_id].add(given(grant))

    def grants(self, member_id: int | None, dids: Iterable[int]) -> set[Given]:
        """What a member has who stands in these departments."""
        above = self.directory.departments_above(list(dids))
        return self.by(above) | self._of(self.everyone | (self.of_members[member_id] if member_id else set()))

    def by(self, dids: Iterable[int]) -> set[Given]:
        """What the roles of exactly these departments give."""
        return self._of({role_id for did in dids for role_id in self.of_departments.get(did, ())})

    def _of(self, role_ids: Iterable[int]) -> set[Given]:
        return {grant for role_id in role_ids for grant in self.given[role_id]}


def beyond_moves(actor: Actor, moves: Mapping[int, Move]) -> set[int]:
    """The keys of the moves that give, or hand over, more than the actor has."""
    if actor.system or not moves:
        return set()
    known = _Assigned(actor.organization_id, {move.member_id for move in moves.values() if move.member_id})
    wanted = {}
    for key, (member_id, before, after, whole) in moves.items():
        had, has = known.grants(member_id, before), known.grants(member_id, after)
        reaching = has if whole else {grant for grant in has if grant.rows in OF_DEPARTMENTS}
        entered = sorted(after if whole else after - before)
        gained = has - had if whole or entered else set()
        wanted[key] = gained | set(impersonal(actor, reaching, entered) if whole or entered else ())
    return _refused(actor, wanted)


def beyond_regroupings(actor: Actor, above: Mapping[int, tuple[Sequence[int], Sequence[int]]]) -> set[int]:
    """The dids of departments, each with (those above before, those above after), by which their people would gain, or
    the actor see of them, more than the actor has."""
    if actor.system or not above:
        return set()
    known = _Assigned(actor.organization_id, ())
    everyone = known.grants(None, ())
    own = set(known.directory.departments_above(known.directory.departments_of(actor.uid)))
    reaching = [grant._replace(rows=ALL_ROWS) for grant in given_to(actor) if grant.rows == Rows.DEPARTMENT_BELOW]
    wanted = {}
    for did, (before, after) in above.items():
        gained = set(after) - set(before)
        wanted[did] = (known.by(gained) - everyone) | set(reaching if gained & own else ())
    return _refused(actor, wanted)


def _refused(actor: Actor, wanted: Mapping[int, set[Given]]) -> set[int]:
    refused = set(beyond(actor, {grant for grants in wanted.values() for grant in grants}))
    return {key for key, grants in wanted.items() if grants & refused}
