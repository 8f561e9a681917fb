"""A request as WSGI has it, of granian's scope."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any

_FIXED: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
_PLAIN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_JOINED_BY = {"HTTP_COOKIE": "; "}


def environ_of(scope: Any) -> dict[str, Any]:
    """The environ of PEP 3333, its body still empty. Texts are bytes as Latin-1 there."""
    name, _colon, port = scope.server.rpartition(":")
    environ = {
        **_FIXED,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
    }
    for header, value in scope.headers.items():
        key = _PLAIN.get(header) or f"HTTP_{header.upper().replace('-', '_')}"
        environ[key] = f"{environ[key]}{_JOINED_BY.get(key, ',')}{value}" if key in environ else value
    if "HTTP_HOST" not in environ and scope.http_version != "1":
        # None that can be read: Django must not take the server's own name for it (RFC 9112, section 3.2).
        environ["HTTP_HOST"] = getattr(scope, "authority", None) or ""
    return environ
