"""HTTPS."""

from __future__ import annotations

from config.settings.environment import env

# --- HTTPS -----------------------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", False)
PROXY_SSL_HEADER = env.str("PROXY_SSL_HEADER", "")
HSTS_SECONDS = env.int("HSTS_SECONDS", 3_600 if HTTPS else 0)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = HSTS_SECONDS
if PROXY_SSL_HEADER:
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{PROXY_SSL_HEADER.upper().replace('-', '_')}", "https")
SILENCED_SYSTEM_CHECKS = [
    # It looks for Django's own middleware by name; config.middleware's is made of it.
    "security.W003",
    # Other names below the same domain, and browsers' preload lists, are not this product's to decide.
    "security.W005",
    "security.W021",
    # The proxy that ends HTTPS redirects; behind it a redirect of ours can only become a loop.
    "security.W008",
]
