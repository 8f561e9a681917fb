"""Who a request comes from, as far as that can be told without asking the database, and what they may have at once."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from types import SimpleNamespace
from typing import IO, Any

from django.conf import settings

from apaas.authentication import token_of
from apaas.throttling import Share, share_of
from apaas.tickets.answers import PREFIXES
from config.serving.lines import Bound

BASIC_PATH = "/accounts/api/security/get"
PASSWORDS = "passwords"
"""The line of those whose password is checked, which takes a core half a second."""
MOST_PASSWORDS = 8
"""So many wait for each other, some seconds; more are told to come again."""
_SECURITY = re.compile(rb"security\W{1,40}([\w-]{8,200})")
"""The token or code in a body of the ticket API, in JSON or a form."""
LOOK_AT = 4096
_SESSION = re.compile(r"(?:^|[;,\s])sessionid=([^;,\s]+)")
MOST_KNOWN = 10_000

_known: dict[Hashable, tuple[int, Share]] = {}
"""Organization and share of the tokens that were seen: they are learned from a token's first answer."""


def bounds_of(environ: Mapping[str, Any]) -> dict[Hashable, Bound]:
    """What the request counts against; the first is its caller."""
    if checks_password(environ):
        return {PASSWORDS: Bound(settings.PASSWORD_THREADS, MOST_PASSWORDS)}
    caller = caller_of(environ)
    organization, share = _known.get(caller, (None, share_of()))
    bounds: dict[Hashable, Bound] = {caller: Bound(share.threads, share.requests)}
    if organization is not None:
        name = ("organization", organization)
        bounds[name] = Bound(settings.ORGANIZATION_THREADS, settings.ORGANIZATION_CONCURRENCY)
    return bounds


def counted_of(caller: Hashable) -> tuple[int, int] | None:
    """The token, and how many requests it may have at a time in all processes, where it has a limit of its own."""
    _organization, share = _known.get(caller, (None, None))
    return (share.counted_as, share.requests) if share is not None and share.counted_as is not None else None


def organization_of(bounds: Mapping[Hashable, Bound]) -> int | None:
    """The organization among what a request counts against."""
    return next((name[1] for name in bounds if isinstance(name, tuple)), None)


def checks_password(environ: Mapping[str, Any]) -> bool:
    path: str = environ["PATH_INFO"]
    signs_in = environ["REQUEST_METHOD"] == "POST" and path.startswith(settings.LOGIN_URL.rstrip("/"))
    return signs_in or path.startswith(BASIC_PATH)


def caller_of(environ: Mapping[str, Any]) -> Hashable:
    """A name for the caller: by its token, its session, else its address. Of secrets only a hash is kept."""
    token = token_of(SimpleNamespace(META=environ))
    if token:
        return hash(token)
    if environ["PATH_INFO"].startswith(PREFIXES) and (found := _SECURITY.search(beginning(environ["wsgi.input"]))):
        return hash(found[1].decode())
    if session := _SESSION.search(environ.get("HTTP_COOKIE", "")):
        return hash(session[1])
    return str(environ["REMOTE_ADDR"])


def beginning(body: IO[bytes]) -> bytes:
    """The first bytes of a body; they are read again."""
    head = body.read(LOOK_AT)
    body.seek(0)
    return head


def learn(caller: Hashable, organization_id: int, share: Share) -> None:
    """Remember whose a token or session is, once that is known. An address is nobody's: many may share it."""
    if isinstance(caller, str):
        return
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[caller] = organization_id, share
