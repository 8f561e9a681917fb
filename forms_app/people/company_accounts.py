"""The account of somebody whom their company's sign-in vouches for: matched with a member, made only where told to."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q

from forms_app.caching import tags
from forms_app.models import Member, Organization

LONGEST_KEY = 64
"""As `third_userid` holds it."""
LONGEST_USERNAME = 150


@dataclass(frozen=True)
class Identity:
    """Who somebody is by their company's word. `email` is "" unless the company verified it."""

    key: str
    email: str = ""
    name: str = ""
    username: str = ""


@transaction.atomic
def company_account(identity: Identity, *, organization_id: int | None, create: bool = False) -> User | None:
    """The account of the member whom the identity fits; a member without one gets one. With `organization_id` only its
    members count, and with `create` somebody who fits none becomes one of them. None for anybody else: who fits two,
    or a member or an account that is switched off."""
    member, is_known = member_of(identity, organization_id)
    if member is None and create and not is_known and organization_id is not None:
        member = _new_member(identity, organization_id)
    if member is None:
        return None
    if member.user_id is None:
        _give_account(member, identity)
    user = member.user
    return user if user is not None and user.is_active else None


def member_of(identity: Identity, organization_id: int | None) -> tuple[Member | None, bool]:
    """(the active member whom the identity fits, whether it fits anybody): by `third_userid`, and where nobody has it
    by the e-mail of the account of somebody who has none."""
    members = Member.objects.select_related("user").order_by("pk")
    if organization_id is not None:
        members = members.filter(organization=organization_id)
    found = list(members.filter(third_userid=identity.key)[:2])
    if not found and identity.email:
        without_key = Q(third_userid=None) | Q(third_userid="")
        found = list(members.filter(without_key, user__email__iexact=identity.email)[:2])
    single = found[0] if len(found) == 1 and found[0].is_active else None
    return single, bool(found)


def _new_member(identity: Identity, organization_id: int) -> Member | None:
    """None where somebody else just made them, or the organization is gone: the next sign-in tells which."""
    tags.hold()
    organization = Organization.objects.select_for_update(no_key=True).filter(pk=organization_id).first()
    members = Member.objects.filter(organization=organization_id)
    if organization is None or members.filter(third_userid=identity.key).exists():
        return None
    uid = int(members.aggregate(most=Max("uid"))["most"] or 0) + 1
    name = (identity.name or identity.username or identity.email or identity.key)[:100]
    return Member.objects.create(organization=organization, uid=uid, name=name, third_userid=identity.key)


def _give_account(member: Member, identity: Identity) -> None:
    """An account that opens by the company's sign-in alone: its password is none."""
    tags.hold()
    locked = Member.objects.select_for_update().get(pk=member.pk)
    if locked.user_id is None:
        wanted = (identity.username, identity.email, identity.key, f"{member.organization_id}-{member.uid}")
        names = [name[:LONGEST_USERNAME] for name in wanted if name]
        taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
        free = next((name for name in names if name not in taken), None)
        if free is None:
            return
        locked.user = User.objects.create_user(free, identity.email, is_staff=True)
        locked.save(update_fields=["user"])
    member.user = locked.user
