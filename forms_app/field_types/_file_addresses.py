"""The address of a file that is kept here: as it is stored, and as clients read it."""

from __future__ import annotations

import re
import time

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_OWN = re.compile(r"/apaas/api/v2/files/([0-9a-f]{32})(?:\?until=[0-9]{1,20}&signature=[0-9a-f]{64})?")
SALT = "forms_app.files.address"


def own_file(url: str) -> str | None:
    """The token of a file that this server keeps, or None for an address elsewhere."""
    public = settings.PUBLIC_URL
    match = _OWN.fullmatch(url.removeprefix(public) if public else url)
    return match[1] if match else None


def stored_address(token: str) -> str:
    """As records hold it: whatever the server is called, and for how long somebody may read it."""
    return f"/apaas/api/v2/files/{token}"


def shown_address(token: str) -> str:
    """As clients read it: with PUBLIC_URL before it, and signed for FILE_URL_SECONDS, where these are set."""
    signed = ""
    if settings.FILE_URL_SECONDS:
        until = int(time.time()) + settings.FILE_URL_SECONDS
        signed = f"?until={until}&signature={_signature(token, until)}"
    return f"{settings.PUBLIC_URL}{stored_address(token)}{signed}"


def is_signed(token: str, until: int, signature: str) -> bool:
    """Whether this server gave the address out, and its time has not come."""
    return until > time.time() and constant_time_compare(signature, _signature(token, until))


def _signature(token: str, until: int) -> str:
    return salted_hmac(SALT, f"{token}:{until}", algorithm="sha256").hexdigest()
