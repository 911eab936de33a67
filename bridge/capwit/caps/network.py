"""The network of this machine, as far as it is granted."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from capwit.bridge.addresses import AddressRule, admitted

from .endpoints import Endpoint, OpenSockets, ip_of, to_kernel
from .net import (
    BoundTcpClient,
    NetworkError,
    UdpSocketClient,
)
from .net_answers import bind_answer, listen_answer, tcp_answer, udp_answer
from .tcp import LocalBoundTcp, connected, listening
from .udp import LocalUdpSocket
from .using import NetworkRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.bridge.addresses import Ip

    from .net import SocketAddress, SocketOptions, TcpListenerClient, TcpOptions, TcpSocketClient

_BROADCAST: Final = (1 << 32) - 1


class HostNetwork:
    """A `Network` of this machine: sockets of the event loop, on what is allowed."""

    def __init__(
        self, connect: Sequence[str] = (), listen: Sequence[str] = (), *, sockets: int = 256
    ) -> None:
        """Allow some peers and some local addresses, such as `10.0.0.0/8:*`, and so many sockets at once.

        Raises:
            ValueError: one is no address.
        """
        self._connect = [AddressRule.parse(text) for text in connect]
        self._listen = [AddressRule.parse(text) for text in listen]
        self._open = OpenSockets(sockets)

    @tcp_answer
    async def connect(self, to: SocketAddress, options: TcpOptions) -> TcpSocketClient:
        """Connect by TCP."""
        endpoint = Endpoint.make(self.peer(to), socket.SOCK_STREAM, self._open)
        endpoint.set_tcp_options(options)
        return await connected(endpoint, to)

    @listen_answer
    def listen(self, at: SocketAddress, backlog: int, options: TcpOptions) -> TcpListenerClient:
        """Listen for TCP."""
        endpoint, listens = self._bind(at, socket.SOCK_STREAM)
        if not listens:
            raise NetworkRefused(NetworkError.ACCESS_DENIED)
        endpoint.set_tcp_options(options)
        return listening(endpoint, backlog)

    @bind_answer
    def bind_tcp(self, at: SocketAddress, options: TcpOptions) -> BoundTcpClient:
        """Take a local address for TCP."""
        endpoint, listens = self._bind(at, socket.SOCK_STREAM)
        endpoint.set_tcp_options(options)
        return BoundTcpClient(LocalBoundTcp(endpoint, self, listens=listens))

    @udp_answer
    def bind_udp(self, at: SocketAddress, options: SocketOptions) -> UdpSocketClient:
        """Take a local address for datagrams."""
        endpoint, listens = self._bind(at, socket.SOCK_DGRAM)
        endpoint.set_options(options)
        return UdpSocketClient(LocalUdpSocket(endpoint, self, listens=listens))

    def _bind(self, at: SocketAddress, kind: socket.SocketKind) -> tuple[Endpoint, bool]:
        """Make a bound socket; returns it, and whether it was granted to listen there."""
        ip = ip_of(at.ip)
        listens = admitted(self._listen, ip, at.port)
        if not listens and (not self._connect or at.port or not ip.is_unspecified):
            raise NetworkRefused(NetworkError.ACCESS_DENIED)
        if kind is socket.SOCK_STREAM and not _is_unicast(ip):
            raise NetworkRefused(NetworkError.INVALID_ARGUMENT)
        endpoint = Endpoint.make(ip, kind, self._open)
        if kind is socket.SOCK_STREAM:  # the port of a listener that has just ended is free
            endpoint.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        endpoint.socket.bind(to_kernel(at))
        return endpoint, listens

    def peer(self, to: SocketAddress, *, datagram: bool = False) -> Ip:
        """Return the IP address of a peer that may be reached.

        Raises:
            NetworkRefused: it may not, or is nobody.
        """
        ip = ip_of(to.ip)
        if ip.is_unspecified or not to.port or not (datagram or _is_unicast(ip)):
            raise NetworkRefused(NetworkError.INVALID_ARGUMENT)  # the kernel would take 0.0.0.0 for itself
        if not admitted(self._connect, ip, to.port):
            raise NetworkRefused(NetworkError.ACCESS_DENIED)
        return ip

    def reaches(self, peer: SocketAddress) -> bool:
        """Return whether a peer may be reached."""
        return admitted(self._connect, ip_of(peer.ip), peer.port)


def _is_unicast(ip: Ip) -> bool:
    return not ip.is_multicast and not (ip.version == 4 and int(ip) == _BROADCAST)
