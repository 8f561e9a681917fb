"""The company's provider, as it describes itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings

DESCRIPTION = "/.well-known/openid-configuration"
KEPT_SECONDS = 3600
TIMEOUT_SECONDS = 5
"""For each answer of the provider: meanwhile the sign-in holds a thread of the server."""


class ProviderFailed(Exception):
    """The provider does not answer, or not as a provider."""


@dataclass(frozen=True)
class Provider:
    """Its name and addresses; `userinfo` is "" where it has none. `basic`: how it wants the client's secret."""

    issuer: str
    authorization: str
    token: str
    userinfo: str
    keys: str
    basic: bool


_known: dict[str, tuple[float, Provider]] = {}


def provider() -> Provider:
    """What OIDC_ISSUER says of itself, asked once an hour. Raises ProviderFailed."""
    issuer = settings.OIDC_ISSUER
    asked_at, known = _known.get(issuer, (0.0, None))
    if known is None or time.monotonic() - asked_at > KEPT_SECONDS:
        known = described(issuer)
        _known[issuer] = (time.monotonic(), known)
    return known


def described(issuer: str) -> Provider:
    """Raises ProviderFailed."""
    try:
        answer = requests.get(issuer.rstrip("/") + DESCRIPTION, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        if told["issuer"] != issuer:
            raise ProviderFailed(f"it calls itself {told['issuer']!r}; OIDC_ISSUER must be the same")
        ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Provider(
            issuer=issuer,
            authorization=told["authorization_endpoint"],
            token=told["token_endpoint"],
            userinfo=told.get("userinfo_endpoint", ""),
            keys=told["jwks_uri"],
            basic="client_secret_post" not in ways,
        )
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise ProviderFailed(f"{issuer}{DESCRIPTION}: {error!r}") from error
