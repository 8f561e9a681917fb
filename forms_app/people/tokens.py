"""Access tokens: made, shown once, found again by a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.exceptions import Conflict, Fault
from forms_app.models import AccessToken, CustomForm, Member, Verb

PREFIX = "apaas_"
"""Begins every token, so that scanners of source code know one when they see it."""
LONGEST_OVERLAP = 24 * 90
"""So many hours a token may work on beside its successor."""


def new_token() -> str:
    """A token that can't be guessed: the prefix and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """The keyed hash that is kept: without SECRET_KEY a stolen table proves nothing."""
    return hmac.digest(_key(settings.SECRET_KEY), token.encode(errors="surrogatepass"), "sha256").hex()


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"forms_app.access_token" + secret.encode()).digest()


def token_create(
    *,
    member: Member,
    name: str,
    token: str | None = None,
    verbs: Iterable[str] | None = None,
    custom_forms: Iterable[CustomForm] = (),
    networks: Sequence[str] = (),
    expires_at: datetime | None = None,
    calls_per_minute: int | None = None,
    calls_at_once: int | None = None,
) -> tuple[AccessToken, str]:
    """A new token acting as `member`, with no more than these verbs (None: all that the member has): (its row, the
    token itself, which is not kept)."""
    token = token or new_token()
    row = AccessToken.objects.create(
        organization_id=member.organization_id,
        member=member,
        name=name,
        digest=digest(token),
        hint=token[:10],
        verbs=None if verbs is None else [verb for verb in Verb.values if verb in set(verbs)],
        networks=list(networks),
        expires_at=expires_at,
        calls_per_minute=calls_per_minute,
        calls_at_once=calls_at_once,
    )
    token_limit(access_token=row, custom_forms=custom_forms)
    return row, token


def token_limit(*, access_token: AccessToken, custom_forms: Iterable[CustomForm]) -> None:
    """Limit a token to these forms; to all of its organization when there are none."""
    forms = list(custom_forms)
    access_token.custom_forms.set(forms)
    access_token.restricted = bool(forms)
    access_token.save(update_fields=["restricted"])


def token_revoke(*, access_token: AccessToken) -> None:
    """End a token: every worker refuses it within one second."""
    access_token.revoked_at = timezone.now()
    access_token.save(update_fields=["revoked_at"])


@transaction.atomic
def token_rotate(*, access_token: AccessToken, hours: int) -> tuple[AccessToken, str]:
    """A successor with the same limits, and the old token's end `hours` from now, at the latest when it would have
    ended anyhow: (the successor's row, the token itself). Raises Conflict for one that has ended or has a successor."""
    tags.hold()
    old = AccessToken.objects.select_for_update(no_key=True).get(pk=access_token.pk)
    now = timezone.now()
    if old.revoked_at or (old.expires_at and old.expires_at <= now):
        raise Conflict([Fault("token_ended", _("This token has ended."), field="id", got=old.pk)])
    if old.successor_id:
        message = _("This token has a successor already: {id}.").format(id=old.successor_id)
        raise Conflict([Fault("token_replaced", message, field="id", got=old.pk)])
    row, token = token_create(
        member=old.member,
        name=old.name,
        verbs=old.verbs,
        networks=old.networks,
        expires_at=old.expires_at,
        calls_per_minute=old.calls_per_minute,
        calls_at_once=old.calls_at_once,
    )
    row.custom_forms.set(old.custom_forms.all())
    row.restricted = old.restricted  # also where the last of its forms is gone
    row.save(update_fields=["restricted"])
    old.successor = row
    end = now + timedelta(hours=hours)
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    old.save(update_fields=["successor", "expires_at"])
    return row, token
