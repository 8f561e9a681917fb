"""From where a request comes, also through the proxies that TRUSTED_PROXIES names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LONGEST = 100
"""Characters that an address may take; a longer text is none, and is not worth remembering."""
HOUSEHOLD = 64
"""Bits of an IPv6 address that are somebody's own network; the others they choose as they like."""


def client_address(request: HttpRequest) -> Address | None:
    """The address that sent the request: of the addresses in X-Forwarded-For the last one that is no proxy of ours, if
    one of ours handed the request over. None where the server tells none, as over a socket without a proxy."""
    proxies = trusted(tuple(settings.TRUSTED_PROXIES))
    nearest = address_of(request.META.get("REMOTE_ADDR", ""))
    if not proxies or (nearest is not None and not is_within(nearest, proxies)):
        return nearest
    # What is left of the last proxy's own entry is what the client sent, and may be invented.
    for entry in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = address_of(entry)
        if address is None:
            break
        nearest = address
        if not is_within(address, proxies):
            break
    return nearest


def household(request: HttpRequest) -> str | None:
    """The address by which wrong passwords are counted; of IPv6 the network, or each guess would have its own."""
    address = client_address(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, HOUSEHOLD), strict=False).network_address)
    return str(address) if address else None


def address_of(text: str) -> Address | None:
    """An address as servers and proxies write it: with a port, in brackets, an IPv4 one within IPv6."""
    return _address_of(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=1_024)
def _address_of(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=4)
def trusted(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Raises ValueError for what is no network."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts)
