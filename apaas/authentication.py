"""Who calls: an access token, or in a browser the member behind an account that is signed in to the admin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from apaas import journal, throttling
from apaas.client_address import client_address
from apaas.exceptions import NotAuthenticated
from forms_app.audit.source import by_token
from forms_app.caching.tagged import Tagged
from forms_app.journal.events import Kind
from forms_app.models import AccessToken, Member
from forms_app.people.actor import Actor
from forms_app.people.networks import lies_in
from forms_app.people.tokens import PREFIX, digest

log = structlog.get_logger(__name__)
_CREDENTIALS = re.compile(r"""(?:^|[\s,;])token\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s,;"']+))""", re.IGNORECASE)
CHALLENGE = 'Token realm="apaas", Bearer realm="apaas"'
"""What a 401 says would have been understood."""
_SEEN_EVERY = timedelta(minutes=1)
LONGEST = 200
"""No token is longer; what is longer is not worth a hash."""


@dataclass
class KnownToken:
    """What a worker knows of a token while the tokens' tag stays. `ended` says why it is none any more, as the log says
    it."""

    pk: int
    actor: Actor
    expires_at: datetime | None
    seen_at: datetime | None
    limits: throttling.TokenLimits
    networks: tuple[str, ...] = ()
    ended: str = ""


_tokens: Tagged[dict[str, KnownToken]] = Tagged("tokens, by their hash", dict, tag="tokens", most=10_000)


def token_of(request: Any) -> str | None:
    """The token that the request carries, "" for a malformed one, None for none at all."""
    header = request.META.get("HTTP_ACCESS_TOKEN")
    if header is not None:
        return str(header).strip()
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    scheme, _space, rest = str(header).partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    match = _CREDENTIALS.search(rest) if scheme.lower() == "token" else None
    return next((part for part in match.groups() if part is not None), "") if match else ""


class TokenAuthentication(BaseAuthentication):
    """`ACCESS-TOKEN: <token>`, `Authorization: Bearer <token>` or `Authorization: Token token=<token>, device=pc`."""

    def authenticate(self, request: Request) -> tuple[Actor, KnownToken] | None:
        """(actor, what is known of the token), or None where none was sent. Raises NotAuthenticated, Throttled."""
        token = token_of(request)
        if token is None:
            return None
        known = admitted(token, request._request)
        by_token(known.pk)
        return known.actor, known

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def admitted(token: str, request: HttpRequest) -> KnownToken:
    """What is known of a token that may be used by this request; the use is noted. Raises NotAuthenticated, whose
    reason only the logs tell, and Throttled over the token's own rate."""
    now, address = timezone.now(), str(client_address(request) or "")
    known = known_token(token) if token.isascii() and 0 < len(token) <= LONGEST else None
    if known is not None:
        journal.saw(request, seen_actor=known.actor, seen_token=known.pk, seen_address=address)
    reason = refusal(known, now, address)
    if known is None or reason:
        # As much of the token as its page shows; a text that is no token may be a secret of something else.
        hint = token[:10] if token.startswith(PREFIX) and token.isascii() else ""
        log.warning("token refused", reason=reason, hint=hint, address=address)
        told = f"…{token[-4:]}" if known else hint_of(token)
        journal.door(Kind.TOKEN_REFUSED, request, reason=reason, token_id=known.pk if known else None, hint=told)
        raise NotAuthenticated
    throttling.check_token(known.limits, request)
    note_use(known, now)
    return known


def hint_of(unknown: str) -> str:
    """By what the journal tells unknown texts apart: a short hash, since each may be a secret of something else."""
    return f"#{digest(unknown[:LONGEST])[:8]}" if unknown else ""


def refusal(known: KnownToken | None, now: datetime, address: str) -> str:
    """Why the token may not be used; "" where it may."""
    if known is None:
        return "unknown"
    if known.ended:
        return known.ended
    if known.expires_at is not None and known.expires_at <= now:
        return "expired"
    if known.networks and not lies_in(address, known.networks):
        return "wrong network"
    return ""


def known_token(token: str) -> KnownToken | None:
    """The token: from memory while no token or member changed, else from its row. None: there never was such a one."""
    kept, key = _tokens.current(), digest(token)
    known = kept.get(key)
    if known is None:
        known = looked_up(key)
        if known is not None:
            kept[key] = known
    return known


def looked_up(key: str) -> KnownToken | None:
    """The token with this hash."""
    row = AccessToken.objects.filter(digest=key).select_related("member").first()
    if row is None:
        return None
    forms = frozenset(row.custom_forms.values_list("pk", flat=True)) if row.restricted else None
    actor = Actor(
        organization_id=row.organization_id,
        member_id=row.member_id,
        uid=row.member.uid,
        verbs=None if row.verbs is None else frozenset(row.verbs),
        form_ids=forms,
    )
    limits = throttling.TokenLimits(row.successor_id or row.pk, row.calls_per_minute, row.calls_at_once)
    ended = "revoked" if row.revoked_at else "" if row.member.is_active else "inactive member"
    return KnownToken(row.pk, actor, row.expires_at, row.last_used_at, limits, tuple(row.networks), ended)


def note_use(known: KnownToken, now: datetime) -> None:
    """Write when the token was last used, at most once a minute."""
    if known.seen_at is None or now - known.seen_at >= _SEEN_EVERY:
        known.seen_at = now
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _SEEN_EVERY)
        AccessToken.objects.filter(stale, pk=known.pk).update(last_used_at=now)


class MemberSessionAuthentication(SessionAuthentication):
    """Whoever is signed in acts as the member that their account is linked to; CSRF as usual."""

    def authenticate(self, request: Request) -> tuple[Actor, None] | None:
        """None without a session. Raises NotAuthenticated where the account is no member's."""
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active:
            return None
        member = Member.objects.filter(user_id=user.pk, is_active=True).first()
        if member is None:
            raise NotAuthenticated
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            # Of a POST the check asks for a form's field too; DRF would refuse to read JSON where no parser is named.
            self.enforce_csrf(request if request.parsers else request._request)  # type: ignore[arg-type]
        actor = Actor(organization_id=member.organization_id, member_id=member.pk, uid=member.uid)
        journal.saw(request._request, seen_actor=actor)
        return actor, None
