"""Which network addresses are meant: `127.0.0.1:8080`, `10.0.0.0/8:*`, `[::1]:8000-8010`, `*:443`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Ip: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

RULE: Final = "addresses such as '127.0.0.1:8080', '10.0.0.0/8:*', '[::1]:8000-8010' or '*:443'"
ENDPOINT: Final = "an address such as '127.0.0.1:8080' or '[::1]:8080'"

_SHAPE: Final = re.compile(
    r"(\*|\[[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?\]|[^\[\]:]+):(\*|[0-9]{1,5}(?:-[0-9]{1,5})?)"
)
_LAST_PORT: Final = 65535
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class AddressRule:
    """Some IP addresses, and some ports of theirs.

    Attributes:
        network: the addresses; None for all, of either version.
        first, last: the ports. Port 0, "any that is free", is meant by `*` and `0` only.
    """

    network: Networks | None
    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> AddressRule:
        """Read a rule.

        Raises:
            ValueError: it is none; the message says what was expected.
        """
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise ValueError(f"expected {RULE}; got {text!r}")
        host, ports = found.groups()
        first, _, last = ("0", "", str(_LAST_PORT)) if ports == "*" else ports.partition("-")
        rule = cls(None if host == "*" else _network(host, text), int(first), int(last or first))
        if not rule.first <= rule.last <= _LAST_PORT:
            raise ValueError(f"{text!r}: ports go from 0 to {_LAST_PORT}, the smaller one first")
        return rule

    def admits(self, ip: Ip, port: int) -> bool:
        """Return whether an address is one of these."""
        return self.first <= port <= self.last and (self.network is None or ip in self.network)

    def within(self, other: AddressRule) -> bool:
        """Return whether another rule means all of these as well."""
        if not other.first <= self.first <= self.last <= other.last:
            return False
        match self.network, other.network:
            case _, None:
                return True
            case ipaddress.IPv4Network() as mine, ipaddress.IPv4Network() as its:
                return mine.subnet_of(its)
            case ipaddress.IPv6Network() as mine, ipaddress.IPv6Network() as its:
                return mine.subnet_of(its)
            case _:
                return False


def _network(host: str, text: str) -> Networks:
    try:
        network = ipaddress.ip_network(host.strip("[]"))
    except ValueError as error:
        if host.startswith("[") or not re.search(r"[A-Za-z]", host):
            raise ValueError(f"{text!r}: {error}") from None
        raise ValueError(
            f"{text!r} has a name. Mend: give its addresses, and grant the name to a resolver"
        ) from None
    if isinstance(network, ipaddress.IPv6Network):
        if not host.startswith("["):  # the last group would be taken for the port
            raise ValueError(f"{text!r}: an IPv6 address stands in brackets")
        if network.subnet_of(_MAPPED):
            raise ValueError(f"{text!r} is an IPv4 address in another form. Mend: write it as one")
    return network


def admitted(rules: Iterable[AddressRule], ip: Ip, port: int) -> bool:
    """Return whether one of several rules means an address."""
    return any(rule.admits(ip, port) for rule in rules)


def parse_endpoint(text: str) -> tuple[Ip, int]:
    """Read one address with one port.

    Raises:
        ValueError: it is none; the message says what was expected.
    """
    rule = AddressRule.parse(text)
    if rule.network is None or rule.network.num_addresses != 1 or rule.first != rule.last:
        raise ValueError(f"expected {ENDPOINT}; got {text!r}")
    return rule.network.network_address, rule.first


def name_fits(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a host name is meant: by itself, as one below (`*.example.com`), or as any (`*`)."""
    return any(
        pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))
        for pattern in patterns
    )


_MOST: Final = (
    255  # characters of a name: more are no name, and to find that out would take their number of steps
)
NAME: Final = "names such as 'example.com', '*.example.com' or '*'"
_NAME: Final = re.compile(r"\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")


def parse_name(text: str) -> str:
    """Read a pattern of host names; returns it as name servers know it.

    Raises:
        ValueError: it is none; the message says what was expected.
    """
    if len(text) > _MOST:
        raise ValueError(f"expected {NAME}; got {len(text):,} characters")
    try:
        name = text.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        name = ""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"expected {NAME}; got {text!r}")
    return name
