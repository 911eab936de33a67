"""Descriptors of files and directories: who owns one, how many there may be, what a directory lists."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import linux
from .files import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDER: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS: Final = {
    stat.S_IFREG: Kind.REGULAR_FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMBOLIC_LINK,
    stat.S_IFBLK: Kind.BLOCK_DEVICE,
    stat.S_IFCHR: Kind.CHARACTER_DEVICE,
    stat.S_IFIFO: Kind.FIFO,
    stat.S_IFSOCK: Kind.SOCKET,
}


class OpenFiles:
    """How many files and directories are open through one grant, and may be."""

    __slots__ = ("left",)

    def __init__(self, most: int) -> None:
        """Allow so many."""
        self.left = most


class Descriptor:
    """A file descriptor: closed with the last reference to it."""

    __slots__ = ("_open", "fd", "reader")

    def __init__(self, fd: int, open: OpenFiles | None = None) -> None:
        """Own `fd`; one that a guest may hold counts."""
        self.fd = fd
        self.reader: Reader | None = None
        self._open = open
        if open is not None:
            open.left -= 1

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        """Close it, also while the interpreter ends and `os` is gone."""
        close(self.fd)
        if self._open is not None:
            self._open.left += 1


def open_settled(path: str | Path, flags: int) -> int:
    """Open a path that leads over no link: name by name, so that none of them can become one meanwhile.

    Raises:
        OSError: as `open`; where there is a link, with ELOOP, or ENOTDIR where a directory is wanted.
    """
    *folders, name = Path(path).parts or (".",)
    at: Descriptor | None = None
    try:
        for folder in folders:
            at = Descriptor(os.open(folder, _FOLDER, dir_fd=None if at is None else at.fd))
        return os.open(name, flags | os.O_NOFOLLOW, 0o666, dir_fd=None if at is None else at.fd)
    except OSError as error:
        error.filename = str(path)
        raise


class Reader:
    """Reads a directory in the kernel's own order, whose positions are the cookies."""

    __slots__ = ("_ahead", "_fd", "_position")

    def __init__(self, fd: int) -> None:
        """Read the directory `fd`, which is somebody else's."""
        self._fd = fd
        self._position = 0  # behind what was given last
        self._ahead: list[Entry] = []  # what was read beyond that, the next one last

    def entries(self, cookie: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries behind a cookie."""
        if cookie != self._position or not cookie:
            os.lseek(self._fd, cookie, os.SEEK_SET)
            self._position = cookie
            self._ahead = []
        given: list[Entry] = []
        while len(given) < limit:
            if not self._ahead and not self._read():
                break
            given.append(self._ahead.pop())
        if given:
            self._position = given[-1].cookie
        return given

    def _read(self) -> bool:
        while raw := list(linux.read_entries(self._fd)):
            self._ahead = [
                Entry(name.decode(), self._kind(name, kind), inode, position)
                for name, kind, inode, position in reversed(raw)
                if name not in (b".", b"..") and _is_text(name)
            ]
            if self._ahead:
                return True
        return False

    def _kind(self, name: bytes, kind: int) -> Kind:
        if kind:  # DT_... is what a mode has in its upper bits
            return _KINDS.get(kind << 12, Kind.UNKNOWN)
        try:
            return kind_of(os.stat(name, dir_fd=self._fd, follow_symlinks=False).st_mode)
        except OSError:
            return Kind.UNKNOWN


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def kind_of(mode: int) -> Kind:
    """Return the kind that a mode says."""
    return _KINDS.get(stat.S_IFMT(mode), Kind.UNKNOWN)
