"""A file system in memory, which answers as one on a disk does."""

from __future__ import annotations

import errno
import itertools
import time
from typing import TYPE_CHECKING, Final

from .answers import DONE, answer, count_answer, file_error, stat_answer
from .directory import LocalDirectory, LocalFile
from .files import (
    Access,
    Entry,
    ReadAnswerData,
    ReadAnswerError,
    Stat,
    WriteAnswerCount,
    WriteAnswerError,
)
from .memory_nodes import LAST, Child, DirectoryNode, FileNode, LinkNode, Space
from .paths import failure, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .files import Advice, Answer, NewTime, OpenFlags, ReadAnswer, WriteAnswer
    from .paths import Split

MOST_BYTES: Final = 1024 * 1024  # of one read

# No device of the machine has such a number.
_devices: Final = itertools.count(1 << 63)


class MemoryFile(LocalFile):
    """An open file in memory."""

    __slots__ = ("_device", "_node")

    def __init__(self, node: FileNode, device: int, access: Access, mutable: bool) -> None:
        """Open a node."""
        super().__init__(access, mutable)
        self._node = node
        self._device = device

    @stat_answer
    def stat(self) -> Stat:
        """Examine it."""
        return self._node.stat(self._device)

    @answer
    def set_times(self, accessed: NewTime, modified: NewTime) -> None:
        """Set its times."""
        self._check_mutable()
        self._node.set_times(accessed, modified)

    async def sync(self, data_only: bool) -> Answer:
        """Do nothing: memory is all there is."""
        return DONE

    def read(self, offset: int, length: int) -> ReadAnswer:
        """Return up to 1 MiB."""
        try:
            self._check_readable(offset)
        except OSError as error:
            return ReadAnswerError(file_error(error))
        with memoryview(self._node.data) as data:
            return ReadAnswerData(bytes(data[offset : offset + min(length, MOST_BYTES)]))

    @count_answer
    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Read into a buffer, with one copy."""
        self._check_readable(offset)
        with memoryview(self._node.data) as data:
            part = data[offset : offset + buffer.nbytes]
            buffer.cast("B")[: len(part)] = part
            return len(part)

    def write(self, offset: int, data: bytes) -> WriteAnswer:
        """Write at a position; `data` is any buffer, and is not kept."""
        try:
            self._check_writable()
            return WriteAnswerCount(self._node.write(offset, data))
        except OSError as error:
            return WriteAnswerError(file_error(error))

    @count_answer
    def append(self, data: bytes) -> int:
        """Write at the end; `data` is any buffer, and is not kept."""
        self._check_writable()
        return self._node.write(len(self._node.data), data)

    @answer
    def set_size(self, size: int) -> None:
        """Cut or lengthen it."""
        if not self._access.write or size > LAST:
            raise failure(errno.EINVAL)
        self._node.resize(size)

    @answer
    def allocate(self, offset: int, length: int) -> None:
        """Make sure of space."""
        if offset > LAST or length > LAST or not length:
            raise failure(errno.EINVAL)
        self._check_writable()
        if offset + length > LAST:
            raise failure(errno.EFBIG)
        if offset + length > len(self._node.data):
            self._node.resize(offset + length)

    @answer
    def advise(self, offset: int, length: int, advice: Advice) -> None:
        """Do nothing: memory needs no hints."""
        if offset > LAST or length > LAST:
            raise failure(errno.EINVAL)

    def _check_readable(self, offset: int) -> None:
        if not self._access.read:
            raise failure(errno.EBADF)
        if offset > LAST:
            raise failure(errno.EINVAL)

    def _check_writable(self) -> None:
        if not self._access.write:
            raise failure(errno.EBADF)


class MemoryTree:
    """A file system in memory."""

    def __init__(self, bytes: int, nodes: int) -> None:
        """Hold at most so many bytes in files and links, and so many names."""
        self._space = Space(bytes, nodes)
        self._device = next(_devices)

    def root(self) -> DirectoryNode:
        """Return a new directory that is in no other."""
        return DirectoryNode(self._space, None)

    def directory(self, start: DirectoryNode, path: bytes) -> DirectoryNode:
        """Return the directory that a path leads to, beneath `start`."""
        return walk(_look, start, path) if path else start

    def open(
        self, at: DirectoryNode, name: bytes | None, flags: OpenFlags, mutable: bool
    ) -> MemoryFile | DirectoryNode:
        """Open a file or a directory."""
        found: Child | None = at if name is None else at.find(name)
        if found is None:
            if not flags.create:
                raise failure(errno.ENOENT)
            assert name is not None
            found = FileNode(self._space)
            at.put(name, found)
        elif flags.create and flags.exclusive:
            raise failure(errno.EEXIST)
        match found:
            case LinkNode():
                raise failure(errno.ENOTDIR if flags.directory else errno.ELOOP)
            case DirectoryNode():
                if flags.create or flags.write or flags.truncate:
                    raise failure(errno.EISDIR)
                return found
            case FileNode():
                if flags.directory:
                    raise failure(errno.ENOTDIR)
                if flags.truncate:
                    found.resize(0)
                return MemoryFile(found, self._device, Access(flags.read, flags.write), mutable)

    def target(self, at: DirectoryNode, name: bytes | None) -> bytes | None:
        """Return where a link leads."""
        found = None if name is None else at.find(name)
        return found.target if isinstance(found, LinkNode) else None

    def stat(self, at: DirectoryNode, name: bytes | None) -> Stat:
        """Examine."""
        return (at if name is None else at.get(name)).stat(self._device)

    def set_times(self, at: DirectoryNode, name: bytes | None, accessed: NewTime, modified: NewTime) -> None:
        """Set times."""
        (at if name is None else at.get(name)).set_times(accessed, modified)

    async def sync(self, at: DirectoryNode, data_only: bool) -> Answer:
        """Do nothing: memory is all there is."""
        return DONE

    def entries(self, at: DirectoryNode, cookie: int, limit: int) -> Sequence[Entry]:
        """Return entries, in the order in which they came."""
        return at.entries(cookie, limit)

    def make_directory(self, at: DirectoryNode, name: Split) -> None:
        """Make a directory."""
        _check_free(at, name)
        at.put(name.name, DirectoryNode(self._space, at))

    def remove_directory(self, at: DirectoryNode, name: Split) -> None:
        """Remove an empty directory."""
        if name.here:
            raise failure(errno.EINVAL if name.name == b"." else errno.ENOTEMPTY)
        found = at.get(name.name)
        if not isinstance(found, DirectoryNode):
            raise failure(errno.ENOTDIR)
        if len(found):
            raise failure(errno.ENOTEMPTY)
        at.take(name.name)
        _unlinked(found)

    def unlink(self, at: DirectoryNode, name: Split) -> None:
        """Remove the name of what is no directory."""
        if name.here:
            raise failure(errno.EISDIR)
        found = at.get(name.name)
        if isinstance(found, DirectoryNode):
            raise failure(errno.EISDIR)
        if name.slash:
            raise failure(errno.ENOTDIR)
        at.take(name.name)
        _unlinked(found)

    def rename(self, at: DirectoryNode, name: Split, to: DirectoryNode, new: Split) -> None:
        """Rename."""
        if name.here or new.here:
            raise failure(errno.EBUSY)
        found = at.get(name.name)
        old = to.find(new.name)
        if not isinstance(found, DirectoryNode) and (name.slash or new.slash):
            raise failure(errno.ENOTDIR)
        if _is_within(to, found):
            raise failure(errno.EINVAL)
        if old is not None and _is_within(at, old):
            raise failure(errno.ENOTEMPTY)
        if found is old:
            return
        if old is not None:
            _check_replaceable(found, old)
            _unlinked(old)
        at.take(name.name)
        to.put(new.name, found)
        found.changed = time.time_ns()

    def link(self, at: DirectoryNode, name: bytes, to: DirectoryNode, new: Split) -> None:
        """Give what is no directory another name."""
        found = at.get(name)
        _check_free(to, new)
        if new.slash:
            raise failure(errno.ENOENT)
        if isinstance(found, DirectoryNode):
            raise failure(errno.EPERM)
        self._space.add_node()  # a name takes room, too; the first came with the file
        to.put(new.name, found)
        found.links += 1
        found.changed = time.time_ns()

    def symlink(self, target: bytes, at: DirectoryNode, name: Split) -> None:
        """Make a link."""
        _check_free(at, name)
        if name.slash:
            raise failure(errno.ENOENT)
        at.put(name.name, LinkNode(self._space, target))

    def reaches(self, other: object) -> bool:
        """Return whether `other` is this one."""
        return other is self


def _look(at: DirectoryNode, name: bytes) -> DirectoryNode | bytes:
    match at.get(name):
        case DirectoryNode() as found:
            return found
        case LinkNode(target=target):
            return target
        case FileNode():
            raise failure(errno.ENOTDIR)


def _check_free(at: DirectoryNode, name: Split) -> None:
    if name.here or at.find(name.name) is not None:
        raise failure(errno.EEXIST)


def _check_replaceable(new: Child, old: Child) -> None:
    if isinstance(new, DirectoryNode):
        if not isinstance(old, DirectoryNode):
            raise failure(errno.ENOTDIR)
        if len(old):
            raise failure(errno.ENOTEMPTY)
    elif isinstance(old, DirectoryNode):
        raise failure(errno.EISDIR)


def _unlinked(child: Child) -> None:
    """A name of the child is gone; with a directory's only one, the directory."""
    child.changed = time.time_ns()
    if isinstance(child, DirectoryNode):
        child.links = 0
        child.parent = None
    else:
        child.links -= 1
        child.space.nodes += child.links > 0  # the last name's room goes with the file


def _is_within(directory: DirectoryNode, node: Child) -> bool:
    """Return whether a directory is a node, or below it."""
    at: DirectoryNode | None = directory
    while at is not None:
        if at is node:
            return True
        at = at.parent
    return False


class MemoryDirectory(LocalDirectory[DirectoryNode]):
    """An empty directory in memory, gone with the last reference to anything in it."""

    __slots__ = ()

    def __init__(self, *, bytes: int = 64 * 1024 * 1024, nodes: int = 10_000, readonly: bool = False) -> None:
        """Hold at most so many bytes in files and links, and so many names and files without one."""
        tree = MemoryTree(bytes, nodes + 1)
        super().__init__(tree, tree.root(), mutable=not readonly)
