"""`wasi:sockets/ip-name-lookup`: the addresses of names, one by one."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, ClassVar, Final

from capwit.bridge.addresses import parse_name
from capwit.bridge.errors import CapError
from capwit.caps.endpoints import address_of
from capwit.caps.lookups import literal
from capwit.caps.net import NetworkError
from capwit.caps.using import value
from capwit.preview2.context import answer, by
from capwit.preview2.poll import Pollable
from capwit.preview2.waits import Background

from .network import failed, refused
from .words import ip_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.bridge.addresses import Ip
    from capwit.caps.net import IpAddress, Resolver
    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants

    from .network import InstanceNetwork
    from .words import Ip as IpCase


class ResolveAddressStream:
    """The addresses of a name, as far as the guest has taken them."""

    wit_resource: ClassVar = "wasi:sockets/ip-name-lookup.resolve-address-stream"

    def __init__(self, found: Background[Sequence[IpAddress]] | Sequence[IpAddress]) -> None:
        """Give what is found, or will be."""
        self._found = found
        self._given = 0

    async def next(self) -> IpCase | None:
        """Return the next address, None behind the last.

        Raises:
            WasiError: it is not known yet, or cannot be.
        """
        found = self._found
        if isinstance(found, Background):
            if not found.done:
                await asyncio.sleep(0)  # a resolver that knows it says so in its first step
            if not found.done:
                raise refused(NetworkError.WOULD_BLOCK)
            try:
                self._found = found = found.result()
            except CapError as error:
                raise failed(error) from error
        if self._given == len(found):
            return None
        self._given += 1
        return ip_case(found[self._given - 1])

    def subscribe(self) -> Pollable:
        """Return what is ready once the addresses are known."""
        return Pollable(self._waiting)

    def _waiting(self) -> Background[Sequence[IpAddress]] | None:
        found = self._found
        return found if isinstance(found, Background) and not found.done else None


def _resolve(grants: WasiGrants, network: InstanceNetwork, name: str) -> ResolveAddressStream:
    if grants.network is None and grants.resolver is None:
        raise refused(NetworkError.ACCESS_DENIED)
    ip = _literal(name)
    if ip is not None:
        return ResolveAddressStream([address_of(ip)])
    try:
        parse_name(name)
    except ValueError:
        raise refused(NetworkError.INVALID_ARGUMENT) from None
    if grants.resolver is None:
        raise refused(NetworkError.ACCESS_DENIED)
    return ResolveAddressStream(Background(_resolved(grants.resolver, name)))


def _literal(name: str) -> Ip | None:
    """Return the address that a name is, if it is one: of IPv6 also in brackets, and without a zone."""
    bracketed = name.startswith("[") and name.endswith("]")
    ip = literal(name[1:-1] if bracketed else name)
    if isinstance(ip, ipaddress.IPv6Address):
        return None if ip.scope_id else ip
    return None if bracketed else ip


async def _resolved(resolver: Resolver, name: str) -> Sequence[IpAddress]:
    return value(await answer(resolver.resolve(name)))


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:sockets/ip-name-lookup": {
        "resolve-addresses": _resolve,
        "[method]resolve-address-stream.resolve-next-address": by(ResolveAddressStream.next),
        "[method]resolve-address-stream.subscribe": by(ResolveAddressStream.subscribe),
    },
}
