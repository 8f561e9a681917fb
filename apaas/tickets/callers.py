"""Who calls the ticket API: the member behind a security code, or that of an access token."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apaas import journal, sign_in
from apaas.authentication import admitted, hint_of, known_token
from apaas.exceptions import NotAuthenticated
from apaas.requests.idempotency import caller_name
from forms_app.exceptions import Fault
from forms_app.journal.events import Kind
from forms_app.models import Member
from forms_app.people.actor import Actor
from forms_app.people.security_codes import security_code_user, was_security_code

CODE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""What every code looks like, so that a token costs no look-up among them."""


@dataclass(frozen=True)
class Caller:
    """The member who acts, and by what name their keys are known (apaas.requests.idempotency)."""

    actor: Actor
    name: str


def caller_of(security: Any, request: HttpRequest) -> Caller:
    """Who stands behind the parameter `security`, as the request brings it. Raises NotAuthenticated, Throttled."""
    if not isinstance(security, str) or not security:
        raise NotAuthenticated(
            [Fault("required", _("A security code or an access token is needed."), field="security")]
        )
    user = security_code_user(security) if CODE.fullmatch(security) else None
    if user is not None:
        actor = member_actor(user)
        journal.saw(request, seen_actor=actor)
        return Caller(actor, caller_name(None, actor))
    if CODE.fullmatch(security) and known_token(security) is None:
        # One that has ended was right once: its client is told to get another.
        ended = was_security_code(security)
        journal.door(Kind.CODE_REFUSED, request, reason="ended" if ended else "unknown", hint=hint_of(security))
        raise expired_security() if ended else unknown_security(sign_in.wrong_code(request))
    try:
        token = admitted(security, request)
        return Caller(token.actor, caller_name(token, token.actor))
    except NotAuthenticated:
        raise unknown_security() from None


def unknown_security(wait: int = 0) -> NotAuthenticated:
    """The refusal of what stands for nobody."""
    message = _("No such security code or access token, or it has ended. A code ends after {seconds} idle seconds.")
    message = message.format(seconds=settings.SECURITY_CODE_IDLE_SECONDS)
    refused = NotAuthenticated([Fault("unknown_security", message, field="security")])
    refused.wait = wait
    return refused


def expired_security() -> NotAuthenticated:
    """The refusal of a code that was right once: its client gets another."""
    message = _("The security code has expired after {seconds} idle seconds, or was ended. Get another.")
    message = message.format(seconds=settings.SECURITY_CODE_IDLE_SECONDS)
    return NotAuthenticated([Fault("expired_security", message, field="security")])


def member_actor(user: User) -> Actor:
    """The active member that the account is linked to. Raises NotAuthenticated."""
    member = Member.objects.filter(user_id=user.pk, is_active=True).first()
    if member is None:
        message = _("The account is linked to no active member.")
        raise NotAuthenticated([Fault("no_member", message, field="security")])
    return Actor(organization_id=member.organization_id, member_id=member.pk, uid=member.uid)
