"""TCP of this machine: addresses that were taken, listeners, connections."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import termios
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind

from .endpoints import Endpoint, from_kernel, ip_of
from .net import NetworkError, TcpListenerClient, TcpSocketClient
from .net_answers import answer, listen_answer, network_error, receive_answer, send_answer, tcp_answer
from .using import NetworkRefused

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable

    from .net import SocketAddress, TcpOptions
    from .network import HostNetwork

_MOST: Final = 256 * 1024  # bytes of one call
_LEAST_BUDGET: Final = 1024
_BACKLOG: Final = 128


class _Tcp:
    """What they have in common."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Stand on a socket."""
        self._endpoint = endpoint

    def local_address(self) -> SocketAddress:
        """Return its own address."""
        return self._endpoint.address()

    def options(self) -> TcpOptions:
        """Return how it behaves."""
        return self._endpoint.tcp_options()

    @answer
    def set_options(self, options: TcpOptions) -> None:
        """Set how it behaves."""
        self._endpoint.set_tcp_options(options)


class LocalBoundTcp(_Tcp):
    """A `BoundTcp` of a network of this machine."""

    def __init__(self, endpoint: Endpoint, network: HostNetwork, *, listens: bool) -> None:
        """Stand on a bound socket, which may listen or not."""
        super().__init__(endpoint)
        self._network = network
        self._listens = listens
        self._taken = False

    def _take(self) -> Endpoint:
        if self._taken:
            raise NetworkRefused(NetworkError.INVALID_STATE)
        self._taken = True
        return self._endpoint

    @tcp_answer
    async def connect(self, to: SocketAddress) -> TcpSocketClient:
        """Connect from here."""
        if self._network.peer(to).version != ip_of(self._endpoint.address().ip).version:
            raise NetworkRefused(NetworkError.INVALID_ARGUMENT)
        return await connected(self._take(), to)

    @listen_answer
    def listen(self, backlog: int) -> TcpListenerClient:
        """Listen here."""
        if not self._listens:
            raise NetworkRefused(NetworkError.ACCESS_DENIED)
        return listening(self._take(), backlog)


async def connected(endpoint: Endpoint, to: SocketAddress) -> TcpSocketClient:
    """Connect a socket; returns it as what it is then."""
    await endpoint.connect(to)
    return TcpSocketClient(LocalTcpSocket(endpoint, to))


def listening(endpoint: Endpoint, backlog: int) -> TcpListenerClient:
    """Let a bound socket listen; returns it as what it is then."""
    endpoint.socket.listen(min(backlog, _BACKLOG) or _BACKLOG)
    return TcpListenerClient(LocalTcpListener(endpoint))


class LocalTcpListener(_Tcp):
    """A `TcpListener` of this machine."""

    @tcp_answer
    def accept(self, wait: bool) -> MaybeAwaitable[TcpSocketClient]:
        """Take the next connection."""
        return self._endpoint.attempt(self._accept, wait=wait)

    def _accept(self) -> TcpSocketClient:
        open = self._endpoint.open
        open.check()  # before: what is not accepted waits for somebody to close one
        accepted, peer = self._endpoint.socket.accept()
        return TcpSocketClient(LocalTcpSocket(Endpoint(accepted.detach(), open), from_kernel(peer)))

    def acceptable(self) -> MaybeAwaitable[None]:
        """Wait for a connection."""
        return self._endpoint.ready()


class LocalTcpSocket(_Tcp):
    """A `TcpSocket` of this machine."""

    def __init__(self, endpoint: Endpoint, peer: SocketAddress) -> None:
        """Stand on a connected socket."""
        super().__init__(endpoint)
        self._peer = peer
        self._receives = self._sends = True
        self._lock = asyncio.Lock()  # those who write wait their turn

    def remote_address(self) -> SocketAddress:
        """Return the peer's address."""
        return self._peer

    @receive_answer
    def receive(self, limit: int, peek: bool, wait: bool) -> MaybeAwaitable[bytes]:
        """Receive bytes, at once if there are any."""
        return self._receive(limit, socket.MSG_PEEK if peek else 0, wait=wait)

    def _receive(self, limit: int, flags: int = 0, *, wait: bool = True) -> MaybeAwaitable[bytes]:
        def receive() -> bytes:
            return self._endpoint.socket.recv(min(limit, _MOST), flags) if self._receives else b""

        return self._endpoint.attempt(receive, wait=wait) if limit else b""

    @send_answer
    def send(self, data: bytes, wait: bool) -> MaybeAwaitable[int]:
        """Send a beginning of `data`, behind what is being written."""
        if not self._lock.locked():
            return self._send(memoryview(data), wait=wait)
        if not wait:
            raise NetworkRefused(NetworkError.WOULD_BLOCK)
        return self._send_in_turn(data)

    async def _send_in_turn(self, data: bytes) -> int:
        async with self._lock:
            sent = self._send(memoryview(data))
            return await sent if isinstance(sent, Awaitable) else sent

    def _send(self, data: memoryview, *, wait: bool = True) -> MaybeAwaitable[int]:
        def send() -> int:
            if not self._sends:
                raise NetworkRefused(NetworkError.CONNECTION_ABORTED)
            return self._endpoint.socket.send(data[:_MOST], socket.MSG_NOSIGNAL)

        return self._endpoint.attempt(send, wait=wait, write=True) if data else 0

    @answer
    def shutdown(self, receive: bool, send: bool) -> None:
        """End either half."""
        how = {(True, True): socket.SHUT_RDWR, (True, False): socket.SHUT_RD, (False, True): socket.SHUT_WR}
        if receive or send:
            self._endpoint.socket.shutdown(how[receive, send])
        self._receives &= not receive
        self._sends &= not send

    # -- As a `ByteSource` and a `ByteSink`

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Return bytes, at once if there are any.

        Raises:
            NetworkRefused: the connection is gone.
        """
        try:
            data = self._receive(limit)
        except OSError as error:
            raise NetworkRefused(network_error(error)) from None
        return self._read_later(data) if isinstance(data, Awaitable) else data

    async def _read_later(self, data: Awaitable[bytes]) -> bytes:
        try:
            return await data
        except OSError as error:
            raise NetworkRefused(network_error(error)) from None

    def readable(self) -> MaybeAwaitable[None]:
        """Wait until there are bytes, or an end."""
        return self._endpoint.ready() if self._receives else None

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Send all of `data`, at once if the peer is as fast.

        Raises:
            NetworkRefused: the connection is gone.
            CapError: `failed` after `end`.
        """
        self._check()
        left = memoryview(bytes(data))
        try:
            while left and not self._lock.locked():
                sent = self._send(left, wait=False)
                assert isinstance(sent, int)
                left = left[sent:]
        except BlockingIOError:
            pass
        except OSError as error:
            raise NetworkRefused(network_error(error)) from None
        return self._write_later(left) if left else None

    async def _write_later(self, left: memoryview) -> None:
        async with self._lock:
            while left:
                self._check()
                try:
                    sent = self._send(left)
                    left = left[await sent if isinstance(sent, Awaitable) else sent :]
                except OSError as error:
                    raise NetworkRefused(network_error(error)) from None

    def _check(self) -> None:
        if not self._sends:
            raise CapError(ErrorKind.FAILED, "the stream was ended")

    def writable(self) -> MaybeAwaitable[int]:
        """Return how much can be sent without waiting, once that is anything."""
        self._check()
        return self._budget() if self._is_writable else self._room_later()

    @property
    def _is_writable(self) -> bool:
        return not self._lock.locked() and self._endpoint.is_ready(write=True)

    async def _room_later(self) -> int:
        while not self._is_writable:
            async with self._lock:  # behind those who wait to write
                await self._endpoint.wait(write=True)
        self._check()
        return self._budget()

    def _budget(self) -> int:
        """Return what the kernel takes: it calls a socket writable while a third of its buffer is free."""
        buffer = self._endpoint.socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        waiting = int.from_bytes(fcntl.ioctl(self._endpoint.socket, termios.TIOCOUTQ, bytes(4)), "little")
        return min(_MOST, max(_LEAST_BUDGET, (buffer - waiting) // 4))

    async def flush(self) -> None:
        """Wait until the operating system has all that was written."""
        async with self._lock:
            pass

    async def end(self) -> None:
        """End the sending half, behind what is being written."""
        async with self._lock:
            if self._sends:
                self.shutdown(receive=False, send=True)
