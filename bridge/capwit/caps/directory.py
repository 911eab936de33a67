"""Directories of this process: a file system's tree, seen through the standard interface."""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from capwit.bridge.capability import Client

from .answers import answer, list_answer, open_answer, stat_answer, target_answer
from .files import (
    Access,
    DirectoryClient,
    FileClient,
    Kind,
    OpenAnswer,
    OpenAnswerDirectory,
    OpenAnswerFile,
    OpenFlags,
)
from .paths import Split, encode, failure, follow, split

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from .files import Answer, Directory, Entry, NewTime, ReadAnswer, Stat, WriteAnswer

D = TypeVar("D")

MOST_ENTRIES: Final = 1024  # in one answer


class LocalFile(ABC):
    """The base of the files of this process."""

    __slots__ = ("__weakref__", "_access", "_mutable")

    def __init__(self, access: Access, mutable: bool) -> None:
        """Keep what may be done: with the content, and with the rest of it."""
        self._access = access
        self._mutable = mutable

    def access(self) -> Access:
        """Return what may be done with the content."""
        return self._access

    @abstractmethod
    def read(self, offset: int, length: int) -> ReadAnswer:
        """Return what there is at a position, at once."""

    @abstractmethod
    def read_into(self, offset: int, buffer: memoryview) -> WriteAnswer:
        """Read into a buffer, as much as there is: `read` for those who are in this process.

        It is no part of the interface: whoever calls it has made sure that nothing stands between.
        """

    @abstractmethod
    def write(self, offset: int, data: bytes) -> WriteAnswer:
        """Write at a position, at once; `data` is any buffer, and is not kept."""

    @abstractmethod
    def append(self, data: bytes) -> WriteAnswer:
        """Write at the end, at once; `data` is any buffer, and is not kept."""

    def _check_mutable(self) -> None:
        if not self._mutable:
            raise failure(errno.EROFS)


class Tree(Protocol[D]):
    """A file system as its own calls see it: a directory `D` and one name in it, never a path.

    No method follows a name, and none is given `..`. Where a name may be None, that is the directory itself;
    where it is a `Split`, its slash says that only a directory will do. Each raises `OSError`.
    """

    def directory(self, start: D, path: bytes) -> D:
        """Return the directory that a path leads to, beneath `start`; links are followed."""

    def open(self, at: D, name: bytes | None, flags: OpenFlags, mutable: bool) -> LocalFile | D:
        """Open a file or a directory; `mutable`: it may be changed in other ways than by writing, too."""

    def target(self, at: D, name: bytes | None) -> bytes | None:
        """Return where a link leads; None where there is none."""

    def stat(self, at: D, name: bytes | None) -> Stat:
        """Examine."""

    def set_times(self, at: D, name: bytes | None, accessed: NewTime, modified: NewTime) -> None:
        """Set times."""

    def sync(self, at: D, data_only: bool) -> Awaitable[Answer]:
        """Bring the directory itself to the medium."""

    def entries(self, at: D, cookie: int, limit: int) -> Sequence[Entry]:
        """Return at most `limit` entries behind a cookie."""

    def make_directory(self, at: D, name: Split) -> None:
        """Make a directory."""

    def remove_directory(self, at: D, name: Split) -> None:
        """Remove an empty directory."""

    def unlink(self, at: D, name: Split) -> None:
        """Remove the name of what is no directory."""

    def rename(self, at: D, name: Split, to: D, new: Split) -> None:
        """Rename, into a directory of a tree that this one reaches."""

    def link(self, at: D, name: bytes, to: D, new: Split) -> None:
        """Give what is no directory another name, in a directory of a tree that this one reaches."""

    def symlink(self, target: bytes, at: D, name: Split) -> None:
        """Make a link."""

    def reaches(self, other: object) -> bool:
        """Return whether `rename` and `link` may lead to another tree."""


class LocalDirectory(Generic[D]):
    """A `Directory` on a tree of this process.

    Everything but `sync` answers at once, on the event loop.
    """

    __slots__ = ("__weakref__", "_at", "_mutable", "_tree")

    def __init__(self, tree: Tree[D], at: D, *, mutable: bool) -> None:
        """Stand for the directory `at` of a tree, to read it or to change it, too."""
        self._tree = tree
        self._at = at
        self._mutable = mutable

    # -- The directory itself

    def access(self) -> Access:
        """Return what may be done through it."""
        return Access(read=True, write=self._mutable)

    @stat_answer
    def stat(self) -> Stat:
        """Examine it."""
        return self._tree.stat(self._at, None)

    @answer
    def set_times(self, accessed: NewTime, modified: NewTime) -> None:
        """Set its times."""
        self._check_mutable()
        self._tree.set_times(self._at, None, accessed, modified)

    async def sync(self, data_only: bool) -> Answer:
        """Bring it to the medium, without holding up others meanwhile."""
        return await self._tree.sync(self._at, data_only)

    @list_answer
    def list(self, cookie: int, limit: int) -> Sequence[Entry]:
        """Return entries, at most 1,024."""
        return self._tree.entries(self._at, cookie, min(limit, MOST_ENTRIES))

    # -- What a path leads to

    @open_answer
    def open(self, path: str, flags: OpenFlags) -> OpenAnswer:
        """Open a file or a directory."""
        if flags.write or flags.mutate or flags.create or flags.truncate:
            self._check_mutable()
        if flags.create and flags.directory:
            raise failure(errno.EINVAL)
        found = self._open(encode(path), flags)
        if isinstance(found, LocalFile):
            return OpenAnswerFile(FileClient(found))
        return OpenAnswerDirectory(DirectoryClient(LocalDirectory(self._tree, found, mutable=flags.mutate)))

    def _open(self, path: bytes, flags: OpenFlags) -> LocalFile | D:
        place = split(path)
        try:
            return self._open_at(place, flags)
        except OSError as error:
            # Links are rare: only what cannot be opened is looked at as one.
            if error.errno not in (errno.ELOOP, errno.ENOTDIR) or not (flags.follow or place.slash):
                raise
            final = self._final(path)
            if final == place:
                raise
        return self._open_at(final, flags)

    def _open_at(self, place: Split, flags: OpenFlags) -> LocalFile | D:
        at, name = self._resolve(place)
        if place.slash:
            if flags.create:
                raise failure(errno.EISDIR)
            flags = replace(flags, directory=True)
        return self._tree.open(at, name, flags, self._mutable)

    @stat_answer
    def stat_at(self, path: str, follow: bool) -> Stat:
        """Examine what a path leads to."""
        whole = encode(path)
        place = split(whole)
        found = self._tree.stat(*self._resolve(place))
        if found.kind is Kind.SYMBOLIC_LINK and (follow or place.slash):
            place = self._final(whole)
            found = self._tree.stat(*self._resolve(place))
            if found.kind is Kind.SYMBOLIC_LINK:  # swapped in meanwhile
                raise failure(errno.ELOOP)
        if place.slash and found.kind is not Kind.DIRECTORY:
            raise failure(errno.ENOTDIR)
        return found

    @answer
    def set_times_at(self, path: str, follow: bool, accessed: NewTime, modified: NewTime) -> None:
        """Set the times of what a path leads to."""
        self._check_mutable()
        at, name = self._existing(path, follow)
        self._tree.set_times(at, name, accessed, modified)

    @target_answer
    def read_link(self, path: str) -> str:
        """Return where a link leads."""
        at, name = self._existing(path, False)
        target = self._tree.target(at, name)
        if target is None:
            self._tree.stat(at, name)  # says so where there is nothing
            raise failure(errno.EINVAL)
        try:
            return target.decode()
        except UnicodeDecodeError:
            raise failure(errno.EILSEQ) from None

    # -- Names

    @answer
    def create_directory(self, path: str) -> None:
        """Make a directory."""
        self._tree.make_directory(*self._name(path))

    @answer
    def remove_directory(self, path: str) -> None:
        """Remove an empty directory."""
        self._tree.remove_directory(*self._name(path))

    @answer
    def unlink(self, path: str) -> None:
        """Remove a name."""
        self._tree.unlink(*self._name(path))

    @answer
    def rename(self, path: str, to: Directory, new_path: str) -> None:
        """Rename, here or into another directory of this file system."""
        at, name = self._name(path)
        self._tree.rename(at, name, *self._own(to)._name(new_path))

    @answer
    def link(self, path: str, follow: bool, to: Directory, new_path: str) -> None:
        """Give a file another name, here or in another directory of this file system."""
        self._check_mutable()
        at, name = self._existing(path, follow)
        other = self._own(to)
        if name is None:
            raise failure(errno.EPERM)
        self._tree.link(at, name, *other._name(new_path))

    @answer
    def symlink(self, target: str, path: str) -> None:
        """Make a link."""
        if target.startswith("/"):
            raise failure(errno.EPERM)
        self._tree.symlink(encode(target), *self._name(path))

    # -- Resolution

    def _check_mutable(self) -> None:
        if not self._mutable:
            raise failure(errno.EROFS)

    def _resolve(self, place: Split) -> tuple[D, bytes | None]:
        """Return the directory of a place, and the name in it; none where it is the directory itself."""
        if place.here:
            return self._tree.directory(self._at, place.beside(place.name)), None
        return self._tree.directory(self._at, place.directory), place.name

    def _final(self, path: bytes) -> Split:
        """Return the place of what a path leads to in the end."""
        return follow(path, lambda place: self._tree.target(*self._resolve(place)))

    def _existing(self, path: str, follow: bool) -> tuple[D, bytes | None]:
        """Return the directory and the name of what a path leads to: a directory where it ends in a slash."""
        whole = encode(path)
        place = split(whole)
        if follow or place.slash:
            place = self._final(whole)
        at, name = self._resolve(place)
        if place.slash and self._tree.stat(at, name).kind is not Kind.DIRECTORY:
            raise failure(errno.ENOTDIR)
        return at, name

    def _name(self, path: str) -> tuple[D, Split]:
        """Return the directory in which a name is made or taken away, and the name, which is not followed."""
        self._check_mutable()
        whole = encode(path)
        place = split(whole)
        if place.name == b"..":
            self._tree.directory(self._at, whole)  # where it leads out, that comes first
        return self._tree.directory(self._at, place.directory), place

    def _own(self, to: object) -> LocalDirectory[D]:
        """Return the directory behind a parameter.

        Whatever narrows it, such as a policy or a view for reading only, makes it somebody else's: behind its
        back nothing is done.

        Raises:
            OSError: it is none of this file system's (EXDEV).
        """
        if isinstance(to, Client):
            to = to.local(LocalDirectory)
        if isinstance(to, LocalDirectory) and self._tree.reaches(to._tree):
            return to
        raise failure(errno.EXDEV)
