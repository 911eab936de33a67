"""Sockets of this process: who owns one, how many there may be, how to wait for one, how it behaves."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import select
import socket
from typing import TYPE_CHECKING, Final, TypeVar

from .net import (
    IpAddressIpv4,
    IpAddressIpv6,
    Ipv6Address,
    KeepAlive,
    NetworkError,
    SocketAddress,
    SocketOptions,
    TcpOptions,
)
from .using import NetworkRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge.addresses import Ip
    from capwit.bridge.binding import MaybeAwaitable

    from .net import IpAddress

T = TypeVar("T")

_SECOND: Final = 1_000_000_000
_HALF: Final = (1 << 64) - 1
_MOST_BUFFER: Final = 1 << 30  # the kernel has a lower one of its own


class OpenSockets:
    """How many sockets are open through one grant, and may be."""

    __slots__ = ("left",)

    def __init__(self, most: int) -> None:
        """Allow so many."""
        self.left = most

    def check(self) -> None:
        """Refuse where there are as many as may be."""
        if self.left <= 0:
            raise NetworkRefused(NetworkError.NEW_SOCKET_LIMIT)


class _Socket(socket.socket):
    """A socket that closes without a word, in whatever order the garbage collector comes by."""

    def __del__(self) -> None:
        self.close()


class Endpoint:
    """A socket: closed with the last reference to it."""

    __slots__ = ("_open", "_readers", "_writers", "socket")

    def __init__(self, fd: int, open: OpenSockets) -> None:
        """Own the socket `fd`, which counts from now on."""
        self.socket = _Socket(fileno=fd)
        self._open = open
        self._readers: dict[asyncio.Future[None], None] = {}
        self._writers: dict[asyncio.Future[None], None] = {}
        open.left -= 1
        self.socket.setblocking(False)

    def __del__(self) -> None:
        """Close it."""
        self.socket.close()
        self._open.left += 1

    @classmethod
    def make(cls, ip: Ip, kind: socket.SocketKind, open: OpenSockets) -> Endpoint:
        """Make a socket for addresses of the version of `ip`.

        Raises:
            NetworkRefused: there are as many as may be.
        """
        open.check()
        made = socket.socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, kind)
        endpoint = cls(made.detach(), open)
        if ip.version == 6:  # an IPv4 peer has an IPv4 address, and no other
            endpoint.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        return endpoint

    @property
    def is_ipv4(self) -> bool:
        """Whether its addresses are of version 4."""
        return self.socket.family == socket.AF_INET

    @property
    def open(self) -> OpenSockets:
        """What it counts for."""
        return self._open

    def address(self) -> SocketAddress:
        """Return its own address."""
        return from_kernel(self.socket.getsockname())

    # -- Waiting

    def is_ready(self, *, write: bool) -> bool:
        """Return whether the next call would not wait; so it is where it fails."""
        poll = select.poll()
        poll.register(self.socket, select.POLLOUT if write else select.POLLIN)
        return bool(poll.poll(0))

    def ready(self, *, write: bool = False) -> MaybeAwaitable[None]:
        """Wait until it is ready; returns None where it is."""
        return None if self.is_ready(write=write) else self._ready_later(write=write)

    async def _ready_later(self, *, write: bool) -> None:
        while True:
            await self.wait(write=write)
            if self.is_ready(write=write):
                return

    async def wait(self, *, write: bool) -> None:
        """Wait until the loop says that it is ready, any number at a time."""
        loop = asyncio.get_running_loop()
        waiters = self._writers if write else self._readers
        if not waiters:  # the loop is told of the waiters alone, and so does not keep the socket
            (loop.add_writer if write else loop.add_reader)(self.socket, _wake, waiters)
        waiter = loop.create_future()
        waiters[waiter] = None
        try:
            await waiter
        finally:
            del waiters[waiter]
            if not waiters:
                (loop.remove_writer if write else loop.remove_reader)(self.socket)

    def attempt(self, call: Callable[[], T], *, wait: bool, write: bool = False) -> MaybeAwaitable[T]:
        """Do what may have to wait: at once where it need not, else later, or not at all without `wait`."""
        try:
            return call()
        except BlockingIOError:
            if not wait:
                raise
        return self._attempt_later(call, write=write)

    async def _attempt_later(self, call: Callable[[], T], *, write: bool) -> T:
        while True:
            await self.wait(write=write)
            try:
                return call()
            except BlockingIOError:
                continue

    async def connect(self, to: SocketAddress) -> None:
        """Connect.

        Raises:
            OSError: it cannot.
        """
        number = self.socket.connect_ex(to_kernel(to))
        if number == errno.EINPROGRESS:
            await self._ready_later(write=True)
            number = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number == errno.EADDRNOTAVAIL:  # there is no port left on this side
            number = errno.EADDRINUSE
        if number:
            raise OSError(number, os.strerror(number))

    # -- How it behaves

    def options(self) -> SocketOptions:
        """Return what is in force."""
        get = self.socket.getsockopt
        return SocketOptions(
            get(*self._hops),
            get(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2,  # the kernel counts what it needs itself as well
            get(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2,
        )

    def set_options(self, options: SocketOptions) -> None:
        """Set what is not 0."""
        if options.hop_limit:
            self.socket.setsockopt(*self._hops, options.hop_limit)
        for name, size in (
            (socket.SO_RCVBUF, options.receive_buffer),
            (socket.SO_SNDBUF, options.send_buffer),
        ):
            if size:
                self.socket.setsockopt(socket.SOL_SOCKET, name, min(size, _MOST_BUFFER))

    @property
    def _hops(self) -> tuple[int, int]:
        if self.is_ipv4:
            return socket.IPPROTO_IP, socket.IP_TTL
        return socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS

    def tcp_options(self) -> TcpOptions:
        """Return what is in force for a socket of TCP."""
        tcp = {name: self.socket.getsockopt(socket.IPPROTO_TCP, name) for name, _ in _KEEP_ALIVE}
        enabled = bool(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        idle, interval, count = tcp.values()
        return TcpOptions(self.options(), KeepAlive(enabled, idle * _SECOND, interval * _SECOND, count))

    def set_tcp_options(self, options: TcpOptions) -> None:
        """Set what is not 0, and whether it asks for signs of life."""
        self.set_options(options.socket)
        alive = options.keep_alive
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, alive.enabled)
        wanted = (-(-alive.idle // _SECOND), -(-alive.interval // _SECOND), alive.count)
        for (name, most), number in zip(_KEEP_ALIVE, wanted, strict=True):
            if number:
                self.socket.setsockopt(socket.IPPROTO_TCP, name, min(number, most))


# Seconds of silence, seconds between two questions, questions: and the most that the kernel takes.
_KEEP_ALIVE: Final = ((socket.TCP_KEEPIDLE, 32767), (socket.TCP_KEEPINTVL, 32767), (socket.TCP_KEEPCNT, 127))


def _wake(waiters: dict[asyncio.Future[None], None]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


# -- Addresses


def ip_of(address: IpAddress) -> Ip:
    """Return an address as Python has it.

    Raises:
        NetworkRefused: it is an IPv4 address in another form.
    """
    match address:
        case IpAddressIpv4(number):
            return ipaddress.IPv4Address(number)
        case IpAddressIpv6(bits):
            ip = ipaddress.IPv6Address(bits.high << 64 | bits.low)
            if ip.ipv4_mapped is not None:
                raise NetworkRefused(NetworkError.INVALID_ARGUMENT)
            return ip


def address_of(ip: Ip) -> IpAddress:
    """Return an address as the schema has it; an IPv4 address in another form becomes one."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return IpAddressIpv6(Ipv6Address(int(ip) >> 64, int(ip) & _HALF))
        ip = ip.ipv4_mapped
    return IpAddressIpv4(int(ip))


def socket_address(ip: Ip, port: int) -> SocketAddress:
    """Return an address and a port."""
    return SocketAddress(address_of(ip), port, 0, 0)


def to_kernel(address: SocketAddress) -> tuple[str, int] | tuple[str, int, int, int]:
    """Return an address as Python's sockets take it: in numbers, so that no name is ever looked up."""
    ip = ip_of(address.ip)
    if ip.version == 4:
        return str(ip), address.port
    return str(ip), address.port, address.flow & 0xFFFFF, address.scope


def from_kernel(address: tuple[str, int] | tuple[str, int, int, int]) -> SocketAddress:
    """Return an address that Python's sockets gave."""
    flow, scope = address[2:] or (0, 0)
    return SocketAddress(
        address_of(ipaddress.ip_address(address[0].partition("%")[0])), address[1], flow, scope
    )
