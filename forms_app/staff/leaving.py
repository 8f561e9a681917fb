"""Members who leave: nobody acts as them any more, and what is theirs goes to a successor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.database.cursor import fetch
from forms_app.database.queue import defer
from forms_app.exceptions import Fault, Forbidden, Refused
from forms_app.models import AccessToken, CustomForm, FormCounter, FormEntity, Member, SecurityCode
from forms_app.models.tracked import TrackedQuerySet
from forms_app.people.actor import Actor
from forms_app.people.administrators import keep_administrator, lock_people
from forms_app.people.delegation import require_people
from forms_app.people.directory import directory_of
from forms_app.records import statements
from forms_app.records.changes.entries import system_deed
from forms_app.schema.form_schema import FormSchema
from forms_app.staff.moves import Move, beyond_moves

INLINE = 10_000
"""An organization with so many records hands them over in the call itself; one with more in a job."""
BATCH = 1_000

# By hand: Django can't change an item of a JSON list.
STAGES = """
UPDATE ticket_token SET member_uids = (
    SELECT jsonb_agg(DISTINCT CASE WHEN uid = to_jsonb(%s::bigint) THEN to_jsonb(%s::bigint) ELSE uid END)
    FROM jsonb_array_elements(member_uids) AS pusher(uid)
)
WHERE custom_form_id = %s AND organization_id = %s AND state <> 'done' AND member_uids @> to_jsonb(%s::bigint)
RETURNING id
"""


@transaction.atomic
def member_leave(*, member: Member, successor: Member | None, actor: Actor) -> None:
    """Deactivate a member for good: their tokens, codes and sessions end, their records and the stages that wait for
    them go to the successor, if there is one. Raises Refused, and Forbidden for who may not manage people or would hand
    over more than they have."""
    require_people(actor, member.organization_id)
    lock_people(member.organization_id)
    if successor is not None:
        if fault := successor_fault(member.uid, successor.uid, successor):
            raise Refused([fault])
        if successor.organization_id != member.organization_id:
            raise ValueError("the successor is of another organization")
        dids = frozenset(directory_of(member.organization_id).departments_of(member.uid))
        if beyond_moves(actor, {member.uid: Move(member.pk, dids, dids, whole=True)}):
            raise Forbidden([beyond_fault()])
    member.is_active = False
    member.save(update_fields=["is_active"])
    keep_administrator(actor)
    end({member.uid: member}, {} if successor is None else {member.uid: successor.uid}, member.organization_id)


def successor_fault(uid: int, successor_uid: int, successor: Member | None) -> Fault | None:
    """What is wrong with a successor, if anything."""
    if successor_uid == uid:
        message = _("Nobody is their own successor.")
        return Fault("own_successor", message, field="successor_uid", got=successor_uid)
    if successor is None or not successor.is_active:
        message = _("There is no active member with uid {id}.").format(id=successor_uid)
        return Fault("unknown_member", message, field="successor_uid", got=successor_uid)
    return None


def beyond_fault() -> Fault:
    message = _("This member may do more than you, so you can't hand over what is theirs.")
    return Fault("beyond_own_rights", message, field="successor_uid")


def end(leavers: Mapping[int, Member], successors: Mapping[int, int], organization_id: int) -> None:
    """End all that acts for the leavers (by uid), who are inactive already, and hand over what is theirs: within the
    caller's transaction, or by a job where the organization is large."""
    accounts = [member.user_id for member in leavers.values() if member.user_id]
    members = [member.pk for member in leavers.values()]
    AccessToken.objects.filter(member__in=members, revoked_at=None).update(revoked_at=timezone.now())
    SecurityCode.objects.filter(user__in=accounts).delete()
    TrackedQuerySet(User).filter(pk__in=accounts).update(
        is_active=False
    )  # its sessions are asked for it at every request
    tags.bump("people", "tokens")
    if not successors:
        return
    pairs = sorted(successors.items())
    if kept_records(forms_of(organization_id)) > INLINE:
        defer("staff.hand_over", organization_id=organization_id, pairs=[list(pair) for pair in pairs])
    else:
        hand_over(organization_id, pairs)


def forms_of(organization_id: int) -> list[int]:
    return list(CustomForm.objects.filter(organization_id=organization_id).values_list("pk", flat=True))


def kept_records(form_ids: Sequence[int]) -> int:
    """How many records these forms hold, as their counters say."""
    return FormCounter.objects.filter(custom_form_id__in=form_ids).aggregate(live=Sum("live"))["live"] or 0


def hand_over(organization_id: int, pairs: Sequence[Sequence[int]]) -> None:
    """Give the records and waiting stages of each first uid to the second, form by form, in batches that commit one by
    one where no transaction is open. Done again, it does what is left."""
    forms = CustomForm.objects.filter(organization_id=organization_id).order_by("pk")
    for form_id in forms.values_list("pk", flat=True):
        schema = FormSchema.find(form_id)
        for uid, successor_uid in pairs:
            if schema is not None:
                _records(schema, uid, successor_uid)
            fetch(STAGES, [uid, successor_uid, form_id, organization_id, uid])


def _records(schema: FormSchema, uid: int, successor_uid: int) -> None:
    after = 0
    while True:
        with transaction.atomic():
            owned = FormEntity.objects.of_form(schema.id).filter(owner_uid=uid, id__gt=after).order_by("id")
            ids = list(owned.select_for_update().values_list("id", flat=True)[:BATCH])
            if not ids:
                return
            statements.transfer(schema, ids, successor_uid, None, system_deed())
        after = ids[-1]
