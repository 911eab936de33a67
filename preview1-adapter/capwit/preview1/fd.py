"""`fd_*`: what is done with a descriptor itself. Reading and writing is in `transfer`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, assert_never

from capwit.bridge.errors import CapError
from capwit.caps.files import Advice, Kind, NewTime, NewTimeAt, NewTimeKeep, NewTimeNow, Stat
from capwit.caps.standard import Instant
from capwit.caps.using import value

from .abi import (
    DIRENT,
    FDSTAT,
    FILE_TYPES,
    PRESTAT,
    Errno,
    FileType,
    FstFlags,
    Rights,
    Whence,
)
from .clock import SECOND, nanoseconds
from .errors import Refused
from .fdtable import OpenDirectory, OpenFile, OpenSocket, OpenStream, allowed

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from .abi import Snapshot
    from .fdtable import Open
    from .guest import Guest, Handler

_ADVICE: Final = tuple(Advice)
_MOST_ENTRIES: Final = 256  # asked for at once


# -- The descriptor


def _close(guest: Guest, fd: int) -> Errno:
    guest.fds.close(fd)
    return Errno.SUCCESS


def _renumber(guest: Guest, fd: int, to: int) -> Errno:
    guest.fds.renumber(fd, to)
    return Errno.SUCCESS


def _fdstat_get(guest: Guest, fd: int, at: int) -> Errno | Awaitable[Errno]:
    entry = guest.fds.get(fd)
    if isinstance(entry, OpenStream) and entry.terminal is not None:
        return _fdstat_of_terminal(guest, entry, at)
    return _fdstat(guest, entry, at)


def _fdstat(guest: Guest, entry: Open, at: int) -> Errno:
    guest.write(at, FDSTAT.pack(entry.type, entry.flags, entry.rights, entry.inheriting))
    return Errno.SUCCESS


async def _fdstat_of_terminal(guest: Guest, entry: OpenStream, at: int) -> Errno:
    await _look_at(entry)
    return _fdstat(guest, entry, at)


async def _look_at(entry: OpenStream) -> None:
    """Find out whether a stream is a terminal: a libc tells by its type, and that it cannot be sought."""
    terminal = entry.terminal
    if terminal is not None and entry.type is FileType.UNKNOWN:
        with suppress(CapError):  # a terminal that is gone is none
            if await terminal.is_terminal():
                entry.type = FileType.CHARACTER_DEVICE


def _fdstat_set_flags(guest: Guest, fd: int, flags: int) -> Errno:
    entry = guest.fds.get(fd)
    if isinstance(entry, OpenDirectory):
        raise Refused(Errno.BADF)
    allowed(entry, Rights.FD_FDSTAT_SET_FLAGS)
    entry.flags = flags_of(flags)
    return Errno.SUCCESS


def flags_of(number: int) -> int:
    """Return flags.

    Raises:
        Refused: there are others among them (INVAL).
    """
    if number >> 5:
        raise Refused(Errno.INVAL)
    return number


def _fdstat_set_rights(guest: Guest, fd: int, base: int, inheriting: int) -> Errno:
    entry = guest.fds.get(fd)
    if base & ~(entry.rights | entry.implied) or inheriting & ~entry.inheriting:  # they only ever become less
        raise Refused(Errno.NOTCAPABLE)
    entry.rights, entry.implied, entry.inheriting = base, 0, inheriting
    return Errno.SUCCESS


def _preopen(guest: Guest, fd: int) -> bytes:
    entry = guest.fds.get(fd)
    if not isinstance(entry, OpenDirectory) or entry.name is None:
        raise Refused(Errno.BADF)
    return entry.name


def _prestat_get(guest: Guest, fd: int, at: int) -> Errno:
    guest.write(at, PRESTAT.pack(0, len(_preopen(guest, fd))))
    return Errno.SUCCESS


def _prestat_dir_name(guest: Guest, fd: int, at: int, size: int) -> Errno:
    name = _preopen(guest, fd)
    if size < len(name):
        raise Refused(Errno.NAMETOOLONG)
    guest.write(at, name)
    return Errno.SUCCESS


# -- Positions


async def _seek(snapshot: Snapshot, guest: Guest, fd: int, offset: int, number: int, at: int) -> Errno:
    guest.check(at, 8)
    if offset >> 63:
        offset -= 1 << 64
    whence = snapshot.whence[number] if number < len(snapshot.whence) else None
    told = not offset and whence is Whence.CUR
    entry = _positioned(guest, fd, Rights.FD_TELL if told else Rights.FD_SEEK)
    match whence:
        case Whence.SET:
            position = offset
        case Whence.CUR:
            position = entry.position + offset
        case Whence.END:
            position = value(await entry.client.stat()).size + offset
        case None:
            raise Refused(Errno.INVAL)
        case _:
            assert_never(whence)
    if not 0 <= position < 1 << 63:
        raise Refused(Errno.INVAL)
    entry.position = position
    guest.write_u64(at, position)
    return Errno.SUCCESS


def _tell(guest: Guest, fd: int, at: int) -> Errno:
    guest.write_u64(at, _positioned(guest, fd, Rights.FD_TELL).position)
    return Errno.SUCCESS


def _positioned(guest: Guest, fd: int, rights: int) -> OpenFile:
    if isinstance(guest.fds.get(fd), OpenStream | OpenSocket):
        raise Refused(Errno.SPIPE)
    return guest.fds.file(fd, rights)


# -- The file


async def _advise(guest: Guest, fd: int, offset: int, size: int, advice: int) -> Errno:
    entry = _positioned(guest, fd, Rights.FD_ADVISE)
    if advice >= len(_ADVICE):
        raise Refused(Errno.INVAL)
    value(await entry.client.advise(offset, size, _ADVICE[advice]))
    return Errno.SUCCESS


async def _allocate(guest: Guest, fd: int, offset: int, size: int) -> Errno:
    value(await guest.fds.file(fd, Rights.FD_ALLOCATE).client.allocate(offset, size))
    return Errno.SUCCESS


async def _set_size(guest: Guest, fd: int, size: int) -> Errno:
    value(await guest.fds.file(fd, Rights.FD_FILESTAT_SET_SIZE).client.set_size(size))
    return Errno.SUCCESS


async def _sync(guest: Guest, fd: int) -> Errno:
    return await _synced(guest, fd, Rights.FD_SYNC, data_only=False)


async def _datasync(guest: Guest, fd: int) -> Errno:
    return await _synced(guest, fd, Rights.FD_DATASYNC, data_only=True)


async def _synced(guest: Guest, fd: int, rights: int, *, data_only: bool) -> Errno:
    if isinstance(guest.fds.get(fd), OpenStream | OpenSocket):
        raise Refused(Errno.INVAL)
    value(await guest.fds.file(fd, rights).client.sync(data_only))
    return Errno.SUCCESS


async def _filestat_get(snapshot: Snapshot, guest: Guest, fd: int, at: int) -> Errno:
    entry = guest.fds.get(fd)
    allowed(entry, Rights.FD_FILESTAT_GET)
    match entry:
        case OpenFile() | OpenDirectory():
            guest.write(at, filestat(snapshot, value(await entry.client.stat())))
        case OpenStream():
            await _look_at(entry)
            guest.write(at, snapshot.filestat.pack(0, 0, entry.type, 1, 0, 0, 0, 0))
        case OpenSocket():
            guest.write(at, snapshot.filestat.pack(0, 0, entry.type, 1, 0, 0, 0, 0))
        case _:
            assert_never(entry)
    return Errno.SUCCESS


def filestat(snapshot: Snapshot, stat: Stat) -> bytes:
    """Return what is known of a file as the ABI lays it out."""
    links = min(stat.links, snapshot.most_links)
    return snapshot.filestat.pack(
        stat.device, stat.inode, FILE_TYPES[stat.kind], links, stat.size,
        nanoseconds(stat.accessed), nanoseconds(stat.modified), nanoseconds(stat.changed),
    )  # fmt: skip


async def _set_times(guest: Guest, fd: int, accessed: int, modified: int, flags: int) -> Errno:
    entry = guest.fds.get(fd)
    if isinstance(entry, OpenStream | OpenSocket):
        raise Refused(Errno.BADF)
    allowed(entry, Rights.FD_FILESTAT_SET_TIMES)
    value(await entry.client.set_times(*times_of(accessed, modified, flags)))
    return Errno.SUCCESS


def times_of(accessed: int, modified: int, flags: int) -> tuple[NewTime, NewTime]:
    """Return what to set the two times to.

    Raises:
        Refused: the flags contradict each other (INVAL).
    """
    if flags >> 4:
        raise Refused(Errno.INVAL)
    return (
        _time_of(accessed, flags & FstFlags.ATIM, flags & FstFlags.ATIM_NOW),
        _time_of(modified, flags & FstFlags.MTIM, flags & FstFlags.MTIM_NOW),
    )


def _time_of(time: int, given: int, now: int) -> NewTime:
    if given and now:
        raise Refused(Errno.INVAL)
    if now:
        return NewTimeNow()
    return NewTimeAt(Instant(*divmod(time, SECOND))) if given else NewTimeKeep()


# -- The directory


async def _readdir(guest: Guest, fd: int, at: int, size: int, cookie: int, used_at: int) -> Errno:
    entry = guest.fds.directory(fd, Rights.FD_READDIR)
    guest.check(at, size)
    guest.check(used_at, 4)
    own = value(await entry.client.stat())
    listed = bytearray()
    # The first two entries are not the directory's: what it lists has cookies that are larger by two.
    for number, name in enumerate((b".", b"..")):
        if cookie <= number:
            listed += _dirent(number + 1, own.inode, FileType.DIRECTORY, name)
    behind = max(0, cookie - 2)
    while len(listed) < size:
        limit = min(_MOST_ENTRIES, (size - len(listed)) // DIRENT.size + 1)
        entries = value(await entry.client.list(behind, limit))
        if not entries:
            break
        for each in entries:
            listed += _dirent(each.cookie + 2, each.inode, _type_of(each.kind), each.name.encode())
        behind = entries[-1].cookie
        await asyncio.sleep(0)  # a folder may be large, and others want to go on
    part = bytes(listed[:size])
    guest.write(at, part)
    guest.write_u32(used_at, len(part))
    return Errno.SUCCESS


def _dirent(cookie: int, inode: int, type: FileType, name: bytes) -> bytes:
    return DIRENT.pack(cookie, inode, len(name), type) + name


def _type_of(kind: Kind) -> FileType:
    return FILE_TYPES[kind]


HANDLERS: Final[dict[str, Handler]] = {
    "fd_advise": _advise,
    "fd_allocate": _allocate,
    "fd_close": _close,
    "fd_datasync": _datasync,
    "fd_fdstat_get": _fdstat_get,
    "fd_fdstat_set_flags": _fdstat_set_flags,
    "fd_fdstat_set_rights": _fdstat_set_rights,
    "fd_filestat_set_size": _set_size,
    "fd_filestat_set_times": _set_times,
    "fd_prestat_get": _prestat_get,
    "fd_prestat_dir_name": _prestat_dir_name,
    "fd_readdir": _readdir,
    "fd_renumber": _renumber,
    "fd_sync": _sync,
    "fd_tell": _tell,
}
# What differs between the snapshots, and so takes one first.
BY_SNAPSHOT: Final[dict[str, Handler]] = {"fd_filestat_get": _filestat_get, "fd_seek": _seek}
