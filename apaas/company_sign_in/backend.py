"""Whose account the provider's answer opens (mozilla-django-oidc does the talking)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import requests
import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.utils import import_from_settings

from apaas.company_sign_in.provider import TIMEOUT_SECONDS, provider
from forms_app.people.company_accounts import LONGEST_KEY, Identity, company_account

log = structlog.get_logger(__name__)

SETTINGS: dict[str, Callable[[], Any]] = {
    "OIDC_OP_AUTHORIZATION_ENDPOINT": lambda: provider().authorization,
    "OIDC_OP_TOKEN_ENDPOINT": lambda: provider().token,
    "OIDC_OP_USER_ENDPOINT": lambda: provider().userinfo,
    "OIDC_OP_JWKS_ENDPOINT": lambda: provider().keys,
    "OIDC_RP_CLIENT_ID": lambda: settings.OIDC_CLIENT_ID,
    "OIDC_RP_CLIENT_SECRET": lambda: settings.OIDC_CLIENT_SECRET,
    "OIDC_RP_SCOPES": lambda: settings.OIDC_SCOPES,
    "OIDC_RP_SIGN_ALGO": lambda: settings.OIDC_SIGN_ALGORITHM,
    "OIDC_TOKEN_USE_BASIC_AUTH": lambda: provider().basic and bool(settings.OIDC_CLIENT_SECRET),
    "OIDC_TIMEOUT": lambda: TIMEOUT_SECONDS,
    "OIDC_USE_PKCE": lambda: True,
}
"""What the library asks for under names of its own."""


def setting(name: str, *default: Any) -> Any:
    """A setting of the library: what ours say, else its default."""
    return SETTINGS[name]() if name in SETTINGS else import_from_settings(name, *default)


class CompanyBackend(OIDCAuthenticationBackend):
    """Opens the account of a member whom the provider vouches for."""

    get_settings = staticmethod(setting)

    def __init__(self) -> None:
        # The library's asks for every setting at once: of each request with a session, the provider as well.
        self.UserModel = get_user_model()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("OIDC_"):
            return setting(name, None)
        raise AttributeError(name)

    def get_user(self, user_id: Any) -> User | None:
        """None for an account that is switched off: its sessions end. The library would let it be."""
        user = ModelBackend.get_user(self, user_id)
        return user if isinstance(user, User) else None

    def get_token(self, payload: dict[str, Any]) -> dict[str, Any]:
        if not payload["client_secret"]:  # PKCE alone says that it was us who asked
            del payload["client_secret"]
        token: dict[str, Any] = super().get_token(payload)
        return token

    def retrieve_matching_jwk(self, token: str) -> jwt.PyJWK:
        """The provider's key that signed the token; one that names none is signed by its only one. The library wants a
        name everywhere. Raises SuspiciousOperation."""
        answer = requests.get(provider().keys, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        named = jwt.get_unverified_header(token).get("kid")
        keys = [
            key
            for key in answer.json()["keys"]
            if (named is None or key.get("kid") == named)
            and key.get("alg") in (None, settings.OIDC_SIGN_ALGORITHM)
            and key.get("use") in (None, "sig")
        ]
        if len(keys) != 1:
            raise SuspiciousOperation("The provider has no key, or several, that may have signed the token.")
        return jwt.PyJWK(keys[0], settings.OIDC_SIGN_ALGORITHM)

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """What the token says. Raises SuspiciousOperation for one that is not signed for us, and by this provider: the
        library looks at signature and nonce alone."""
        claims: dict[str, Any] = super().verify_token(token, **kwargs)
        if "nonce" in kwargs:  # an id token; answers about a person may lack these
            audience = claims.get("aud")
            meant = audience if isinstance(audience, list) else [audience]
            if claims.get("iss") != settings.OIDC_ISSUER or settings.OIDC_CLIENT_ID not in meant or "exp" not in claims:
                raise SuspiciousOperation("The id token is another issuer's, for another client, or without an end.")
        return claims

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User | None:
        """The account, or None; then the request holds the identity that fits nobody. Raises SuspiciousOperation."""
        told = self.get_userinfo(access_token, id_token, payload) if provider().userinfo else {}
        if told and told.get("sub") != payload.get("sub"):
            raise SuspiciousOperation("The provider tells of somebody else.")
        identity = identity_of({**payload, **told})
        if identity is None:
            log.warning("company sign-in without an id", claim=settings.OIDC_MEMBER_CLAIM)
            return None
        account = company_account(
            identity, organization_id=settings.OIDC_ORGANIZATION or None, create=settings.OIDC_CREATE_MEMBERS
        )
        if account is None:
            self.request.company_identity = identity
            log.warning("company sign-in refused", key=identity.key, email=identity.email)
        return account


def identity_of(claims: dict[str, Any]) -> Identity | None:
    """None where OIDC_MEMBER_CLAIM is missing or no text of a member's length."""
    key = claims.get(settings.OIDC_MEMBER_CLAIM)
    if not isinstance(key, str | int) or isinstance(key, bool) or not 0 < len(str(key)) <= LONGEST_KEY:
        return None
    verified = claims.get("email_verified")
    return Identity(
        key=str(key),
        email=_text(claims.get("email")) if verified is True or verified == "true" else "",
        name=_text(claims.get("name")),
        username=_text(claims.get("preferred_username")),
    )


def _text(value: Any) -> str:
    return value.strip().replace("\0", "") if isinstance(value, str) else ""
