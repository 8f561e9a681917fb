"""What proves to a receiver that a message is ours: Standard Webhooks (https://www.standardwebhooks.com), symmetric.

The secret is made of SECRET_KEY and the webhook's salt whenever it is needed. So no table holds it. It is told once:
when the webhook is made, or gets a new one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from django.conf import settings
from standardwebhooks import Webhook as Signer

PREFIX = "whsec_"


def new_salt() -> str:
    """256 random bits, as text."""
    return secrets.token_hex(32)


def secret_of(salt: str) -> str:
    """The secret, as receivers are given it."""
    key = hashlib.sha256(b"forms_app.webhook" + settings.SECRET_KEY.encode()).digest()
    return PREFIX + base64.b64encode(hmac.digest(key, salt.encode(), "sha256")).decode()


def signer_of(salt: str) -> Signer:
    """What signs for a webhook; it may be used by several threads."""
    return Signer(secret_of(salt))


def signed(signer: Signer, message_id: str, body: bytes, now: datetime | None = None) -> dict[str, str]:
    """The headers of a message that is sent now."""
    now = (now or datetime.now(UTC)).astimezone(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signer.sign(message_id, now, body.decode()),
    }
