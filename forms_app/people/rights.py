"""Rights: what an actor may do on one form. Frozen: what is made for some rights serves whoever has the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from forms_app.models import Rows, Verb

VERBS: tuple[str, ...] = tuple(verb for verb in Verb.values if verb != Verb.PEOPLE)
"""The verbs that are given on forms."""
RECORD_VERBS: tuple[str, ...] = tuple(verb for verb in VERBS if verb != Verb.DESIGN)
READING = frozenset({str(Verb.READ), str(Verb.EXPORT)})
"""The verbs that change nothing."""
FILLING = frozenset({str(Verb.CREATE), str(Verb.UPDATE)})
BLIND = frozenset({str(Verb.CREATE), str(Verb.DESIGN)})
"""The verbs that have a meaning for who may not read."""

ALL_ROWS = str(Rows.ALL)
TAB_ROWS = "tab:"
"""Begins the name of rows that are a tab's."""


@dataclass(frozen=True)
class Rights:
    """`verbs`; `rows`: the names of what may be reached (of Rows, or TAB_ROWS and a tab's name), any of them does;
    names of fields that are `hidden`, and of those that are `read_only`."""

    verbs: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()

    def may(self, verb: str) -> bool:
        return verb in self.verbs

    @property
    def all_rows(self) -> bool:
        """Whether every record may be read."""
        return ALL_ROWS in self.rows and Verb.READ in self.verbs

    def only(self, verbs: frozenset[str]) -> Rights:
        """The same with no other verbs than these."""
        return replace(self, verbs=_with_sense(self.verbs & verbs))

    def cover(self, other: Rights) -> bool:
        """Whether nothing is in `other` that is not in these."""
        return (
            other.verbs <= self.verbs
            and (ALL_ROWS in self.rows or other.rows <= self.rows)
            and self.hidden <= other.hidden
            and (self.read_only <= other.read_only | other.hidden or not other.verbs & FILLING)
        )


NONE = Rights()
EVERYTHING = Rights(verbs=frozenset(VERBS), rows=frozenset({ALL_ROWS}))


class Given(NamedTuple):
    """A grant of a role as it is summed up; neither form nor app: on all forms."""

    role_id: int
    role_name: str
    form_id: int | None
    app_id: int | None
    verbs: frozenset[str]
    rows: str
    hidden: frozenset[str]
    read_only: frozenset[str]

    def applies(self, form_id: int, app_id: int) -> bool:
        """Whether it gives something on this form."""
        return self.form_id == form_id or (self.form_id is None and self.app_id in (None, app_id))

    def reaches(self, other: Given) -> bool:
        """Whether it applies wherever the other one does."""
        if self.form_id is not None:
            return self.form_id == other.form_id
        return self.app_id is None or (self.app_id == other.app_id and other.form_id is None)

    @property
    def rights(self) -> Rights:
        return summed([self])


def summed(given: Iterable[Given]) -> Rights:
    """What these grants give together: a verb, row or field that any of them gives is given. A field can be written
    where a grant to fill in forms does not hold it back. What gives nothing on forms shows no row or field of them."""
    grants = [grant for grant in given if grant.verbs.intersection(VERBS)]
    verbs = frozenset(verb for grant in grants for verb in grant.verbs if verb in VERBS)
    rows = frozenset(grant.rows for grant in grants)
    named = frozenset(name for grant in grants for name in grant.hidden | grant.read_only)
    seen = {name for name in named if any(name not in grant.hidden for grant in grants)}
    written = {
        name
        for name in named
        if any(grant.verbs & FILLING and name not in grant.hidden | grant.read_only for grant in grants)
    }
    return Rights(
        verbs=_with_sense(verbs),
        rows=frozenset({ALL_ROWS}) if ALL_ROWS in rows else rows,
        hidden=named - seen,
        read_only=frozenset(seen - written),
    )


def _with_sense(verbs: frozenset[str]) -> frozenset[str]:
    """Who may not read what is there can't change, hand over or delete it either."""
    return verbs if Verb.READ in verbs else verbs & BLIND
