"""What a file system in memory is made of: files, links and directories, and the space they take."""

from __future__ import annotations

import errno
import itertools
import time
from bisect import bisect_right
from typing import Final, TypeAlias

from .files import Entry, Kind, NewTime, NewTimeAt, NewTimeKeep, NewTimeNow, Stat
from .paths import failure
from .standard import Instant

_SECOND: Final = 1_000_000_000
LAST: Final = (1 << 63) - 1  # the last offset there is
_LONGEST_NAME: Final = 255


class Space:
    """What a file system may hold, and holds."""

    def __init__(self, bytes: int, nodes: int) -> None:
        """Have room for so much."""
        self.bytes = bytes
        self.nodes = nodes

    def add_node(self) -> None:
        """Take the room of one node.

        Raises:
            OSError: there is none (ENOSPC).
        """
        if not self.nodes:
            raise failure(errno.ENOSPC)
        self.nodes -= 1

    def grow(self, bytes: int) -> None:
        """Take the room of so many bytes; give it back where they are below zero.

        Raises:
            OSError: there is none (ENOSPC).
        """
        if bytes > self.bytes:
            raise failure(errno.ENOSPC)
        self.bytes -= bytes


class Node:
    """What a name stands for. It is there for as long as something refers to it: a name, an open file."""

    _inodes = itertools.count(1)
    kind: Kind

    def __init__(self, space: Space, size: int = 0) -> None:
        """Make a node with one name."""
        space.add_node()
        self.space = space
        self.charged = 0
        self.charge(size)
        self.inode = next(Node._inodes)
        self.links = 1
        self.accessed = self.modified = self.changed = time.time_ns()

    def __del__(self) -> None:
        """Give its space back."""
        if hasattr(self, "charged"):
            self.space.bytes += self.charged
            self.space.nodes += 1

    def charge(self, size: int) -> None:
        """Charge the space for what the node holds."""
        self.space.grow(size - self.charged)
        self.charged = size

    def touch(self) -> None:
        """The content changes."""
        self.modified = self.changed = time.time_ns()

    def stat(self, device: int) -> Stat:
        """Examine it, as part of a `device`."""
        return Stat(
            self.kind,
            device,
            self.inode,
            self.links,
            self.charged,
            _instant(self.accessed),
            _instant(self.modified),
            _instant(self.changed),
        )

    def set_times(self, accessed: NewTime, modified: NewTime) -> None:
        """Set its times."""
        now = time.time_ns()
        self.accessed, self.modified, self.changed = (
            _time(accessed, self.accessed, now),
            _time(modified, self.modified, now),
            now,
        )


class FileNode(Node):
    """What a file holds."""

    kind = Kind.REGULAR_FILE

    def __init__(self, space: Space) -> None:
        """Hold nothing."""
        super().__init__(space)
        self.data = bytearray()

    def resize(self, size: int) -> None:
        """Cut it, or lengthen it by zeroes."""
        self.charge(size)
        if size < len(self.data):
            del self.data[size:]
        else:
            self.data.extend(bytes(size - len(self.data)))
        self.touch()

    def write(self, offset: int, data: bytes) -> int:
        """Write what there is space for, and return how much that is."""
        if offset > LAST:
            raise failure(errno.EINVAL)
        if not len(data):
            return 0
        end = min(offset + len(data), len(self.data) + self.space.bytes)
        if end <= offset:
            raise failure(errno.ENOSPC)
        if end > len(self.data):
            self.resize(end)
        count = end - offset
        self.data[offset:end] = memoryview(data)[:count]
        self.touch()
        return count


class LinkNode(Node):
    """Where a link leads."""

    kind = Kind.SYMBOLIC_LINK

    def __init__(self, space: Space, target: bytes) -> None:
        """Lead to `target`."""
        super().__init__(space, len(target))
        self.target = target


class DirectoryNode(Node):
    """Names in the order in which they came: that of their cookies, which none bears twice."""

    kind = Kind.DIRECTORY

    def __init__(self, space: Space, parent: DirectoryNode | None) -> None:
        """Hold no names."""
        super().__init__(space)
        self.parent = parent
        self.links = 2
        self._cookies: dict[bytes, int] = {}
        self._order: list[int] = []
        self._children: dict[int, tuple[bytes, Child]] = {}
        self._last = 0

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._order)

    def find(self, name: bytes) -> Child | None:
        """Return what is there under a name."""
        if not self.links:
            raise failure(errno.ENOENT)
        if len(name) > _LONGEST_NAME:
            raise failure(errno.ENAMETOOLONG)
        cookie = self._cookies.get(name)
        return None if cookie is None else self._children[cookie][1]

    def get(self, name: bytes) -> Child:
        """Return what is there under a name, which must be there."""
        found = self.find(name)
        if found is None:
            raise failure(errno.ENOENT)
        return found

    def put(self, name: bytes, child: Child) -> None:
        """Give a name to a child, in the place of what has it."""
        cookie = self._cookies.get(name)
        if cookie is None:
            self._last += 1
            cookie = self._cookies[name] = self._last
            self._order.append(cookie)
        elif isinstance(self._children[cookie][1], DirectoryNode):
            self.links -= 1
        self._children[cookie] = name, child
        if isinstance(child, DirectoryNode):
            child.parent = self
            self.links += 1
        self.touch()

    def take(self, name: bytes) -> None:
        """Take a name away."""
        cookie = self._cookies.pop(name)
        del self._order[bisect_right(self._order, cookie) - 1]
        child = self._children.pop(cookie)[1]
        if isinstance(child, DirectoryNode):
            self.links -= 1
        self.touch()

    def entries(self, cookie: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries behind a cookie."""
        first = bisect_right(self._order, cookie)
        found = []
        for each in self._order[first : first + limit]:
            name, child = self._children[each]
            found.append(Entry(name.decode(), child.kind, child.inode, each))
        return found


Child: TypeAlias = "FileNode | LinkNode | DirectoryNode"


def _instant(nanoseconds: int) -> Instant:
    return Instant(*divmod(nanoseconds, _SECOND))


def _time(time: NewTime, old: int, now: int) -> int:
    match time:
        case NewTimeKeep():
            return old
        case NewTimeNow():
            return now
        case NewTimeAt(Instant(seconds, nanoseconds)):
            if seconds > LAST or nanoseconds >= _SECOND:
                raise failure(errno.EINVAL)
            return seconds * _SECOND + nanoseconds
