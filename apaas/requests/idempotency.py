"""The name that a caller gives to a writing call, so that it is written once (docs/contract.md §5.2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apaas.authentication import KnownToken
from apaas.requests.headers import IDEMPOTENCY_KEY
from apaas.requests.readers import fault
from forms_app.exceptions import Fault, Refused
from forms_app.field_types.base import excerpt
from forms_app.people.actor import Actor

REQUEST_TICKET = "request_ticket"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[!-~]{1,255}")


def key_of(request: HttpRequest, params: Mapping[str, Any]) -> str | None:
    """The key by header or by `request_ticket`, None where neither is sent. A ticket that is no key as it is, as it is
    long or has other characters, is taken by its hash. Raises Refused."""
    sent: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    ticket = params.get(REQUEST_TICKET)
    if sent is None:
        return _short(ticket) if isinstance(ticket, str) else None
    if not _KEY.fullmatch(sent):
        message = _("A key has 1 to 255 visible ASCII characters, without spaces.")
        raise Refused([Fault("wrong_key", message, field=IDEMPOTENCY_KEY, got=excerpt(sent))])
    if ticket is not None and ticket != sent:
        message = _("It differs from the header Idempotency-Key.")
        raise Refused([fault(REQUEST_TICKET, "other_key", message, ticket, sent)])
    return sent


def _short(ticket: str) -> str:
    return ticket if _KEY.fullmatch(ticket) else f"sha256 {hashlib.sha256(ticket.encode()).hexdigest()}"


def caller_name(token: Any, actor: Actor) -> str:
    """Whose the keys are: the token's, or the member's who calls without one."""
    return f"token {token.pk}" if isinstance(token, KnownToken) else f"member {actor.member_id}"


def sha256_of(uploaded: Any) -> str:
    """The hash of an uploaded file's bytes, which are read again afterwards."""
    digest = hashlib.sha256()
    for piece in uploaded.chunks():
        digest.update(piece)
    uploaded.seek(0)
    return digest.hexdigest()
