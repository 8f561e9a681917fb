"""Signing in with the company's account, by OpenID Connect; off unless OIDC_ISSUER names a provider."""
