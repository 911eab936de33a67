"""Networks for tests: addresses as text, and real sockets of the machine at the other end."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final

from capwit.caps import HostNetwork, NetworkRefused, tcp_options, value
from capwit.caps.endpoints import ip_of, socket_address
from capwit.caps.net import (
    IpAddressIpv6,
    Ipv6Address,
    NetworkClient,
    NetworkError,
    SocketAddress,
    SocketOptions,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator

LOCAL: Final = "127.0.0.1"
AS_IT_IS: Final = tcp_options()
UDP_AS_IT_IS: Final = SocketOptions(0, 0, 0)


def at(text: str) -> SocketAddress:
    """An address with a port; IPv6 addresses stand in brackets, whatever they are."""
    host, _, port = text.rpartition(":")
    ip = ipaddress.ip_address(host.strip("[]"))
    if isinstance(ip, ipaddress.IPv6Address):
        return SocketAddress(
            IpAddressIpv6(Ipv6Address(int(ip) >> 64, int(ip) & (2**64 - 1))), int(port), 0, 0
        )
    return socket_address(ip, int(port))


def shown(address: SocketAddress) -> tuple[str, int]:
    return str(ip_of(address.ip)), address.port


def network(*connect: str, listen: tuple[str, ...] = (), sockets: int = 16) -> NetworkClient:
    return NetworkClient(HostNetwork(connect, listen, sockets=sockets))


async def refusal(answer: Awaitable[Any]) -> NetworkError:
    """Return why a network refuses, which it must."""
    try:
        given = value(await answer)
    except NetworkRefused as refused:
        return refused.error
    raise AssertionError(f"not refused: {given}")


@contextmanager
def peer(
    kind: socket.SocketKind = socket.SOCK_STREAM, host: str = LOCAL
) -> Iterator[tuple[socket.socket, str]]:
    """A socket of the machine that listens, or is for datagrams, and its address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as made:
        made.setblocking(False)
        made.bind((host, 0))
        if kind is socket.SOCK_STREAM:
            made.listen()
        name = f"[{host}]" if ":" in host else host
        yield made, f"{name}:{made.getsockname()[1]}"


@asynccontextmanager
async def pair(**given: Any) -> AsyncIterator[tuple[Any, socket.socket]]:
    """A connection: our end as a client of a `TcpSocket`, the other one as a socket of the machine."""
    with peer() as (listener, address):
        ours = value(await network(address, **given).connect(at(address), AS_IT_IS))
        theirs, _ = await asyncio.get_running_loop().sock_accept(listener)
        with theirs:
            yield ours, theirs
