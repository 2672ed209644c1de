"""Which addresses are public, whatever they are written as."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.errors import ConfigError
from pipelines.sources.web.addresses import Allowed, allowed_by, special


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("93.184.216.34", None),
        ("2606:2800:220:1:248:1893:25c8:1946", None),
        ("0.0.0.0", "of this machine"),
        ("10.255.0.1", "private"),
        ("100.64.0.1", "shared by a provider's customers"),
        ("100.128.0.1", None),
        ("127.0.0.1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("172.31.255.255", "private"),
        ("172.32.0.1", None),
        ("192.168.1.1", "private"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "of this machine"),
        ("::1", "loopback"),
        ("::7f00:1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:93.184.216.34", None),
        ("64:ff9b::a00:1", "private"),
        ("64:ff9b::5db8:d822", None),
        ("64:ff9b:1::5db8:d822", "reserved"),
        ("2002:7f00:1::", "loopback"),
        ("2001::1", "reserved"),
        ("2001:db8::1", "for documentation"),
        ("fd00::1", "private"),
        ("fe80::1", "link-local"),
        ("ff02::1", "multicast"),
        ("5f00::1", "reserved"),
    ],
)
def test_what_an_address_is(address: str, what: str | None) -> None:
    assert special(ip_address(address)) == what


@given(st.ip_addresses())
def test_what_python_does_not_call_global_is_not_public(
    address: IPv4Address | IPv6Address,
) -> None:
    if special(address) is None and not (
        isinstance(address, IPv6Address) and address.packed[:2] in (b"\0\x64", b"\x20\x02")
    ):
        held = getattr(address, "ipv4_mapped", None) or address
        assert held.is_global and not held.is_multicast


@pytest.mark.parametrize(
    ("setting", "address", "host", "is_asked"),
    [
        ((), "10.0.0.1", "films.lan", False),
        (("films.lan",), "10.0.0.1", "films.lan", True),
        (("films.lan",), "10.0.0.1", "Films.LAN.", True),
        (("films.lan",), "10.0.0.1", "other.films.lan", False),
        (("films.lan",), "10.0.0.1", "", False),
        (("10.0.0.0/8",), "10.0.0.1", "films.lan", True),
        (("10.0.0.0/8",), "11.0.0.1", "films.org", True),
        (("10.0.0.0/8",), "192.168.0.1", "films.lan", False),
        (("10.0.0.1",), "10.0.0.2", "", False),
        (("[::1]",), "::1", "localhost", True),
        (("::1",), "fe80::1%eth0", "", False),
        (True, "127.0.0.1", "localhost", True),
        (False, "127.0.0.1", "localhost", False),
    ],
)
def test_what_is_allowed_beside(
    setting: tuple[str, ...] | bool, address: str, host: str, is_asked: bool
) -> None:
    assert (allowed_by(setting).flaw(address, host) is None) == is_asked


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "films", "films.lan", "a.films.local", "x.internal", "router.home.arpa"),
        *("127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]", "::ffff:10.0.0.1"),
        *("127.0.0.1.", "\uff11\uff12\uff17.0.0.1", "LOCALHOST."),
    ],
)
def test_names_of_private_networks_are_seen_through_a_proxy_too(host: str) -> None:
    assert Allowed().flaw_of_name(host) is not None
    assert Allowed(everything=True).flaw_of_name(host) is None
    for public in ("films.org", "www.youtube.com", "93.184.216.34", "localhost.org"):
        assert Allowed().flaw_of_name(public) is None


@pytest.mark.parametrize("text", ["http://films.lan", "films.lan/x", "10.0.0.0/33", "", "a b", "7"])
def test_what_is_no_host_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match=r"download\.allow_private: .* is no host, address or"):
        allowed_by([text])
