"""Names of hosts, and their addresses."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from capwit.bridge.addresses import name_fits, parse_name

from .endpoints import address_of
from .lookups import Lookups, literal
from .net import NetworkError
from .net_answers import resolve_answer
from .using import NetworkRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capwit.bridge.addresses import Ip

    from .net import IpAddress


class HostResolver:
    """A `Resolver` that asks this machine for some names, and knows others by itself."""

    def __init__(self, names: Sequence[str] = (), hosts: Mapping[str, Sequence[str]] | None = None) -> None:
        """Ask for `names`, such as `example.com` or `*.example.com`; `hosts` have fixed addresses.

        Raises:
            ValueError: one is no name, or no address.
        """
        self._names = [parse_name(text) for text in names]
        self._hosts = {
            parse_name(name): _addresses(ipaddress.ip_address(text) for text in texts)
            for name, texts in (hosts or {}).items()
        }
        self._lookups = Lookups()

    @resolve_answer
    async def resolve(self, name: str) -> Sequence[IpAddress]:
        """Return the addresses of a name."""
        ip = literal(name)
        if ip is not None:
            return [address_of(ip)]
        asked = _asked(name)
        if asked in self._hosts:
            return self._hosts[asked]
        if not name_fits(asked, self._names):
            raise NetworkRefused(NetworkError.ACCESS_DENIED)
        found = await self._lookups.find(asked)
        addresses = _addresses(ipaddress.ip_address(text.partition("%")[0]) for text in found)
        if not addresses:
            raise NetworkRefused(NetworkError.NAME_UNRESOLVABLE)
        return addresses


def _addresses(ips: Iterable[Ip]) -> list[IpAddress]:
    return list(dict.fromkeys(address_of(ip) for ip in ips))


def _asked(name: str) -> str:
    """Return a name as name servers know it."""
    try:
        asked = parse_name(name)
    except ValueError:
        asked = "*"
    if "*" in asked:
        raise NetworkRefused(NetworkError.INVALID_ARGUMENT)
    return asked
