"""The address that quickstart listens on, and the names that it may be called by."""

import http.client
import socket
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Addresses that mean every interface, with one that reaches them from here."""


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @property
    def near(self) -> str:
        """The host to call it by from this machine."""
        return WILDCARDS.get(self.host, self.host)

    @property
    def url(self) -> str:
        """What a client on this machine puts before a path."""
        return f"http://{self}"

    def __str__(self) -> str:
        return f"[{self.near}]:{self.port}" if ":" in self.near else f"{self.near}:{self.port}"

    def why_taken(self) -> str:
        """Why nothing can listen here, or an empty text. Asked by listening."""
        try:
            resolved = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, kind, protocol, _, sockaddr = resolved[0]
            with closing(socket.socket(family, kind, protocol)) as listener:
                # As servers do: a port that was in use a moment ago is free.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(sockaddr)
                listener.listen(1)
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
        return ""

    def answers(self) -> bool:
        """Whether a request gets any answer: the port is open long before the application is loaded."""
        with closing(http.client.HTTPConnection(self.near, self.port, timeout=2)) as connection:
            try:
                # A static file of the admin: it is there in every copy, and asking for it logs nothing.
                connection.request("HEAD", "/static/admin/css/base.css")
                connection.getresponse()
            except (OSError, http.client.HTTPException):
                return False
        return True


def allowed_hosts(host: str, usual: Sequence[str]) -> list[str]:
    """The names that a copy listening on this host may be called by, when nobody said which."""
    names = list(usual)
    if host in WILDCARDS:
        name = socket.gethostname()
        names.append(name)
        # A machine that doesn't know its own name is reached by the usual ones.
        with suppress(OSError):
            names += [str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    else:
        names.append(f"[{host}]" if ":" in host else host)
    return list(dict.fromkeys(names))
