"""Accounts are made for members, who set their passwords themselves by a link that works once and for some days."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Forbidden, Refused
from forms_app.models import Member
from forms_app.people.actor import Actor
from forms_app.people.delegation import may_act_as, require_people

LONGEST_NAME = 150


class InvitationTokens(PasswordResetTokenGenerator):
    """Of an account as it is now: once its password is set, or another link was made, a link is worth nothing."""

    key_salt = "forms_app.people.invitations"


invitation_tokens = InvitationTokens()


@transaction.atomic
def account_make(*, member: Member, username: str, email: str = "", actor: Actor) -> User:
    """An account of the member that nobody can sign in to before its password is set. Raises Refused with every fault,
    Forbidden for who may not manage people or has not all of the member's rights."""
    _require(actor, member)
    username, email = username.strip(), email.strip()
    faults = account_faults(username, email)
    if not member.is_active:
        faults.append(Fault("unknown_member", _("The member is deactivated."), field="username"))
    if member.user_id is not None:
        faults.append(Fault("repeated", _("The member has an account already."), field="username"))
    if faults:
        raise Refused(faults)
    user = User(username=username, email=email, first_name=member.name[:150])
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # made at the same time by another
        raise Refused([_taken(username)]) from None
    member.user = user
    member.save(update_fields=["user"])
    return user


def invite(*, member: Member, actor: Actor) -> tuple[str, str]:
    """(id, token) of a new link for the member's account; earlier links to set the first password end. Raises
    Forbidden as `account_make` does."""
    _require(actor, member)
    user: Any = member.user
    if not user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return urlsafe_base64_encode(force_bytes(user.pk)), invitation_tokens.make_token(user)


def _require(actor: Actor, member: Member) -> None:
    require_people(actor, member.organization_id)
    if not may_act_as(actor, member):
        message = _("The member has more rights than you have yourself.")
        raise Forbidden([Fault("beyond_own_rights", message, got=member.uid)])


def account_faults(username: str, email: str) -> list[Fault]:
    """What is wrong with the names of a new account."""
    return [*_username_faults(username), *_email_faults(email)]


def _username_faults(username: str) -> list[Fault]:
    if not username:
        return [Fault("required", _("A sign-in name is needed."), field="username")]
    if len(username) > LONGEST_NAME:
        message = _("At most {limit} characters are allowed.").format(limit=LONGEST_NAME)
        return [Fault("too_long", message, field="username", allowed={"max": LONGEST_NAME})]
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        message = _("A sign-in name has letters, digits and @ . + - _ only.")
        return [Fault("invalid_name", message, field="username", got=username[:64])]
    return [_taken(username)] if User.objects.filter(username__iexact=username).exists() else []


def _taken(username: str) -> Fault:
    return Fault("repeated_name", _("This sign-in name is taken."), field="username", got=username[:64])


def _email_faults(email: str) -> list[Fault]:
    if not email:
        return []
    try:
        validate_email(email)
    except ValidationError:
        return [Fault("invalid_email", _("This is no e-mail address."), field="email", got=email[:64])]
    return []
