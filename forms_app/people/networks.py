"""The networks that a token may be used from, as CIDR (RFC 4632, RFC 4291)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused

MOST = 100


def checked_networks(texts: Iterable[str]) -> list[str]:
    """The networks as they are kept; a single address is one of its own. Raises Refused with a fault for each text that
    is none."""
    networks, faults = [], []
    for place, text in enumerate(texts):
        try:
            networks.append(str(ip_network(str(text))))
        except ValueError:
            message = _("{network} is no network; expected one like 10.0.0.0/8 or 2001:db8::/32.")
            message = message.format(network=str(text)[:64])
            faults.append(Fault("wrong_network", message, field="networks", index=place, got=str(text)[:64]))
    if len(networks) > MOST:
        message = _("At most {limit} items are allowed.").format(limit=MOST)
        faults.append(Fault("too_many_items", message, field="networks", got=len(networks), allowed={"max": MOST}))
    if faults:
        raise Refused(faults)
    return list(dict.fromkeys(networks))


def lies_in(address: str, networks: tuple[str, ...]) -> bool:
    """Whether the address lies in one of the networks; an IPv4 address that is written as IPv6 is itself."""
    try:
        place = ip_address(address)
    except ValueError:
        return False
    place = getattr(place, "ipv4_mapped", None) or place
    return any(place in network for network in _parsed(networks))


@lru_cache(maxsize=1_000)
def _parsed(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network) for network in networks)
