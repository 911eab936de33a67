"""`sock_*`, and the other calls on sockets: those that were granted open, and what a listener accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from capwit.bridge.errors import CapError
from capwit.caps.net import PeerNone, TcpListenerClient, TcpSocketClient, UdpSocketClient
from capwit.caps.using import NetworkRefused, value

from .abi import (
    NETWORK_ERRORS,
    RECV_DATA_TRUNCATED,
    RECV_PEEK,
    RECV_WAITALL,
    SHUT_RD,
    SHUT_WR,
    Errno,
    FdFlags,
    Rights,
)
from .errors import Refused
from .fdtable import OpenSocket, allowed
from .guest import MOST_BYTES, given, wanted

if TYPE_CHECKING:
    from .guest import Guest, Handler

_Vectors = list[tuple[int, int]]
_TO_ITS_PEER: Final = PeerNone()


def _connected(guest: Guest, fd: int, rights: int) -> OpenSocket:
    """Return a socket that speaks to somebody, which must have rights."""
    entry = guest.fds.find(fd, OpenSocket, 0, Errno.NOTSOCK)
    if isinstance(entry.client, TcpListenerClient):
        raise Refused(Errno.NOTCONN)
    allowed(entry, rights)
    return entry


async def _accept(guest: Guest, fd: int, flags: int, out: int) -> Errno:
    entry = guest.fds.find(fd, OpenSocket, 0, Errno.NOTSOCK)
    if flags & ~FdFlags.NONBLOCK:
        raise Refused(Errno.INVAL)
    guest.check(out, 4)
    match entry.client:
        case TcpListenerClient() as listener:
            allowed(entry, Rights.SOCK_ACCEPT)
            accepted = value(await listener.accept(_waits(entry)))
        case TcpSocketClient():
            raise Refused(Errno.INVAL)
        case UdpSocketClient():
            raise Refused(Errno.NOTSUP)
        case _:
            assert_never(entry.client)
    guest.write_u32(out, guest.fds.add_socket(accepted, entry.inheriting, flags))
    return Errno.SUCCESS


def _waits(entry: OpenSocket) -> bool:
    return not entry.flags & FdFlags.NONBLOCK


# -- Receiving


async def read(guest: Guest, entry: OpenSocket, vectors: _Vectors, out: int) -> Errno:
    """Do what `fd_read` does."""
    data, _ = await _receive(entry, wanted(vectors), 0)
    guest.scatter(vectors, data)
    guest.write_u32(out, len(data))
    return Errno.SUCCESS


async def _recv(guest: Guest, fd: int, at: int, count: int, flags: int, out: int, told: int) -> Errno:
    entry = _connected(guest, fd, Rights.FD_READ)
    if flags & ~(RECV_PEEK | RECV_WAITALL):
        raise Refused(Errno.INVAL)
    guest.check(out, 4)
    guest.check(told, 2)
    vectors = guest.vectors(at, count)
    data, truncated = await _receive(entry, wanted(vectors), flags)
    guest.scatter(vectors, data)
    guest.write_u32(out, len(data))
    guest.write(told, bytes((RECV_DATA_TRUNCATED if truncated else 0, 0)))
    return Errno.SUCCESS


async def _receive(entry: OpenSocket, most: int, flags: int) -> tuple[bytes, bool]:
    """Return what is received, and whether it was cut."""
    peek = bool(flags & RECV_PEEK)
    match entry.client:
        case TcpListenerClient():
            raise Refused(Errno.NOTCONN)
        case TcpSocketClient() as connection:
            whole = bool(flags & RECV_WAITALL) and not peek
            return await _receive_stream(connection, most, peek=peek, whole=whole, wait=_waits(entry)), False
        case UdpSocketClient() as udp:
            datagram = value(await udp.receive(most, peek, _waits(entry)))
            return given(datagram.data, most), datagram.truncated
        case _:
            assert_never(entry.client)


async def _receive_stream(
    connection: TcpSocketClient, most: int, *, peek: bool, whole: bool, wait: bool
) -> bytes:
    data = given(value(await connection.receive(most, peek, wait)), most)
    if not whole or not data or len(data) == most:
        return data
    received = bytearray(data)
    try:
        while data and len(received) < most:
            data = given(
                value(await connection.receive(most - len(received), peek, wait)), most - len(received)
            )
            received += data
    except NetworkRefused:
        pass  # what has come is told first; the next call finds what ended it
    return bytes(received)


# -- Sending


async def write(guest: Guest, entry: OpenSocket, vectors: _Vectors, out: int) -> Errno:
    """Do what `fd_write` does."""
    data = guest.gather(vectors)
    guest.write_u32(out, await _sent(entry, data))
    return Errno.SUCCESS


async def _send(guest: Guest, fd: int, at: int, count: int, flags: int, out: int) -> Errno:
    entry = _connected(guest, fd, Rights.FD_WRITE)
    if flags:
        raise Refused(Errno.INVAL)
    guest.check(out, 4)
    return await write(guest, entry, guest.vectors(at, count), out)


async def _sent(entry: OpenSocket, data: bytes) -> int:
    """Send, all of it unless that would have to wait and is not to; returns how many bytes that are."""
    match entry.client:
        case TcpListenerClient():
            raise Refused(Errno.NOTCONN)
        case TcpSocketClient() as connection:
            return await _send_stream(connection, data, wait=_waits(entry))
        case UdpSocketClient() as udp:
            try:
                value(await udp.send(data, _TO_ITS_PEER, _waits(entry)))
            except NetworkRefused as refused:
                if NETWORK_ERRORS[refused.error] is Errno.INVAL:
                    raise Refused(Errno.DESTADDRREQ) from None
                raise
            return len(data)
        case _:
            assert_never(entry.client)


async def _send_stream(connection: TcpSocketClient, data: bytes, *, wait: bool) -> int:
    count = value(await connection.send(data, wait))
    try:
        while wait and 0 < count < len(data):
            sent = value(await connection.send(data[count:], wait))
            if not sent:
                break
            count += sent
    except NetworkRefused:
        pass
    return min(count, len(data))


async def _shutdown(guest: Guest, fd: int, how: int) -> Errno:
    entry = _connected(guest, fd, Rights.SOCK_SHUTDOWN)
    if not how or how & ~(SHUT_RD | SHUT_WR):
        raise Refused(Errno.INVAL)
    if not isinstance(entry.client, TcpSocketClient):
        raise Refused(Errno.NOTCONN)
    value(await entry.client.shutdown(bool(how & SHUT_RD), bool(how & SHUT_WR)))
    return Errno.SUCCESS


# -- Waiting


async def room(entry: OpenSocket, *, write: bool) -> int:
    """Wait until a socket is ready; returns how many bytes may be read or written, as far as is known."""
    match entry.client:
        case TcpListenerClient() as listener:
            await listener.acceptable()
        case TcpSocketClient() as connection if write:
            try:
                return min(MOST_BYTES, await connection.writable())
            except CapError:
                return 0  # a write says why
        case UdpSocketClient() as udp if write:
            await udp.writable()
        case TcpSocketClient() | UdpSocketClient() as socket:
            await socket.readable()
        case _:
            assert_never(entry.client)
    return 1


HANDLERS: Final[dict[str, Handler]] = {
    "sock_accept": _accept,
    "sock_recv": _recv,
    "sock_send": _send,
    "sock_shutdown": _shutdown,
}
