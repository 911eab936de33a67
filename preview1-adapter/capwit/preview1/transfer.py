"""`fd_read`, `fd_write`, `fd_pread`, `fd_pwrite`: bytes between a guest's memory and what is open.

A file of this process that nothing narrows reads and writes the guest's memory itself. Whatever may wait gets
a copy: the guest's memory may be gone before it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, assert_never

from capwit.caps.files import WriteAnswerError
from capwit.caps.streams import BYTE_SINK, BYTE_SOURCE, ByteSinkClient
from capwit.caps.using import ask, value, waits

from . import sock
from .abi import FILE_ERRORS, Errno, FdFlags, Rights
from .errors import Refused
from .fdtable import OpenDirectory, OpenFile, OpenSocket, OpenStream
from .guest import SUCCESS, Guest, Handler, at_once, given, wanted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from capwit.bridge.binding import Method
    from capwit.caps.files import WriteAnswer

_SINK_WRITABLE: Final[Method[int]] = BYTE_SINK.methods["writable"]
_SOURCE_READABLE: Final[Method[None]] = BYTE_SOURCE.methods["readable"]
_SYNCED: Final = FdFlags.SYNC | FdFlags.DSYNC
_ELSEWHERE: Final = _SYNCED | FdFlags.APPEND  # what takes more than one call of the file
_MOST_AT_ONCE: Final = (
    16 * 1024 * 1024
)  # bytes that are moved without a copy: the loop stands still meanwhile
_WITHOUT_POSITION: Final = (OpenStream, OpenSocket)
_Vectors = list[tuple[int, int]]


def _read(guest: Guest, fd: int, at: int, count: int, out: int) -> Errno | Awaitable[Errno]:
    entry = guest.fds.get(fd)
    if not entry.rights & Rights.FD_READ:
        raise Refused(Errno.BADF)
    vectors = _checked(guest, at, count, out)
    match entry:
        case OpenFile():
            return _read_file(guest, entry, vectors, None, out)
        case OpenStream():
            return _read_stream(guest, entry, vectors, out)
        case OpenSocket():
            return sock.read(guest, entry, vectors, out)
        case OpenDirectory():
            raise Refused(Errno.BADF)
        case _:
            assert_never(entry)


def _pread(guest: Guest, fd: int, at: int, count: int, offset: int, out: int) -> Errno | Awaitable[Errno]:
    return _read_file(guest, _file(guest, fd, Rights.FD_READ), _checked(guest, at, count, out), offset, out)


def _write(guest: Guest, fd: int, at: int, count: int, out: int) -> Errno | Awaitable[Errno]:
    entry = guest.fds.get(fd)
    if not entry.rights & Rights.FD_WRITE:
        raise Refused(Errno.BADF)
    guest.check(out, 4)
    match entry:
        case OpenStream():
            return _write_stream(guest, entry, guest.taken(at, count), out)
        case OpenFile():
            return _write_file(guest, entry, guest.vectors(at, count), None, out)
        case OpenSocket():
            return sock.write(guest, entry, guest.vectors(at, count), out)
        case OpenDirectory():
            raise Refused(Errno.BADF)
        case _:
            assert_never(entry)


def _pwrite(guest: Guest, fd: int, at: int, count: int, offset: int, out: int) -> Errno | Awaitable[Errno]:
    return _write_file(guest, _file(guest, fd, Rights.FD_WRITE), _checked(guest, at, count, out), offset, out)


def _checked(guest: Guest, at: int, count: int, out: int) -> _Vectors:
    guest.check(out, 4)
    return guest.vectors(at, count)


def _file(guest: Guest, fd: int, rights: int) -> OpenFile:
    entry = guest.fds.get(fd)
    if isinstance(entry, _WITHOUT_POSITION):
        raise Refused(Errno.SPIPE)
    if not isinstance(entry, OpenFile) or rights & ~entry.rights:
        raise Refused(Errno.BADF)
    return entry


# -- Files


def _read_file(
    guest: Guest, entry: OpenFile, vectors: _Vectors, offset: int | None, out: int
) -> Errno | Awaitable[Errno]:
    local = entry.local
    if local is None:
        return _read_file_elsewhere(guest, entry, vectors, offset, out)
    start = entry.position if offset is None else offset
    return _done(guest, entry, _at_once(guest, vectors, start, local.read_into), offset, out)


def _write_file(
    guest: Guest, entry: OpenFile, vectors: _Vectors, offset: int | None, out: int
) -> Errno | Awaitable[Errno]:
    local = entry.local
    if local is None or entry.flags & _ELSEWHERE:
        return _write_file_elsewhere(guest, entry, vectors, offset, out)
    start = entry.position if offset is None else offset
    return _done(guest, entry, _at_once(guest, vectors, start, local.write), offset, out)


def _at_once(guest: Guest, vectors: _Vectors, offset: int, move: Callable[[int, Any], WriteAnswer]) -> int:
    """Let a file of this process at the guest's own memory; returns how many bytes it moved."""
    moved = 0
    for base, whole in vectors:
        size = min(whole, _MOST_AT_ONCE - moved)
        with guest.memory.view(base, size) as view:
            answer = move(offset + moved, view)
        if isinstance(answer, WriteAnswerError):
            if moved:
                break
            raise Refused(FILE_ERRORS[answer.value])
        moved += answer.value
        if answer.value < whole or moved == _MOST_AT_ONCE:
            break
    return moved


def _done(guest: Guest, entry: OpenFile, moved: int, offset: int | None, out: int) -> Errno:
    if offset is None:
        entry.position += moved
    guest.write_u32(out, moved)
    return SUCCESS


async def _read_file_elsewhere(
    guest: Guest, entry: OpenFile, vectors: _Vectors, offset: int | None, out: int
) -> Errno:
    start = entry.position if offset is None else offset
    most = wanted(vectors)
    data = given(value(await entry.client.read(start, most)), most)
    guest.scatter(vectors, data)
    return _done(guest, entry, len(data), offset, out)


async def _write_file_elsewhere(
    guest: Guest, entry: OpenFile, vectors: _Vectors, offset: int | None, out: int
) -> Errno:
    data = guest.gather(vectors)
    if entry.flags & FdFlags.APPEND:  # wherever it was meant to go, as Linux has it
        written = value(await entry.client.append(data))
        if offset is None:
            entry.position = value(await entry.client.stat()).size
        guest.write_u32(out, written)
    else:
        start = entry.position if offset is None else offset
        written = value(await entry.client.write(start, data))
        _done(guest, entry, written, offset, out)
    if entry.flags & _SYNCED:
        value(await entry.client.sync(not entry.flags & FdFlags.SYNC))
    return SUCCESS


# -- Streams


async def _read_stream(guest: Guest, entry: OpenStream, vectors: _Vectors, out: int) -> Errno:
    assert entry.source is not None
    most = wanted(vectors)
    if most and entry.flags & FdFlags.NONBLOCK and not entry.ready:
        await at_once(ask(entry.source, _SOURCE_READABLE))
    entry.ready = False
    data = given(await entry.source.read(most), most) if most else b""
    guest.scatter(vectors, data)
    guest.write_u32(out, len(data))
    return SUCCESS


def _write_stream(guest: Guest, entry: OpenStream, data: bytes, out: int) -> Errno | Awaitable[Errno]:
    assert entry.sink is not None
    if data:
        if entry.flags & FdFlags.NONBLOCK and isinstance(entry.sink, ByteSinkClient):
            return _write_what_fits(guest, entry.sink, data, out)  # a console does not say what does
        written = entry.write(data)
        if waits(written):
            return _written_later(guest, written, len(data), out)
    guest.write_u32(out, len(data))
    return SUCCESS


async def _write_what_fits(guest: Guest, sink: ByteSinkClient, data: bytes, out: int) -> Errno:
    room = await at_once(ask(sink, _SINK_WRITABLE))
    await sink.write(data[:room])
    guest.write_u32(out, min(room, len(data)))
    return SUCCESS


async def _written_later(guest: Guest, written: Awaitable[None], size: int, out: int) -> Errno:
    await written
    guest.write_u32(out, size)
    return SUCCESS


HANDLERS: Final[dict[str, Handler]] = {
    "fd_pread": _pread,
    "fd_pwrite": _pwrite,
    "fd_read": _read,
    "fd_write": _write,
}
