"""What is a member's: what a leaver hands over, and what ends with them."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count, F

from forms_app.models import AccessToken, FormEntity, Member, SecurityCode, TicketToken
from forms_app.people.actor import Actor
from forms_app.people.delegation import require_people
from forms_app.staff import leaving

MOST_COUNTED = 200_000
"""Records have no index by owner: of an organization with more of them, a leaver's are not counted."""


class Belongings(NamedTuple):
    """`records` is None where they were not counted; `stages` are those that wait, as (flow, how many); `later`: what
    is handed over goes by a job."""

    records: int | None
    stages: list[tuple[str, int]]
    tokens: int
    codes: int
    account: str
    later: bool

    @property
    def waiting(self) -> int:
        return sum(count for _flow, count in self.stages)


def belongings(member: Member, actor: Actor) -> Belongings:
    """What is the member's. At most six statements. Raises Forbidden for who may not manage people."""
    require_people(actor, member.organization_id)
    form_ids = leaving.forms_of(member.organization_id)
    kept = leaving.kept_records(form_ids)
    own = FormEntity.objects.filter(custom_form_id__in=form_ids, owner_uid=member.uid)
    waiting = TicketToken.objects.open().filter(
        custom_form_id__in=form_ids, organization_id=member.organization_id, member_uids__contains=member.uid
    )
    flows = waiting.order_by().values(flow=F("ticket__flow__name")).annotate(stages=Count("id")).order_by("flow")
    return Belongings(
        records=own.count() if kept <= MOST_COUNTED else None,
        stages=[(row["flow"], row["stages"]) for row in flows],
        tokens=AccessToken.objects.filter(member=member, revoked_at=None).count(),
        codes=SecurityCode.objects.filter(user=member.user_id).count() if member.user_id else 0,
        account=member.user.username if member.user and member.user.is_active else "",
        later=kept > leaving.INLINE,
    )
