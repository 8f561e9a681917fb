"""`python -m tests.apaas.company_sign_in.provider PORT`: an OpenID Connect provider (oidc-provider-mock) that also
holds its clients to PKCE (RFC 7636), which that package leaves to them."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

Start = Callable[..., Any]


class WithPkce:
    """Remembers the challenge that each code was asked for with, and gives no token for another verifier."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.challenges: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/oauth2/authorize":
            return self.authorize(environ, start)
        if environ["PATH_INFO"] == "/oauth2/token" and not self.proved(environ):
            start("400 Bad Request", [("Content-Type", "application/json")])
            return [b'{"error":"invalid_grant"}']
        return list(self.app(environ, start))

    def authorize(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        asked = parse_qs(environ["QUERY_STRING"])
        if asked.get("code_challenge_method") != ["S256"]:
            start("400 Bad Request", [])
            return [b"no challenge"]

        def noted(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            location = dict(headers).get("Location", "")
            for code in parse_qs(urlsplit(location).query).get("code", []):
                self.challenges[code] = asked["code_challenge"][0]
            return start(status, headers, *more)

        return list(self.app(environ, noted))

    def proved(self, environ: dict[str, Any]) -> bool:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return self.challenges.pop(sent.get("code", ""), None) == challenge


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Says nothing."""


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    import oidc_provider_mock  # warns of what it stands on when it is imported

    make_server("127.0.0.1", int(sys.argv[1]), WithPkce(oidc_provider_mock.app()), handler_class=Quiet).serve_forever()
