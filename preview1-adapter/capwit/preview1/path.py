"""`path_*`: what a path leads to, beneath a directory that is open. The directory sees to "beneath"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.caps.files import DIRECTORY, FileClient, OpenFlags
from capwit.caps.using import ask, value, waits

from .abi import DIRECTORY_RIGHTS, FILE_RIGHTS, SYMLINK_FOLLOW, Errno, OFlags, Rights
from .errors import Refused
from .fd import filestat, flags_of, times_of

if TYPE_CHECKING:
    from capwit.bridge.binding import Method
    from capwit.caps.files import Access

    from .abi import Snapshot
    from .guest import Guest, Handler

_ACCESS: Final[Method[Access]] = DIRECTORY.methods["access"]
# With any of these, a file is opened to be changed.
_WRITING: Final = Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE
_IMPLIED: Final = FILE_RIGHTS & ~(Rights.FD_READ | _WRITING)


async def _open(
    guest: Guest, fd: int, lookup: int, at: int, size: int, oflags: int,
    base: int, inheriting: int, fdflags: int, out: int,
) -> Errno:  # fmt: skip
    if oflags >> 4:
        raise Refused(Errno.INVAL)
    needed = Rights.PATH_OPEN
    if oflags & OFlags.CREAT:
        needed |= Rights.PATH_CREATE_FILE
    if oflags & OFlags.TRUNC:
        needed |= Rights.PATH_FILESTAT_SET_SIZE
    directory = guest.fds.directory(fd, needed)
    flags, path = flags_of(fdflags), guest.path(at, size)
    guest.check(out, 4)
    # What is asked for beyond what the directory passes on is not had: each call that needs it says so.
    rights, passed = base & directory.inheriting, inheriting & directory.inheriting
    only_directory = bool(oflags & OFlags.DIRECTORY)
    writing = Rights.FD_WRITE if only_directory else _WRITING
    access = ask(directory.client, _ACCESS)
    opened = value(
        await directory.client.open(
            path,
            OpenFlags(
                read=bool(rights & Rights.FD_READ),
                write=bool(rights & writing),
                mutate=(await access if waits(access) else access).write,
                create=bool(oflags & OFlags.CREAT),
                exclusive=bool(oflags & OFlags.EXCL),
                truncate=bool(oflags & OFlags.TRUNC),
                directory=only_directory,
                follow=bool(lookup & SYMLINK_FOLLOW),
            ),
        )
    )
    if isinstance(opened, FileClient):
        implied = directory.inheriting & _IMPLIED
        number = guest.fds.add_file(opened, rights & FILE_RIGHTS, implied, passed, flags)
    else:
        implied = directory.inheriting & DIRECTORY_RIGHTS
        number = guest.fds.add_directory(opened, rights, implied, passed, flags)
    guest.write_u32(out, number)
    return Errno.SUCCESS


async def _create_directory(guest: Guest, fd: int, at: int, size: int) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_CREATE_DIRECTORY)
    value(await directory.client.create_directory(guest.path(at, size)))
    return Errno.SUCCESS


async def _remove_directory(guest: Guest, fd: int, at: int, size: int) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_REMOVE_DIRECTORY)
    value(await directory.client.remove_directory(guest.path(at, size)))
    return Errno.SUCCESS


async def _unlink_file(guest: Guest, fd: int, at: int, size: int) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_UNLINK_FILE)
    value(await directory.client.unlink(guest.path(at, size)))
    return Errno.SUCCESS


async def _filestat_get(
    snapshot: Snapshot, guest: Guest, fd: int, lookup: int, at: int, size: int, out: int
) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_FILESTAT_GET)
    stat = value(await directory.client.stat_at(guest.path(at, size), bool(lookup & SYMLINK_FOLLOW)))
    guest.write(out, filestat(snapshot, stat))
    return Errno.SUCCESS


async def _set_times(
    guest: Guest, fd: int, lookup: int, at: int, size: int, accessed: int, modified: int, flags: int
) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_FILESTAT_SET_TIMES)
    times = times_of(accessed, modified, flags)
    path, follow = guest.path(at, size), bool(lookup & SYMLINK_FOLLOW)
    value(await directory.client.set_times_at(path, follow, *times))
    return Errno.SUCCESS


async def _link(
    guest: Guest, fd: int, lookup: int, at: int, size: int, to: int, new_at: int, new_size: int
) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_LINK_SOURCE)
    other = guest.fds.directory(to, Rights.PATH_LINK_TARGET)
    path, new_path = guest.path(at, size), guest.path(new_at, new_size)
    if lookup & SYMLINK_FOLLOW:  # as wasmtime has it
        raise Refused(Errno.INVAL)
    value(await directory.client.link(path, False, other.client, new_path))
    return Errno.SUCCESS


async def _rename(guest: Guest, fd: int, at: int, size: int, to: int, new_at: int, new_size: int) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_RENAME_SOURCE)
    other = guest.fds.directory(to, Rights.PATH_RENAME_TARGET)
    path, new_path = guest.path(at, size), guest.path(new_at, new_size)
    value(await directory.client.rename(path, other.client, new_path))
    return Errno.SUCCESS


async def _symlink(guest: Guest, target_at: int, target_size: int, fd: int, at: int, size: int) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_SYMLINK)
    target = guest.path(target_at, target_size)
    value(await directory.client.symlink(target, guest.path(at, size)))
    return Errno.SUCCESS


async def _readlink(guest: Guest, fd: int, at: int, size: int, out: int, room: int, used_at: int) -> Errno:
    directory = guest.fds.directory(fd, Rights.PATH_READLINK)
    guest.check(used_at, 4)
    target = value(await directory.client.read_link(guest.path(at, size))).encode()[:room]
    guest.write(out, target)
    guest.write_u32(used_at, len(target))
    return Errno.SUCCESS


HANDLERS: Final[dict[str, Handler]] = {
    "path_create_directory": _create_directory,
    "path_filestat_set_times": _set_times,
    "path_link": _link,
    "path_open": _open,
    "path_readlink": _readlink,
    "path_remove_directory": _remove_directory,
    "path_rename": _rename,
    "path_symlink": _symlink,
    "path_unlink_file": _unlink_file,
}
# What differs between the snapshots, and so takes one first.
BY_SNAPSHOT: Final[dict[str, Handler]] = {"path_filestat_get": _filestat_get}
