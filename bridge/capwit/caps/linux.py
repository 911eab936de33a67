"""The system calls of Linux that Python's `os` does not have. Each raises `OSError`."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

UTIME_NOW: Final = (1 << 30) - 1
UTIME_OMIT: Final = (1 << 30) - 2

_AT_SYMLINK_NOFOLLOW: Final = 0x100
_RESOLVE_NO_MAGICLINKS: Final = 0x02
_RESOLVE_BENEATH: Final = 0x08
_DIRENT: Final = struct.Struct("=QqHB")  # inode, position behind, length of the record, kind; then the name
_SYS_OPENAT2: Final = 437  # the same on every architecture

_libc: Final = ctypes.CDLL(None, use_errno=True)
_int, _long, _offset = ctypes.c_int, ctypes.c_long, ctypes.c_int64

_libc.syscall.restype = _long
_getdents: Final = getattr(_libc, "getdents64", None) or _libc.getdents  # musl's only name for it
_getdents.argtypes = (_int, ctypes.c_char_p, ctypes.c_size_t)
_getdents.restype = ctypes.c_ssize_t
_libc.fallocate.argtypes = (_int, _int, _offset, _offset)
_libc.futimens.argtypes = (_int, ctypes.c_void_p)
_libc.utimensat.argtypes = (_int, ctypes.c_char_p, ctypes.c_void_p, _int)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def open_beneath(path: bytes, flags: int, at: int) -> int:
    """Open what `path` leads to without leaving the directory `at`: `openat2`.

    Raises:
        OSError: as `open`; with EXDEV where the path leads out, EAGAIN where something moved meanwhile.
    """
    how = _OpenHow(flags, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
    size = _long(ctypes.sizeof(how))
    return _checked(
        _libc.syscall(_long(_SYS_OPENAT2), _int(at), ctypes.c_char_p(path), ctypes.byref(how), size)
    )


def read_entries(fd: int, size: int = 32768) -> Iterator[tuple[bytes, int, int, int]]:
    """Return the next entries of a directory, none at its end.

    Each is a name, a kind (`DT_...`), an inode, and the position behind it.
    """
    buffer = ctypes.create_string_buffer(size)
    try:
        length = _checked(_getdents(fd, buffer, size))
    except FileNotFoundError:  # the directory was removed: POSIX has it empty
        length = 0
    return _entries(buffer.raw[:length])


def _entries(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    at = 0
    while at < len(data):
        inode, position, length, kind = _DIRENT.unpack_from(data, at)
        name = at + _DIRENT.size
        yield data[name : data.index(b"\0", name)], kind, inode, position
        at += length


def set_times(at: int, name: bytes | None, accessed: tuple[int, int], modified: tuple[int, int]) -> None:
    """Set the times of a name in the directory `at`, links not followed; of the file `at` itself without one.

    A time is in seconds and nanoseconds; these may be `UTIME_NOW` or `UTIME_OMIT`.
    """
    times = (_long * 4)(*accessed, *modified)
    if name is None:
        _checked(_libc.futimens(at, times))
    else:
        _checked(_libc.utimensat(at, name, times, _AT_SYMLINK_NOFOLLOW))


def allocate(fd: int, offset: int, length: int) -> None:
    """Make sure of the space for a part of a file; never by writing it, as `os.posix_fallocate` may."""
    _checked(_libc.fallocate(fd, 0, offset, length))


def disconnect(fd: int) -> None:
    """Let a socket for datagrams speak to whoever it likes again: `connect` to no address."""
    nowhere = bytes(16)  # a `sockaddr` of the family AF_UNSPEC, which is 0
    _checked(_libc.connect(_int(fd), ctypes.c_char_p(nowhere), ctypes.c_uint(len(nowhere))))
