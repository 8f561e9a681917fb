"""Who acts: a member of an organization, with what their token allows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """`form_ids` limits the forms that exist for the actor; None: all of the organization."""

    organization_id: int
    member_id: int
    uid: int
    read_only: bool = False
    form_ids: frozenset[int] | None = None

    def sees(self, form_id: int, organization_id: int) -> bool:
        """Whether a form of that organization exists for the actor."""
        return organization_id == self.organization_id and (self.form_ids is None or form_id in self.form_ids)
