"""Who acts: a member of an organization, with what their token allows, or the system under a name."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Actor:
    """`verbs` and `form_ids` are a token's limits (None: none). `system` names what acts without a member's rights: a
    flow, a load, a platform's operator. `stage_form_id` is the form that the actor acts on at a stage of its ticket,
    with what the flow gives there."""

    organization_id: int
    member_id: int
    uid: int
    verbs: frozenset[str] | None = None
    form_ids: frozenset[int] | None = None
    system: str = ""
    stage_form_id: int | None = None

    def __hash__(self) -> int:
        """Caches look rights up by it some times in a request; who is equal has the same member."""
        return hash(self.member_id)

    @classmethod
    def acting_for(cls, organization_id: int, system: str, uid: int = 0) -> Actor:
        """The system by this name, in the organization; `uid` is whose its records become."""
        return cls(organization_id, 0, uid, system=system)

    def reaches(self, form_id: int, organization_id: int) -> bool:
        """Whether a form of that organization can exist for the actor at all."""
        return organization_id == self.organization_id and (self.form_ids is None or form_id in self.form_ids)

    def at_stage(self, form_id: int) -> Actor:
        """The same at a stage of a ticket of this form, which the flow put them to."""
        return replace(self, stage_form_id=form_id)
