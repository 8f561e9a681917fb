"""Headers that promise a caller something which the product does not do (yet): refused, never ignored."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault

UNKEPT = {
    "HTTP_IF_MATCH": "If-Match",
    "HTTP_IF_UNMODIFIED_SINCE": "If-Unmodified-Since",
    "HTTP_IDEMPOTENCY_KEY": "Idempotency-Key",
}
"""Who sends one of these relies on a write that does not happen so (RFC 9110, section 13.1; draft Idempotency-Key)."""


def header_faults(request: HttpRequest) -> list[Fault]:
    """A fault for each of these headers that was sent."""
    sent = [(name, request.META[key]) for key, name in UNKEPT.items() if key in request.META]
    if not sent:
        return []
    message = _("This header is not supported: send the call without it.")
    return [Fault("not_supported", message, field=name, got=value[:100]) for name, value in sent]
