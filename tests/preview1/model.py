"""What the calls of Preview 1 should do to a file system, as simply as it can be said.

Each call is a name and arguments; it returns what the guest is told, or an errno. There are no links here:
`test_any_calls` has those.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from capwit.preview1.abi import Errno, FdFlags, OFlags, Rights

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = 3


class Fails(Exception):  # noqa: N818 - it is an answer
    def __init__(self, errno: Errno) -> None:
        super().__init__(errno.name)
        self.errno = errno


@dataclass(eq=False)
class File:
    content: bytes = b""
    names: int = 1


@dataclass(eq=False)
class Folder:
    children: dict[str, File | Folder] = field(default_factory=dict)
    gone: bool = False

    def walk(self) -> Iterator[Folder]:
        yield self
        for child in self.children.values():
            if isinstance(child, Folder):
                yield from child.walk()


@dataclass(eq=False)
class Open:
    node: File | Folder
    rights: int
    flags: int = 0
    position: int = 0


class Place(NamedTuple):
    parent: Folder
    name: str

    @property
    def node(self) -> File | Folder | None:
        return self.parent.children.get(self.name)


class Model:
    """An empty directory at descriptor 3."""

    def __init__(self) -> None:
        self.fds: dict[int, Open] = {ROOT: Open(Folder(), 0)}

    def call(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self, name)(*arguments)
        except Fails as fails:
            return fails.errno

    # -- What a number or a path stands for

    def _fd(self, fd: int) -> Open:
        if fd not in self.fds:
            raise Fails(Errno.BADF)
        return self.fds[fd]

    def _file(self, fd: int, right: int = 0, otherwise: Errno = Errno.BADF) -> tuple[Open, File]:
        entry = self._fd(fd)
        if not isinstance(entry.node, File):
            raise Fails(Errno.BADF)
        if right & ~entry.rights:
            raise Fails(otherwise)
        return entry, entry.node

    def _folder(self, fd: int) -> Folder:
        node = self._fd(fd).node
        if not isinstance(node, Folder):
            raise Fails(Errno.NOTDIR)
        return node

    def _place(self, fd: int, path: str) -> Place:
        folder = self._folder(fd)
        *way, name = path.split("/")
        for each in way:
            node = folder.children.get(each)
            if node is None:
                raise Fails(Errno.NOENT)
            if isinstance(node, File):
                raise Fails(Errno.NOTDIR)
            folder = node
        return Place(folder, name)

    def _free(self, place: Place) -> None:
        if place.node is not None:
            raise Fails(Errno.EXIST)
        if place.parent.gone:
            raise Fails(Errno.NOENT)

    def _there(self, place: Place) -> File | Folder:
        if place.node is None:
            raise Fails(Errno.NOENT)
        return place.node

    # -- Descriptors

    def open(self, fd: int, path: str, oflags: int, rights: int, flags: int) -> int:
        self._folder(fd)
        if oflags & OFlags.CREAT and oflags & OFlags.DIRECTORY:
            raise Fails(Errno.INVAL)
        place = self._place(fd, path)
        if place.node is None and oflags & OFlags.CREAT:
            self._free(place)
            place.parent.children[place.name] = File()
        elif place.node is not None and oflags & OFlags.CREAT and oflags & OFlags.EXCL:
            raise Fails(Errno.EXIST)
        match self._there(place):
            case Folder() as node:
                if rights & Rights.FD_WRITE or oflags & (OFlags.CREAT | OFlags.TRUNC):
                    raise Fails(Errno.ISDIR)
                rights = 0
            case File() as node:
                if oflags & OFlags.DIRECTORY:
                    raise Fails(Errno.NOTDIR)
                if oflags & OFlags.TRUNC:
                    node.content = b""
        number = next(each for each in range(ROOT, 1_000) if each not in self.fds)
        self.fds[number] = Open(node, rights, flags)
        return number

    def close(self, fd: int) -> None:
        self._fd(fd)
        del self.fds[fd]

    def renumber(self, fd: int, to: int) -> None:
        self._fd(to), self._fd(fd)
        self.fds[to] = self._fd(fd)
        if fd != to:
            del self.fds[fd]

    def set_flags(self, fd: int, flags: int) -> None:
        self._file(fd)[0].flags = flags

    def stat(self, fd: int) -> tuple[str, int, int]:
        match self._fd(fd).node:
            case File(content, names):
                return "file", len(content), names
            case Folder():
                return "folder", 0, 0

    # -- Content

    def read(self, fd: int, size: int) -> bytes:
        entry, file = self._file(fd, Rights.FD_READ)
        found = file.content[entry.position : entry.position + size]
        entry.position += len(found)
        return found

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        return self._file(fd, Rights.FD_READ)[1].content[offset : offset + size]

    def write(self, fd: int, data: bytes) -> int:
        entry, file = self._file(fd, Rights.FD_WRITE)
        at = len(file.content) if entry.flags & FdFlags.APPEND else entry.position
        self._put(file, at, data)
        entry.position = at + len(data)
        return len(data)

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        entry, file = self._file(fd, Rights.FD_WRITE)
        self._put(file, len(file.content) if entry.flags & FdFlags.APPEND else offset, data)
        return len(data)

    def _put(self, file: File, at: int, data: bytes) -> None:
        if data:
            file.content = file.content.ljust(at, b"\0")
            file.content = file.content[:at] + data + file.content[at + len(data) :]

    def set_size(self, fd: int, size: int) -> None:
        file = self._file(fd, Rights.FD_FILESTAT_SET_SIZE, Errno.NOTCAPABLE)[1]
        file.content = file.content[:size].ljust(size, b"\0")

    def seek(self, fd: int, offset: int, whence: int) -> int:
        entry, file = self._file(fd)
        at = offset + (0, entry.position, len(file.content))[whence]
        if at < 0:
            raise Fails(Errno.INVAL)
        entry.position = at
        return at

    # -- Names

    def names(self, fd: int) -> list[str]:
        return [".", "..", *sorted(self._folder(fd).children)]

    def make(self, fd: int, path: str) -> None:
        place = self._place(fd, path)
        self._free(place)
        place.parent.children[place.name] = Folder()

    def remove(self, fd: int, path: str) -> None:
        place = self._place(fd, path)
        node = self._there(place)
        if isinstance(node, File):
            raise Fails(Errno.NOTDIR)
        if node.children:
            raise Fails(Errno.NOTEMPTY)
        self._take(place)

    def unlink(self, fd: int, path: str) -> None:
        place = self._place(fd, path)
        if isinstance(self._there(place), Folder):
            raise Fails(Errno.ISDIR)
        self._take(place)

    def _take(self, place: Place) -> None:
        match place.parent.children.pop(place.name):
            case File() as file:
                file.names -= 1
            case Folder() as folder:
                folder.gone = True

    def rename(self, fd: int, path: str, to: int, new_path: str) -> None:
        self._folder(fd), self._folder(to)
        old, new = self._place(fd, path), self._place(to, new_path)
        node, there = self._there(old), new.node
        if isinstance(node, Folder) and new.parent in node.walk():
            raise Fails(Errno.INVAL)
        if isinstance(there, Folder) and old.parent in there.walk():
            raise Fails(Errno.NOTEMPTY)
        if new.parent.gone:
            raise Fails(Errno.NOENT)
        if node is there:
            return
        if isinstance(node, Folder) and isinstance(there, File):
            raise Fails(Errno.NOTDIR)
        if isinstance(node, File) and isinstance(there, Folder):
            raise Fails(Errno.ISDIR)
        if isinstance(there, Folder) and there.children:
            raise Fails(Errno.NOTEMPTY)
        if there is not None:
            self._take(new)
        del old.parent.children[old.name]
        new.parent.children[new.name] = node

    def link(self, fd: int, path: str, to: int, new_path: str) -> None:
        self._folder(fd), self._folder(to)
        node = self._there(self._place(fd, path))
        new = self._place(to, new_path)
        self._free(new)
        if isinstance(node, Folder):
            raise Fails(Errno.PERM)
        new.parent.children[new.name] = node
        node.names += 1
