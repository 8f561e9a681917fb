"""From where a request comes: nobody can say so themself."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from apaas.client_address import client_address, household


def come(peer: str, forwarded: str | None = None) -> str | None:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    address = client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))
    return None if address is None else str(address)


def test_without_a_proxy_of_ours_the_header_is_anybody_s(settings: Settings) -> None:
    assert settings.TRUSTED_PROXIES == []
    assert come("203.0.113.9", "198.51.100.1") == "203.0.113.9"
    assert come("::ffff:203.0.113.9") == "203.0.113.9"
    assert come("") is None
    assert come("nonsense") is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("10.0.0.5", "10.0.0.7, 10.1.2.3", "10.0.0.7"),
        ("10.0.0.5", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.5", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.5", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1, unknown, 10.1.2.3", "10.1.2.3"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", None, "10.0.0.5"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", "198.51.100.1"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
    ],
)
def test_behind_our_proxies_it_is_the_last_that_is_none_of_them(
    settings: Settings, peer: str, forwarded: str | None, found: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", " fd00::1 "]
    assert come(peer, forwarded) == found


def test_guesses_are_counted_by_network_where_each_has_addresses_at_will() -> None:
    def counted(peer: str) -> str | None:
        return household(RequestFactory().get("/", REMOTE_ADDR=peer))

    assert counted("2001:db8:1:2:3:4:5:6") == counted("2001:db8:1:2::1") == "2001:db8:1:2::"
    assert counted("2001:db8:1:3::1") != counted("2001:db8:1:2::1")
    assert counted("203.0.113.9") == "203.0.113.9"
    assert counted("") is None
