"""UDP of this machine."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import TYPE_CHECKING, Final

from . import linux
from .endpoints import from_kernel, ip_of, to_kernel
from .net import Datagram, NetworkError, Peer, PeerAddress, PeerNone
from .net_answers import answer, datagram_answer
from .using import NetworkRefused

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable

    from .endpoints import Endpoint
    from .net import SocketAddress, SocketOptions
    from .network import HostNetwork

_MOST: Final = 65535  # bytes of one datagram
_AT_ONCE: Final = 100  # datagrams of others that are let go before the loop has a turn


class LocalUdpSocket:
    """A `UdpSocket` of a network of this machine.

    What is not meant for the guest is let go here: what others send than the peer that it is connected to,
    even if it had come in before; what peers send that it may not reach, unless it was granted to listen.
    """

    def __init__(self, endpoint: Endpoint, network: HostNetwork, *, listens: bool) -> None:
        """Stand on a bound socket, which hears whoever writes to it or those alone that it may reach."""
        self._endpoint = endpoint
        self._network = network
        self._listens = listens
        self._bound = endpoint.address()
        self._peer: SocketAddress | None = None
        self._failure: OSError | None = None  # which the kernel tells once, and `readable` was told

    # -- Receiving

    @datagram_answer
    def receive(self, limit: int, peek: bool, wait: bool) -> MaybeAwaitable[Datagram]:
        """Receive the next datagram, at once if there is one."""

        def receive() -> Datagram:
            self._let_go()
            data, _, flags, sender = self._endpoint.socket.recvmsg(
                min(limit, _MOST), 0, socket.MSG_PEEK if peek else 0
            )
            return Datagram(data, from_kernel(sender), bool(flags & socket.MSG_TRUNC))

        return self._endpoint.attempt(receive, wait=wait)

    def _let_go(self) -> None:
        """Let go of what is not to be heard, until there is something else.

        Raises:
            BlockingIOError: there is nothing (yet).
            OSError: what was sent before has come to nothing.
        """
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        receive = self._endpoint.socket.recvmsg
        for _ in range(_AT_ONCE):
            *_, sender = receive(0, 0, socket.MSG_PEEK)
            if self._hears(from_kernel(sender)):
                return
            receive(0)
        raise BlockingIOError(errno.EAGAIN, "nothing is to be heard")

    def _hears(self, sender: SocketAddress) -> bool:
        if self._peer is not None:
            return (sender.ip, sender.port) == (self._peer.ip, self._peer.port)
        return self._listens or self._network.reaches(sender)

    def readable(self) -> MaybeAwaitable[None]:
        """Wait for a datagram."""
        return None if self._is_readable() else self._readable_later()

    def _is_readable(self) -> bool:
        try:
            self._let_go()
        except BlockingIOError:
            return False
        except OSError as error:
            self._failure = error.with_traceback(None)
        return True

    async def _readable_later(self) -> None:
        while not self._is_readable():
            await self._endpoint.wait(write=False)
            await asyncio.sleep(0)

    # -- Sending

    @answer
    def send(self, data: bytes, to: Peer, wait: bool) -> MaybeAwaitable[None]:
        """Send a datagram, at once if there is room."""
        match to:
            case PeerNone():
                address = self._peer
            case PeerAddress(address):
                self._check(address)
                if self._peer not in (None, address):
                    address = None
        if address is None:
            raise NetworkRefused(NetworkError.INVALID_ARGUMENT)
        where = to_kernel(address)

        def send() -> None:
            if self._peer is None:
                self._endpoint.socket.sendto(data, socket.MSG_NOSIGNAL, where)
            else:
                self._endpoint.socket.send(data, socket.MSG_NOSIGNAL)

        return self._endpoint.attempt(send, wait=wait, write=True)

    def _check(self, to: SocketAddress) -> None:
        if self._network.peer(to, datagram=True).version != ip_of(self._bound.ip).version:
            raise NetworkRefused(NetworkError.INVALID_ARGUMENT)

    def writable(self) -> MaybeAwaitable[None]:
        """Wait for room."""
        return self._endpoint.ready(write=True)

    @answer
    def connect(self, to: Peer) -> None:
        """Speak to one peer alone, or to whoever may be reached."""
        match to:
            case PeerAddress(address):
                self._check(address)
                number = self._endpoint.socket.connect_ex(to_kernel(address))
                if number:
                    raise OSError(number, os.strerror(number))
                self._peer = address
            case PeerNone() if self._peer is not None:
                self._peer = None
                linux.disconnect(self._endpoint.socket.fileno())
                if not self._endpoint.address().port:  # the kernel gives a port back that it had chosen
                    self._endpoint.socket.bind(to_kernel(self._bound))
            case PeerNone():
                pass

    # -- The socket

    def local_address(self) -> SocketAddress:
        """Return its own address."""
        return self._endpoint.address()

    def remote_address(self) -> Peer:
        """Return whom it is connected to."""
        return PeerNone() if self._peer is None else PeerAddress(self._peer)

    def options(self) -> SocketOptions:
        """Return how it behaves."""
        return self._endpoint.options()

    @answer
    def set_options(self, options: SocketOptions) -> None:
        """Set how it behaves."""
        self._endpoint.set_options(options)
