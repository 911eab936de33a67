"""Sockets that are open before a program begins."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from capwit.bridge.addresses import parse_endpoint

from .endpoints import socket_address
from .net import NetworkClient, PeerAddress, SocketOptions
from .network import HostNetwork
from .using import tcp_options, value

if TYPE_CHECKING:
    from .net import SocketAddress, TcpListenerClient, TcpSocketClient, UdpSocketClient


def _address(text: str) -> SocketAddress:
    return socket_address(*parse_endpoint(text))


async def open_listener(address: str, *, sockets: int = 256) -> TcpListenerClient:
    """Listen at an address such as `127.0.0.1:8080`, for so many connections at once; port 0 is any free one.

    Raises:
        ValueError: it is no address.
        NetworkRefused: it cannot be had.
    """
    network = NetworkClient(HostNetwork(listen=["*:*"], sockets=sockets + 1))
    return value(await network.listen(_address(address), 0, tcp_options()))


async def open_connection(address: str) -> TcpSocketClient:
    """Connect to an address by TCP.

    Raises:
        ValueError: it is no address.
        NetworkRefused: it cannot be reached.
    """
    network = NetworkClient(HostNetwork(connect=["*:*"], sockets=1))
    return value(await network.connect(_address(address), tcp_options()))


async def open_udp(address: str | None = None, *, peer: str | None = None) -> UdpSocketClient:
    """Take an address for datagrams, which are exchanged with one peer, or heard from all.

    Without `address` it is one to ask that peer from.

    Raises:
        ValueError: one is no address, or there is neither.
        NetworkRefused: it cannot be had.
    """
    if address is None and peer is None:
        raise ValueError("expected an `address`, a `peer`, or both")
    to = None if peer is None else _address(peer)
    if address is None:
        assert peer is not None
        ip, _ = parse_endpoint(peer)
        at = socket_address(ipaddress.ip_address("0.0.0.0" if ip.version == 4 else "::"), 0)  # noqa: S104
    else:
        at = _address(address)
    network = HostNetwork([] if peer is None else [peer], [] if address is None else [address], sockets=1)
    udp = value(await NetworkClient(network).bind_udp(at, SocketOptions(0, 0, 0)))
    if to is not None:
        value(await udp.connect(PeerAddress(to)))
    return udp
