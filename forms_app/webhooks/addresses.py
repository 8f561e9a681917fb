"""Which addresses a webhook may call: those of the public internet, and what WEBHOOK_NETWORKS allows.

Asked when a webhook is saved, and again whenever a connection is made: the connection goes to the very address that was
checked, so a name that means another machine a moment later gains nothing.
Registries: https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused

Address = IPv4Address | IPv6Address
LONGEST = 2_000
UNKNOWN_HOST, PRIVATE = "unknown_host", "private_address"
"""Codes of faults, and keys of receiver.ERRORS."""
PORTS = {"http": 80, "https": 443}
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""IPv6 addresses in whose last 32 bits an IPv4 address stands: a gateway (NAT64, RFC 6052, RFC 8215) calls that one."""
OUT_OF_USE = tuple(
    map(ip_network, ("192.88.99.0/24", "2002::/16", "2001::/32", "::/96", "fec0::/10", "3fff::/20", "5f00::/16"))
)
"""Relays of 6to4; 6to4, Teredo and IPv4-compatible addresses, which carry an IPv4 address; site-local ones, those of
documents, and segment routing. Python counts some of them as global."""


class Target(NamedTuple):
    """An address of a webhook in its parts."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


class Unreachable(Exception):
    """No address that may be called. `error` is a key of receiver.ERRORS."""

    def __init__(self, error: str) -> None:
        self.error = error
        super().__init__(error)


def target_of(url: str) -> Target:
    """The parts of an address. Raises Refused where it is none that can be called."""
    if len(url) > LONGEST:
        message = _("At most {limit} characters.").format(limit=LONGEST)
        raise Refused([Fault("too_long", message, field="url", got=url[:200])])
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url) or "\\" in url:
        raise _unreadable(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unreadable(url) from None
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.password is not None or port == 0:
        raise _unreadable(url)
    path = parts.path or "/"
    return Target(parts.scheme, host, port or PORTS[parts.scheme], f"{path}?{parts.query}" if parts.query else path)


def check(url: str) -> None:
    """Raises Refused unless the address can be called now."""
    target = target_of(url)
    try:
        reachable(target)
    except Unreachable as unreachable:
        if unreachable.error == PRIVATE:
            message = _("{host} is an address within a network. Only those of WEBHOOK_NETWORKS may be called.")
            text = message.format(host=target.host)
            raise Refused([Fault("private_address", text, field="url", got=url[:200])]) from None
        message = _("There is no address for the name {host}.").format(host=target.host)
        raise Refused([Fault("unknown_host", message, field="url", got=url[:200])]) from None


def reachable(target: Target) -> list[str]:
    """The addresses to call, as texts, in the resolver's order. Raises Unreachable where there is none, or where any of
    them may not be called: who controls a name could else let it lead to either."""
    found = [ip_address(text) for text in look_up(target.host, target.port)]
    if not found:
        raise Unreachable(UNKNOWN_HOST)
    if not all(map(allowed, found)):
        raise Unreachable(PRIVATE)
    return [str(address) for address in found]


def look_up(host: str, port: int) -> list[str]:
    """All addresses of a name; of an address, itself."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))


def allowed(address: Address) -> bool:
    """Whether it may be called: it lies in WEBHOOK_NETWORKS, or everybody in the internet can call it."""
    if any(address in ip_network(network) for network in settings.WEBHOOK_NETWORKS):
        return True
    inner = _carried(address)
    if inner is not None:
        return allowed(inner)
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_private)
        and not any(address in network for network in OUT_OF_USE)
    )


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address that is called in the end."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if any(address in network for network in TRANSLATED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _unreadable(url: str) -> Refused:
    message = _("Expected an address that begins with https:// or http://, without a name and password.")
    return Refused([Fault("wrong_url", message, field="url", got=url[:200])])
