"""Whether an editor may put people into departments, or departments below others, as many at once as a call holds.

What `forms_app.people.delegation` judges for one person, with a fixed number of statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from forms_app.models import Rows
from forms_app.people.actor import Actor
from forms_app.people.assigned import Assigned
from forms_app.people.delegation import OF_DEPARTMENTS, beyond, impersonal
from forms_app.people.gains import Giver, moving_exceeds
from forms_app.people.rights import ALL_ROWS, Given
from forms_app.people.roles import given_to


class Move(NamedTuple):
    """A member (None: a new one) and the dids that they stand in before and after. `whole`: all that they have is in
    question, for it goes to somebody else."""

    member_id: int | None
    before: frozenset[int]
    after: frozenset[int]
    whole: bool = False


def beyond_moves(actor: Actor, moves: Mapping[int, Move]) -> set[int]:
    """The keys of the moves that give, or hand over, more than the actor has."""
    if actor.system or not moves:
        return set()
    known = Assigned(actor.organization_id, {move.member_id for move in moves.values() if move.member_id})
    giver = Giver(actor, known.of(known.given))
    wanted, exceeding = {}, set()
    for key, (member_id, before, after, whole) in moves.items():
        had, has = known.grants(member_id, before), known.grants(member_id, after)
        if giver.exceeds(had, has):
            exceeding.add(key)
        reaching = has if whole else {grant for grant in has if grant.rows in OF_DEPARTMENTS}
        entered = sorted(after if whole else after - before)
        gained = has - had if whole or entered else set()
        wanted[key] = gained | set(impersonal(actor, reaching, entered) if whole or entered else ())
    return exceeding | _refused(actor, wanted)


def beyond_regroupings(actor: Actor, above: Mapping[int, tuple[Sequence[int], Sequence[int]]]) -> set[int]:
    """The dids of departments, each with (those above before, those above after), by which their people would gain, or
    the actor see of them, more than the actor has."""
    if actor.system or not above:
        return set()
    known = Assigned(actor.organization_id)
    everyone = known.grants(None, ())
    own = set(known.directory.departments_above(known.directory.departments_of(actor.uid)))
    reaching = [grant._replace(rows=ALL_ROWS) for grant in given_to(actor) if grant.rows == Rows.DEPARTMENT_BELOW]
    gained = {did: set(after) - set(before) for did, (before, after) in above.items()}
    wanted = {did: (known.by(dids) - everyone) | set(reaching if dids & own else ()) for did, dids in gained.items()}
    return moving_exceeds(actor, known, gained) | _refused(actor, wanted)


def _refused(actor: Actor, wanted: Mapping[int, set[Given]]) -> set[int]:
    refused = set(beyond(actor, {grant for grants in wanted.values() for grant in grants}))
    return {key for key, grants in wanted.items() if grants & refused}
