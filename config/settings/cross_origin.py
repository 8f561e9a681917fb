"""What a page of another origin may ask of the APIs, where CORS_ORIGINS lets it in.

docs/decisions/052-cross-origin.md. The Fetch standard, "CORS protocol": https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from corsheaders.defaults import default_headers

CORS_URLS_REGEX = r"^/(apaas|rest|accounts/api)/"
"""The APIs; never a page that a session signs in to."""
CORS_ALLOW_METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD"]
CORS_ALLOW_HEADERS = [
    *default_headers,
    *("access-token", "accept-language", "cache-control", "idempotency-key", "if-match"),
    *("x-read-after", "x-request-id"),
]
CORS_EXPOSE_HEADERS = [
    *("Allow", "Content-Disposition", "ETag", "Idempotency-Replayed"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "X-Fault-Codes", "X-Read-After", "X-Request-Id"),
]
"""What a script reads beyond the body: when to come again, what a call of the ticket API lacks, and how to name the
call to an administrator."""
