"""Texts that clients hold and send back: signed for what they were given for, so that nothing else takes them."""

from __future__ import annotations

import base64
import binascii
import hmac

from django.utils.crypto import salted_hmac

_SIGNATURE_BYTES = 16


def signed(content: bytes, within: str) -> str:
    """The content as text of letters, digits, - and _, signed for `within`."""
    return base64.urlsafe_b64encode(_signature(content, within) + content).decode().rstrip("=")


def signed_content(text: str, within: str) -> bytes | None:
    """The content of a text that was signed for `within`; None for any other."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    signature, content = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    return content if hmac.compare_digest(signature, _signature(content, within)) else None


def _signature(content: bytes, within: str) -> bytes:
    signed: bytes = salted_hmac("cursor", within.encode() + b"\0" + content, algorithm="sha256").digest()
    return signed[:_SIGNATURE_BYTES]
