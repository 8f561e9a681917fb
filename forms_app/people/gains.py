"""What comes to somebody with a role, beside what they have already.

Roles add up part by part: who may read all, and is given to change their own, may change all. That, too, is given only
by who has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault
from forms_app.models import CustomForm
from forms_app.people.actor import Actor
from forms_app.people.assigned import Assigned
from forms_app.people.rights import ALL_ROWS, BLIND, EVERYTHING, FILLING, NONE, READING, Given, Rights, summed
from forms_app.people.roles import given_to

ANY_FIELD = ""
"""Stands for all fields that no grant names."""


class Place(NamedTuple):
    """Forms on which the same grants apply: one form, the others of an app, or all others."""

    form_id: int | None
    app_id: int | None

    def rights(self, grants: Iterable[Given]) -> Rights:
        return summed(grant for grant in grants if self.has(grant))

    def has(self, grant: Given) -> bool:
        if grant.form_id is not None:
            return grant.form_id == self.form_id
        return grant.app_id in (None, self.app_id)


class Giver:
    """Somebody who gives roles, and what they may add to whom. One statement, where grants name forms."""

    def __init__(self, actor: Actor, named: Iterable[Given]) -> None:
        """`named`: all grants that will be asked about."""
        self.actor = actor
        self.own = () if actor.system else given_to(actor)
        form_ids = {grant.form_id for grant in (*self.own, *named) if grant.form_id is not None}
        self.apps: Mapping[int, int] = {}
        if form_ids and not self.has_all:
            self.apps = dict(CustomForm.objects.filter(pk__in=form_ids).values_list("pk", "custom_app_id"))
        self.known: dict[tuple[frozenset[Given], frozenset[Given]], bool] = {}

    @property
    def has_all(self) -> bool:
        """Whether nothing can be more than they have."""
        return bool(self.actor.system) or self._rights(Place(None, None)).cover(EVERYTHING)

    def exceeds(self, before: Collection[Given], after: Collection[Given]) -> bool:
        """Whether somebody who had the grants `before` would gain by those `after` what the giver lacks."""
        if self.has_all:
            return False
        key = frozenset(before), frozenset(after)
        if key not in self.known:
            self.known[key] = any(
                _exceeds(place.rights(before), place.rights(after), self._rights(place))
                for place in self._places([*self.own, *before, *after])
            )
        return self.known[key]

    def _rights(self, place: Place) -> Rights:
        """What the giver has there, within the limits of their token."""
        if self.actor.form_ids is not None and place.form_id not in self.actor.form_ids:
            return NONE
        rights = place.rights(self.own)
        return rights if self.actor.verbs is None else rights.only(self.actor.verbs)

    def _places(self, grants: Iterable[Given]) -> set[Place]:
        places = {Place(None, None)}
        for grant in grants:
            if grant.form_id is not None:
                places.add(Place(grant.form_id, self.apps.get(grant.form_id, 0)))
            elif grant.app_id is not None:
                places.add(Place(None, grant.app_id))
        return places


def _exceeds(before: Rights, after: Rights, own: Rights) -> bool:
    """Whether a verb on a record's field is in `after` that is neither in `before` nor in `own`."""
    return any(
        not _holds(before, verb, rows, field) and not _holds(own, verb, rows, field)
        for verb, rows, field in _parts(after, before.hidden | before.read_only | own.hidden | own.read_only)
    )


def _parts(rights: Rights, named: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Each verb with the rows and fields on which it is held; those that are `named` elsewhere one by one."""
    fields = {ANY_FIELD, *named, *rights.hidden, *rights.read_only}
    for verb in rights.verbs:
        for rows in (ALL_ROWS,) if verb in BLIND else rights.rows:
            for field in fields if verb in READING | FILLING else (ANY_FIELD,):
                if _holds(rights, verb, rows, field):
                    yield verb, rows, field


def _holds(rights: Rights, verb: str, rows: str, field: str) -> bool:
    if verb not in rights.verbs or field in rights.hidden or (verb in FILLING and field in rights.read_only):
        return False
    return verb in BLIND or ALL_ROWS in rights.rows or rows in rights.rows


def exceeding_uids(
    giver: Giver, assigned: Assigned, uids: Iterable[int], *, taken: Collection[int] = (), new: Collection[Given]
) -> list[int]:
    """Those to whom the grants `new`, in place of what the roles `taken` give them, would bring more than the giver
    has."""
    found = []
    for uid in uids:
        roles = assigned.roles(assigned.keys.get(uid), assigned.directory.departments_of(uid))
        if giver.exceeds(assigned.of(roles), assigned.of(roles - {*taken}) | {*new}):
            found.append(uid)
    return found


def moving_exceeds(actor: Actor, assigned: Assigned, gained: Mapping[int, Collection[int]]) -> set[int]:
    """The dids of those departments (each with the dids of those that come above it) whose people would gain, by their
    roles beside what they have, more than the actor has."""
    giver = Giver(actor, assigned.of(assigned.given))
    return {
        did
        for did, above in gained.items()
        if exceeding_uids(giver, assigned, assigned.directory.members_below([did]), new=assigned.by(above))
    }


def exceeding_fault(uid: int, field: str = "") -> Fault:
    """Says for whom it would be too much."""
    message = _("Beside what the member with uid {uid} has already, this gives more than you have yourself.")
    return Fault("beyond_own_rights", message.format(uid=uid), field=field, got=uid)
