"""Paths: how one is read, inside of one directory and never out of it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

D = TypeVar("D")

MOST_LINKS: Final = 40
MOST_BYTES: Final = 4095
_HERE: Final = (b".", b"..")


def failure(number: int) -> OSError:
    """Return the error of an `errno`."""
    return OSError(number, os.strerror(number))


def encode(path: str) -> bytes:
    """Return a path as file systems have it.

    Raises:
        OSError: it is empty, holds a zero byte or what UTF-8 cannot say, or is too long.
    """
    try:
        data = path.encode()
    except UnicodeEncodeError:
        raise failure(errno.EILSEQ) from None
    if not data:
        raise failure(errno.ENOENT)
    if b"\0" in data:
        raise failure(errno.EINVAL)
    if len(data) > MOST_BYTES:
        raise failure(errno.ENAMETOOLONG)
    return data


class Split(NamedTuple):
    """A path in two: the directory, the last name in it, and whether slashes follow that."""

    directory: bytes
    name: bytes
    slash: bool

    @property
    def here(self) -> bool:
        """Whether the last name is `.` or `..`: the path leads to a directory, whatever that is called."""
        return self.name in _HERE

    def beside(self, path: bytes) -> bytes:
        """Return a path that begins in the directory as one that begins where this one does."""
        return self.directory + b"/" + path if self.directory else path


def split(path: bytes) -> Split:
    """Split a relative path.

    Raises:
        OSError: it is absolute (EPERM).
    """
    if path.startswith(b"/"):
        raise failure(errno.EPERM)
    bare = path.rstrip(b"/")
    directory, _, name = bare.rpartition(b"/")
    return Split(directory, name, bare != path)


def join(place: Split, target: bytes) -> bytes:
    """Return the path that stands for a link's own, whose target this is.

    Raises:
        OSError: the target is absolute (EPERM).
    """
    if target.startswith(b"/"):
        raise failure(errno.EPERM)
    path = place.beside(target)
    return path + b"/" if place.slash else path


class Look(Protocol[D]):
    """Looks a name up in a directory: a directory, or the target of a link.

    Raises `OSError` for anything else.
    """

    def __call__(self, at: D, name: bytes, /) -> D | bytes:
        """Look `name` up in `at`; it is neither empty nor `.` nor `..`."""


def walk(look: Look[D], start: D, path: bytes) -> D:
    """Return the directory that a path leads to from `start`, name by name, links followed.

    The directories that were gone through are held, so that `..` leads back to where one came from even
    when what lies between is moved meanwhile.

    Raises:
        OSError: it leads nowhere, out of `start` (EPERM), or over more than 40 links (ELOOP).
    """
    if path.startswith(b"/"):
        raise failure(errno.EPERM)
    through = [start]
    names = path.split(b"/")[::-1]
    links = 0
    while names:
        name = names.pop()
        if name in (b"", b"."):
            continue
        if name == b"..":
            if len(through) == 1:
                raise failure(errno.EPERM)
            through.pop()
            continue
        found = look(through[-1], name)
        if not isinstance(found, bytes):
            through.append(found)
            continue
        links += 1
        if links > MOST_LINKS:
            raise failure(errno.ELOOP)
        if found.startswith(b"/"):
            raise failure(errno.EPERM)
        names += found.split(b"/")[::-1]
    return through[-1]


def follow(path: bytes, target: Callable[[Split], bytes | None]) -> Split:
    """Return what a path's last name stands for: the first that `target` says is no link.

    Raises:
        OSError: more than 40 links (ELOOP), or one that leads out (EPERM).
    """
    for _ in range(MOST_LINKS + 1):
        place = split(path)
        found = None if place.here else target(place)
        if found is None:
            return place
        path = join(place, found)
    raise failure(errno.ELOOP)
