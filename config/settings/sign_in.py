"""Who signs in, and how."""

from __future__ import annotations

from config.settings.environment import env

# --- Signing in ------------------------------------------------------------------------------------------
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"
# What an account may do, its member's roles say.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "forms_app.people.accounts.RoleBackend"]
SIGN_IN_FAILURES = env.int("SIGN_IN_FAILURES", 10)
SIGN_IN_LOCK_SECONDS = env.int("SIGN_IN_LOCK_SECONDS", 900)
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", [])
# The company's own sign-in (apaas/company_sign_in/).
OIDC_ISSUER = env.str("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "")
OIDC_SCOPES = env.str("OIDC_SCOPES", "openid email profile")
OIDC_SIGN_ALGORITHM = env.str("OIDC_SIGN_ALGORITHM", "RS256")
OIDC_MEMBER_CLAIM = env.str("OIDC_MEMBER_CLAIM", "sub")
OIDC_ORGANIZATION = env.int("OIDC_ORGANIZATION", 0)
OIDC_CREATE_MEMBERS = env.bool("OIDC_CREATE_MEMBERS", False)
if OIDC_ISSUER:
    AUTHENTICATION_BACKENDS.append("apaas.company_sign_in.backend.CompanyBackend")
# A link to set a password works once, and for so long.
INVITATION_DAYS = env.int("INVITATION_DAYS", 7)
PASSWORD_RESET_TIMEOUT = INVITATION_DAYS * 86_400
