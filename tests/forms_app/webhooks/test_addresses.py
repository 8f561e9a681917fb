"""Nothing within a network is called unless WEBHOOK_NETWORKS names it: neither when a webhook is saved, nor later."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.webhooks import addresses
from forms_app.webhooks.addresses import Unreachable, allowed, check, reachable, target_of
from forms_app.webhooks.receiver import Receiver
from tests.forms_app.webhooks.receivers import LocalReceiver

INSIDE = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.0.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "5f00::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::7f00:1", "::ffff:0:7f00:1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
)
OUTSIDE = ("8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_within_a_network_is_not_allowed(text: str) -> None:
    assert not allowed(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_one_of_the_internet_is(text: str) -> None:
    assert allowed(ip_address(text))


@pytest.mark.parametrize(
    ("network", "text"),
    [("10.0.0.0/8", "10.1.2.3"), ("10.0.0.0/8", "::ffff:10.1.2.3"), ("::1/128", "::1"), ("127.0.0.1", "127.0.0.1")],
)
def test_what_a_setting_names_is_allowed_and_nothing_beside(settings: Any, network: str, text: str) -> None:
    settings.WEBHOOK_NETWORKS = [network]
    assert allowed(ip_address(text))
    assert not allowed(ip_address("192.168.0.1"))


WRONG = (
    *(
        "",
        "example.com",
        "//example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com",
        "https://",
    ),
    *(
        "https://name:word@example.com/",
        "https://name@example.com/",
        "https://example.com:0/",
        "https://example.com:x/",
    ),
    *("https://exa mple.com/", "https://example.com/\n", "https://example.com\\@10.0.0.1/", "https://例子.com/"),
    *("https://[::1", "javascript:alert(1)", "https://example.com:99999/", "https://example.com/\x7f"),
)


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        target_of(url)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("url", "wrong_url")]


def test_an_address_is_taken_apart() -> None:
    assert target_of("https://Example.com/a/b?c=1#d") == ("https", "example.com", 443, "/a/b?c=1")
    assert target_of("http://example.com:8080") == ("http", "example.com", 8080, "/")
    assert target_of("http://example.com:8080").authority == "example.com:8080"
    assert target_of("https://[2606:4700::1]:444/").authority == "[2606:4700::1]:444"
    with pytest.raises(Refused):
        target_of("https://example.com/" + "a" * addresses.LONGEST)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "017700000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
def test_however_this_machine_is_spelt_it_is_not_called(host: str) -> None:
    with pytest.raises(Refused) as refused:
        check(f"http://{host}/")
    assert {fault.code for fault in refused.value.faults} <= {"private_address", "unknown_host"}
    with pytest.raises(Unreachable):
        Receiver(f"http://{host}/")


def named(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have names mean these addresses, one answer after the other, the last for ever."""
    left = list(answers)
    monkeypatch.setattr(addresses, "look_up", lambda host, port: left.pop(0) if len(left) > 1 else left[0])


def test_a_name_that_leads_into_a_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, ["10.0.0.7"])
    with pytest.raises(Refused) as refused:
        check("https://hooks.example.com/")
    assert refused.value.faults[0].code == "private_address"


def test_one_address_within_a_network_among_others_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, ["8.8.8.8", "169.254.169.254"])
    with pytest.raises(Unreachable, match="private_address"):
        reachable(target_of("https://hooks.example.com/"))


def test_a_name_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, [])
    with pytest.raises(Refused) as refused:
        check("https://hooks.example.com/")
    assert refused.value.faults[0].code == "unknown_host"


def test_a_name_that_means_another_machine_when_it_is_called_gains_nothing(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The connection goes to the address that was checked; the name is asked once for a run."""
    listening = LocalReceiver()
    called: list[str] = []
    try:
        named(monkeypatch, ["8.8.8.8"], ["8.8.8.8"], ["127.0.0.1"])
        url = f"http://hooks.example.com:{listening.port}/"
        check(url)
        receiver = Receiver(url)

        def connect(address: tuple[str, int], *args: Any, **options: Any) -> Any:
            called.append(address[0])
            raise OSError

        monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
        monkeypatch.setattr("urllib3.connection.connection.create_connection", connect)
        assert receiver.post(b"{}", {}).error == "no_connection"
        with pytest.raises(Unreachable, match="private_address"):
            Receiver(url)
    finally:
        listening.close()
    assert called == ["8.8.8.8"]
    assert listening.seen == []
