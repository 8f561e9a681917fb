"""Headers by which a caller sets a condition for a write: a call keeps them or refuses them, and never ignores one."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.http import HttpRequest
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types._references import MAX_ID
from forms_app.field_types.base import excerpt

IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE = "If-Match", "If-None-Match", "If-Unmodified-Since"
IDEMPOTENCY_KEY = "Idempotency-Key"
SAFE = ("GET", "HEAD")
CONDITIONS = {
    "HTTP_IF_MATCH": IF_MATCH,
    "HTTP_IF_NONE_MATCH": IF_NONE_MATCH,
    "HTTP_IF_UNMODIFIED_SINCE": IF_UNMODIFIED_SINCE,
    "HTTP_IDEMPOTENCY_KEY": IDEMPOTENCY_KEY,
}
"""Who sends one of these relies on a write that happens so (RFC 9110, section 13.1; draft Idempotency-Key)."""
KEYED = (
    *("create", "update", "transfer", "mass_create", "mass_update", "mass_upsert", "mass_destroy", "restore"),
    "upload",
    *("users_upsert", "departments_upsert", "role_create", "role_update", "role_delete"),
    *("token_update", "token_revoke", "ticket_open", "ticket_push", "ticket_log_entry"),
    *("webhook_update", "webhook_delete", "webhook_replay"),
)
KEPT: dict[str, Collection[str]] = dict.fromkeys(KEYED, (IDEMPOTENCY_KEY,)) | {"update": (IF_MATCH, IDEMPOTENCY_KEY)}
"""What each call keeps of them; no other call keeps any. What makes a token or a webhook answers a secret, which is not
kept: those calls take no key."""

_TAGS = re.compile(r'\s*(?:W/)?"([^"]*)"\s*(?:,(?!\s*$)|$)')


def header_faults(request: HttpRequest, call: str) -> list[Fault]:
    """A fault for each of these headers that was sent and that the call does not keep."""
    sent = [(name, request.META[key]) for key, name in CONDITIONS.items() if key in request.META]
    if not sent:
        return []
    message = _("This call does not support the header: send the call without it.")
    kept = [*KEPT.get(call, ()), *([IF_NONE_MATCH] if request.method in SAFE else [])]  # there it spares bytes alone
    return [Fault("not_supported", message, field=name, got=excerpt(value)) for name, value in sent if name not in kept]


def matched_versions(request: HttpRequest) -> frozenset[int] | None:
    """The versions that `If-Match` names; None where it is not sent, or any will do (`*`). A proxy that compresses
    makes tags weak (`W/"3"`): they mean the same version. Raises Refused."""
    text = request.META.get("HTTP_IF_MATCH")
    if text is None or text.strip() == "*":
        return None
    tags, place = [], 0
    while place < len(text) and (match := _TAGS.match(text, place)):
        tags.append(match[1])
        place = match.end()
    if not tags or place < len(text):
        message = _("Expected the tags that ETag answered, in quotes and joined by commas, or *.")
        raise Refused([Fault("wrong_tags", message, field=IF_MATCH, allowed='"3"', got=excerpt(text))])
    return frozenset(int(tag) for tag in tags if re.fullmatch("[1-9][0-9]{0,18}", tag, re.ASCII) and int(tag) <= MAX_ID)
