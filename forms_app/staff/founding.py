"""A new organization with whoever administers it, who lets all others in."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types._text import is_blank_text
from forms_app.models import Member, Organization, Role
from forms_app.models.role import ADMINISTRATORS
from forms_app.people.actor import Actor
from forms_app.people.invitations import account_faults, account_make, invite

FIRST_UID = 1
NAME_LENGTH = 100


class Founded(NamedTuple):
    """`invitation` is (id, token) of the link by which the administrator sets their password."""

    organization: Organization
    administrator: Member
    account: User
    invitation: tuple[str, str]


@transaction.atomic
def organization_found(*, name: str, administrator: str, username: str, email: str = "") -> Founded:
    """An organization of this name, its first member by theirs, with every right, and an account that awaits its
    password. Raises Refused with every fault."""
    name, administrator, username, email = (text.strip() for text in (name, administrator, username, email))
    faults = [
        *_name_faults("name", name),
        *_name_faults("administrator", administrator),
        *account_faults(username, email),
    ]
    if faults:
        raise Refused(faults)
    organization = Organization.objects.create(name=name)
    member = Member.objects.create(organization=organization, uid=FIRST_UID, name=administrator)
    member.roles.add(Role.objects.get(organization=organization, name=ADMINISTRATORS))
    operator = Actor.acting_for(organization.pk, "platform")
    account = account_make(member=member, username=username, email=email, actor=operator)
    return Founded(organization, member, account, invite(member=member, actor=operator))


def _name_faults(field: str, text: str) -> list[Fault]:
    if is_blank_text(text):
        return [Fault("required", _("A name is needed."), field=field)]
    if len(text) > NAME_LENGTH:
        message = _("At most {limit} characters are allowed.").format(limit=NAME_LENGTH)
        return [Fault("too_long", message, field=field, allowed={"max": NAME_LENGTH})]
    return []
