"""What an actor may read: told here once more, by the contract's words and not by the product's code."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

A, B = (b64encode(letter * 16).decode() for letter in (b"a", b"b"))
ACTOR = 3
"""Stands in department 3, above department 4, where member 4 stands; members 1 and 2 stand elsewhere."""
BELOW, BESIDE = {3, 4}, {3}

READS = {
    "leads": {"rating": ["credit"]},
    "deals": {
        "margin": ["amount", "cost"],
        "twice": ["margin"],
        "late": ["due"],
        "standing": ["partner", "leads.credit"],
        "rated": ["partner", "leads.rating", "amount"],
    },
}
TABS = {
    "cheap": ("amount", lambda value: value is not None and value <= 50),
    "first": ("stage", lambda value: value == A),
    "costly": ("cost", lambda value: value is not None and value >= 50),
}


@dataclass(frozen=True)
class GrantSpec:
    """A grant before it is a row. `target`: a form's name, "app" (that of deals and leads) or "all"."""

    target: str
    verbs: frozenset[str]
    rows: str
    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()

    def applies(self, form: str) -> bool:
        return self.target in (form, "all") or (self.target == "app" and form != "secret")


@dataclass(frozen=True)
class Oracle:
    """What the contract lets the actor read. `verbs` and `only` are the token's limits."""

    grants: Sequence[GrantSpec]
    verbs: frozenset[str] | None
    only: frozenset[str] | None

    def applying(self, form: str) -> list[GrantSpec]:
        return [grant for grant in self.grants if grant.applies(form) and grant.verbs]

    def reads_form(self, form: str) -> bool:
        given = {verb for grant in self.applying(form) for verb in grant.verbs}
        in_token = (self.only is None or form in self.only) and (self.verbs is None or "read" in self.verbs)
        return in_token and "read" in given

    def rows(self, form: str) -> set[str]:
        return {grant.rows for grant in self.applying(form)}

    def reads_record(self, form: str, owner: int, values: Mapping[str, Any]) -> bool:
        rows = self.rows(form)
        if not self.reads_form(form):
            return False
        owners = {"all": {owner}, "own": {ACTOR}, "department": BESIDE, "department_below": BELOW}
        return any(owner in owners[row] if row in owners else TABS[row][1](values.get(TABS[row][0])) for row in rows)

    def reads_field(self, form: str, name: str) -> bool:
        """A field of records that may be read: no grant shows it, or it is computed of what may not be read."""
        if not self.reads_form(form) or all(name in grant.hidden for grant in self.applying(form)):
            return False
        for source in READS[form].get(name, ()):
            other, _, inner = source.rpartition(".")
            if other and not (self.rows(other) & {"all"}):
                return False
            if not self.reads_field(other or form, inner):
                return False
        return True


def given_anything(oracle: Oracle, form: str) -> bool:
    """Whether the form exists for the actor at all."""
    given = {verb for grant in oracle.applying(form) for verb in grant.verbs}
    if oracle.verbs is not None:
        given &= oracle.verbs
    return (oracle.only is None or form in oracle.only) and bool(given & {"read", "create", "design"})
