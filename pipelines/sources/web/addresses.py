"""Which addresses of the network are public, so that videos may be fetched from them.

By IANA's registries of special purposes; what is not listed there as global is not public.
"""

import socket
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from kinetics_builder.errors import ConfigError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "of this machine"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a provider's customers"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks of networks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "of this machine"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
    )
)
_GLOBAL = IPv6Network("2000::/3")
"""All that is given to sites of IPv6."""
_MAPPED, _NAT64, _6TO4 = (
    IPv6Network(network) for network in ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16")
)
"""Networks whose addresses hold one of IPv4 (RFC 4291, RFC 6052, RFC 3056)."""
_INNER_NAMES = ("localhost", "local", "internal", "lan", "home.arpa", "intranet", "corp", "home")
"""Ends of names that no public site has (RFC 6761, 6762, 8375; ICANN's reserved names)."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be asked beside public addresses: `download.allow_private`."""

    everything: bool = False
    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, setting: Iterable[str] | bool) -> "Allowed":
        """Return what a setting says: names of hosts, addresses, networks; or true for all.

        Raises:
            ValueError: A text is none of these; the text.

        """
        if isinstance(setting, bool):
            return cls(everything=setting)
        hosts, networks = set[str](), list[Network]()
        for text in setting:
            if (network := _network(text)) is not None:
                networks.append(network)
            elif _is_name(text):
                hosts.add(plain_host(text))
            else:
                raise ValueError(text)
        return cls(hosts=frozenset(hosts), networks=tuple(networks))

    def flaw(self, address: str, host: str = "") -> str | None:
        """Say why an address may not be connected to; None where it may be.

        Args:
            address: In numbers.
            host: The name that led to it, if one did.

        """
        if self.everything or plain_host(host) in self.hosts:
            return None
        found = ip_address(address.partition("%")[0])
        what = special(found)
        if what is None or any(found in network for network in self.networks):
            return None
        return what

    def flaw_of_name(self, host: str) -> str | None:
        """Say why a host may not be asked for through a proxy; None where it may be.

        A proxy alone knows where a name leads, so names of no public site are all that is seen.
        """
        host = plain_host(host)
        if self.everything or host in self.hosts:
            return None
        if (address := _numeric(host)) is not None:
            return self.flaw(str(address))
        is_inner = "." not in host or any(host.endswith(f".{end}") for end in _INNER_NAMES)
        return "a name of a private network" if is_inner else None


def allowed_by(setting: Iterable[str] | bool) -> Allowed:
    """Return what the setting `download.allow_private` says.

    Raises:
        ConfigError: A text of it names neither a host nor a network.

    """
    try:
        return Allowed.of(setting)
    except ValueError as error:
        raise ConfigError(
            f"download.allow_private: {str(error)!r} is no host, address or network. Write such as "
            '["films.lan", "10.0.0.0/8"], or true for all.'
        ) from error


@lru_cache(maxsize=1000)
def special(address: Address) -> str | None:
    """Say what an address is that is not public; None for a public one.

    >>> special(ip_address("127.0.0.1")), special(ip_address("::ffff:10.0.0.1"))
    ('loopback', 'private')
    >>> special(ip_address("93.184.216.34"))
    """
    if (inner := _held(address)) is not None:
        return special(inner)
    for network, what in _SPECIAL:
        if address in network:
            return what
    if isinstance(address, IPv6Address) and address not in _GLOBAL:
        return "reserved"
    return None


def plain_host(host: str) -> str:
    """Return a host as it is compared: in small letters, without brackets or a last dot."""
    return unicodedata.normalize("NFKC", host).strip("[]").rstrip(".").lower()


def _held(address: Address) -> IPv4Address | None:
    """Return the address of IPv4 that one of IPv6 stands for."""
    if not isinstance(address, IPv6Address):
        return None
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return IPv4Address(int(address) >> 80 & 0xFFFFFFFF) if address in _6TO4 else None


def _network(text: str) -> Network | None:
    try:
        return ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    name = plain_host(text)
    has_form = all(part and not set(part) & set(" /:@?#%") for part in name.split("."))
    return has_form and not name.replace(".", "").isdigit()


def _numeric(host: str) -> Address | None:
    """Return the address that a host spells in numbers, as "127.1" and "0x7f000001" do too."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
