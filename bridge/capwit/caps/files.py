"""Host bindings for `capwit:files@0.1.0`.

Directories and files, as a program is granted them: a directory is all that can be reached through it,
and nothing above. WASI's two previews stand on these interfaces, so whoever implements them, here or on
another machine, serves every WASI program.

How a path is read. It is relative to the directory that is asked, with `/` between names. Empty names and
`.` mean nothing; `..` goes back up, never above the directory that is asked. Links on the way are
followed. A path or a link that leads out of the directory (`..` at its top, an absolute path, an absolute
target) is `notPermitted`, whatever is there; an empty path is `noEntry`; a zero byte `invalid`; more than
40 links `loop`. A trailing slash means that the last name must be a directory. Where a method follows the
last name it takes a `follow`; the others act on the last name itself.

How a call fails. What a file system says is a case of the answer, `error`. An error of the call itself
(revoked, disconnected, ...) says that nobody knows what became of it.

Written by `capwit generate` from files.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable
from capwit.caps import standard

wit.check_format(__name__, 1)


class FileError(Enum):
    """Why a file system refuses. The names are those of WASI 0.2; two more follow."""

    ACCESS = "access"
    """The permissions of the file or directory do not allow it."""
    WOULD_BLOCK = "would-block"
    """It would have to wait."""
    ALREADY = "already"
    """It is being done already."""
    BAD_DESCRIPTOR = "bad-descriptor"
    """The file was not opened for this."""
    BUSY = "busy"
    """Something else is using it."""
    DEADLOCK = "deadlock"
    """It would wait for itself."""
    QUOTA = "quota"
    """The user's share of the disk is used up."""
    EXIST = "exist"
    """There is something of that name already."""
    FILE_TOO_LARGE = "file-too-large"
    """The file would be larger than a file can be."""
    ILLEGAL_BYTE_SEQUENCE = "illegal-byte-sequence"
    """A name that is no text."""
    IN_PROGRESS = "in-progress"
    """It has begun, and goes on."""
    INTERRUPTED = "interrupted"
    """A signal came first."""
    INVALID = "invalid"
    """An argument makes no sense."""
    IO = "io"
    """The device failed."""
    IS_DIRECTORY = "is-directory"
    """It is a directory."""
    LOOP = "loop"
    """More than 40 links, or a link that is not to be followed."""
    TOO_MANY_LINKS = "too-many-links"
    """The file has as many names as it can have."""
    MESSAGE_SIZE = "message-size"
    """The message is too long."""
    NAME_TOO_LONG = "name-too-long"
    """A name of more than 255 bytes, or a path of more than 4,095."""
    NO_DEVICE = "no-device"
    """There is no such kind of device."""
    NO_ENTRY = "no-entry"
    """There is nothing of that name."""
    NO_LOCK = "no-lock"
    """There are no locks left."""
    INSUFFICIENT_MEMORY = "insufficient-memory"
    """There is no memory left."""
    INSUFFICIENT_SPACE = "insufficient-space"
    """There is no space left."""
    NOT_DIRECTORY = "not-directory"
    """It is no directory."""
    NOT_EMPTY = "not-empty"
    """The directory is not empty."""
    NOT_RECOVERABLE = "not-recoverable"
    """The state cannot be recovered."""
    UNSUPPORTED = "unsupported"
    """The file system cannot do this."""
    NO_TTY = "no-tty"
    """It is no terminal."""
    NO_SUCH_DEVICE = "no-such-device"
    """There is no such device."""
    OVERFLOW = "overflow"
    """A number is too large."""
    NOT_PERMITTED = "not-permitted"
    """Nobody may do this here: leave the directory, open a device."""
    PIPE = "pipe"
    """Nobody reads the other end."""
    READ_ONLY = "read-only"
    """The directory was granted, or opened, for reading only."""
    INVALID_SEEK = "invalid-seek"
    """It has no positions."""
    TEXT_FILE_BUSY = "text-file-busy"
    """A program that is running."""
    CROSS_DEVICE = "cross-device"
    """The two places are not of one file system, or not of one implementer."""
    TOO_MANY_OPEN = "too-many-open"
    """As many files are open as may be at once."""
    STALE = "stale"
    """It is gone from the server that had it."""


class Kind(Enum):
    """What a name stands for."""

    UNKNOWN = "unknown"
    REGULAR_FILE = "regular-file"
    DIRECTORY = "directory"
    SYMBOLIC_LINK = "symbolic-link"
    BLOCK_DEVICE = "block-device"
    CHARACTER_DEVICE = "character-device"
    FIFO = "fifo"
    SOCKET = "socket"


@dataclass(frozen=True, slots=True)
class Stat:
    """What is known of a file, a directory or a link."""

    kind: Kind
    device: int
    """With `inode`: two of one implementer are the same object exactly if both numbers are the same."""
    inode: int
    links: int
    """How many names it has."""
    size: int
    """In bytes; of a link, its target's length."""
    accessed: standard.Instant
    """When it was last read, as well as the file system cares to know."""
    modified: standard.Instant
    """When its content last changed."""
    changed: standard.Instant
    """When its content or anything here last changed."""


@dataclass(frozen=True, slots=True)
class NewTimeKeep:
    """What it is."""


@dataclass(frozen=True, slots=True)
class NewTimeNow:
    """The file system's own present time."""


@dataclass(frozen=True, slots=True)
class NewTimeAt:
    """A time."""

    value: standard.Instant


NewTime: TypeAlias = NewTimeKeep | NewTimeNow | NewTimeAt
"""What to set a time to."""


class Advice(Enum):
    """How a part of a file is going to be used: a hint, which changes no answer."""

    NORMAL = "normal"
    SEQUENTIAL = "sequential"
    RANDOM = "random"
    WILL_NEED = "will-need"
    DONT_NEED = "dont-need"
    NO_REUSE = "no-reuse"


@dataclass(frozen=True, slots=True)
class Access:
    """What may be done through what was opened."""

    read: bool
    """A file's content may be read. Every directory may be listed."""
    write: bool
    """A file's content may be changed; of a directory, anything in it and below."""


@dataclass(frozen=True, slots=True)
class OpenFlags:
    """How to open. Without `read` and `write` a file can only be examined."""

    read: bool
    """To read a file's content."""
    write: bool
    """To change a file's content. A directory is `isDirectory` then."""
    mutate: bool
    """A directory that is opened may be changed, and all below it; else they are for reading only."""
    create: bool
    """Make an empty file where there is nothing."""
    exclusive: bool
    """With `create`: fail with `exist` where there is something, a link to nothing included."""
    truncate: bool
    """Make the file empty."""
    directory: bool
    """Fail with `notDirectory` unless it is one. Not together with `create`: `invalid`."""
    follow: bool
    """Follow the last name if it is a link; else a link is `loop`."""


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """`done` of `Answer`."""


@dataclass(frozen=True, slots=True)
class AnswerError:
    """`error` of `Answer`."""

    value: FileError


Answer: TypeAlias = AnswerDone | AnswerError
"""What was done, or why it was not."""


@dataclass(frozen=True, slots=True)
class ReadAnswerData:
    """`data` of `ReadAnswer`."""

    value: bytes


@dataclass(frozen=True, slots=True)
class ReadAnswerError:
    """`error` of `ReadAnswer`."""

    value: FileError


ReadAnswer: TypeAlias = ReadAnswerData | ReadAnswerError
"""What was read."""


@dataclass(frozen=True, slots=True)
class WriteAnswerCount:
    """`count` of `WriteAnswer`."""

    value: int


@dataclass(frozen=True, slots=True)
class WriteAnswerError:
    """`error` of `WriteAnswer`."""

    value: FileError


WriteAnswer: TypeAlias = WriteAnswerCount | WriteAnswerError
"""How much was written."""


@dataclass(frozen=True, slots=True)
class StatAnswerStat:
    """`stat` of `StatAnswer`."""

    value: Stat


@dataclass(frozen=True, slots=True)
class StatAnswerError:
    """`error` of `StatAnswer`."""

    value: FileError


StatAnswer: TypeAlias = StatAnswerStat | StatAnswerError
"""What is known."""


@dataclass(frozen=True, slots=True)
class OpenAnswerFile:
    """`file` of `OpenAnswer`."""

    value: FileClient


@dataclass(frozen=True, slots=True)
class OpenAnswerDirectory:
    """`directory` of `OpenAnswer`."""

    value: DirectoryClient


@dataclass(frozen=True, slots=True)
class OpenAnswerError:
    """`error` of `OpenAnswer`."""

    value: FileError


OpenAnswer: TypeAlias = OpenAnswerFile | OpenAnswerDirectory | OpenAnswerError
"""What was opened."""


@dataclass(frozen=True, slots=True)
class ListAnswerEntries:
    """`entries` of `ListAnswer`."""

    value: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class ListAnswerError:
    """`error` of `ListAnswer`."""

    value: FileError


ListAnswer: TypeAlias = ListAnswerEntries | ListAnswerError
"""A part of a directory."""


@dataclass(frozen=True, slots=True)
class TargetAnswerTarget:
    """`target` of `TargetAnswer`."""

    value: str


@dataclass(frozen=True, slots=True)
class TargetAnswerError:
    """`error` of `TargetAnswer`."""

    value: FileError


TargetAnswer: TypeAlias = TargetAnswerTarget | TargetAnswerError
"""Where a link leads."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a directory."""

    name: str
    kind: Kind
    inode: int
    """As `Stat` has it."""
    cookie: int
    """Goes to `list`, to go on behind this entry. Never 0, and less than 2^63."""


class Node(Protocol):
    """What files and directories have in common."""

    def access(self) -> MaybeAwaitable[Access]:
        """What may be done through this reference: it says so of itself, whoever holds it."""

    def stat(self) -> MaybeAwaitable[StatAnswer]:
        """What is known of it, also when it has no name any more."""

    def set_times(self, accessed: NewTime, modified: NewTime) -> MaybeAwaitable[Answer]:
        """Sets its times. `readOnly` where the directory that it was opened through is."""

    def sync(self, data_only: bool) -> MaybeAwaitable[Answer]:
        """Returns once what was written is on the medium; with `dataOnly`, what reading it back needs."""


class File(Node, Protocol):
    """An open file. It has no position: whoever needs one keeps it. It lives on when its name is gone."""

    def read(self, offset: int, length: int) -> MaybeAwaitable[ReadAnswer]:
        """Up to `length` bytes from `offset` on. None exactly if `length` is 0 or the file ends there; fewer than
        `length` do not say that it ends. An implementer gives at most 1 MiB at once.
        """

    def write(self, offset: int, data: bytes) -> MaybeAwaitable[WriteAnswer]:
        """Writes `data` from `offset` on; what the file lacks before it reads as zeroes. The count is less than
        that of `data` only where space ran out on the way.
        """

    def append(self, data: bytes) -> MaybeAwaitable[WriteAnswer]:
        """Writes `data` at the end of the file, wherever that is by then: two that append do not overwrite each
        other.
        """

    def set_size(self, size: int) -> MaybeAwaitable[Answer]:
        """Cuts the file, or lengthens it by zeroes. `invalid` unless it was opened to write."""

    def allocate(self, offset: int, length: int) -> MaybeAwaitable[Answer]:
        """Makes sure of the space for a part of the file, and lengthens the file where it ends before. A `length`
        of 0 is `invalid`.
        """

    def advise(self, offset: int, length: int, advice: Advice) -> MaybeAwaitable[Answer]:
        """Tells how a part is going to be used; a `length` of 0 means to the end."""


class Directory(Node, Protocol):
    """An open directory: all that can be reached through it, and nothing above. A directory that was granted
    or opened for reading only answers `readOnly` to whatever would change anything, and all that is opened
    through it is for reading only, too.
    """

    def open(self, path: str, flags: OpenFlags) -> MaybeAwaitable[OpenAnswer]:
        """Opens a file or a directory; anything else (a device, a socket, a pipe) is `notPermitted`."""

    def stat_at(self, path: str, follow: bool) -> MaybeAwaitable[StatAnswer]:
        """What is known of what a path leads to."""

    def set_times_at(
        self,
        path: str,
        follow: bool,
        accessed: NewTime,
        modified: NewTime,
    ) -> MaybeAwaitable[Answer]:
        """Sets the times of what a path leads to."""

    def list(self, cookie: int, limit: int) -> MaybeAwaitable[ListAnswer]:
        """The entries behind the one with this `cookie` (0: from the first on), at most `limit`, in no order; none
        exactly if `limit` is 0 or there are no more. Without `.` and `..`, and without names that are no UTF-8,
        which nobody could say. A cookie holds for as long as the directory is open: an entry that is there from
        the first call to the last is listed once, whatever else comes and goes.
        """

    def create_directory(self, path: str) -> MaybeAwaitable[Answer]:
        """Makes an empty directory."""

    def remove_directory(self, path: str) -> MaybeAwaitable[Answer]:
        """Removes an empty directory."""

    def unlink(self, path: str) -> MaybeAwaitable[Answer]:
        """Removes the name of anything but a directory. What is open lives on without it."""

    def rename(self, path: str, to: DirectoryClient, new_path: str) -> MaybeAwaitable[Answer]:
        """Gives what `path` names the name `newPath` in the directory `to`, in one step; what had that name is
        replaced: a directory only by a directory, and only when it is empty. `crossDevice` where `to` is not of
        the same file system and implementer.
        """

    def link(self, path: str, follow: bool, to: DirectoryClient, new_path: str) -> MaybeAwaitable[Answer]:
        """Gives a file another name. A directory is `notPermitted`; `to` is as it is for `rename`."""

    def symlink(self, target: str, path: str) -> MaybeAwaitable[Answer]:
        """Makes a link with this target, which need not exist. An absolute target is `notPermitted`."""

    def read_link(self, path: str) -> MaybeAwaitable[TargetAnswer]:
        """Where a link leads, as it was made. `invalid` where it is no link."""


class NodeClient(wit.Client):
    """`Node`, wherever it lives."""

    async def access(self) -> Access:
        """What may be done through this reference: it says so of itself, whoever holds it."""
        return await self._call(_NODE_ACCESS)

    async def stat(self) -> StatAnswer:
        """What is known of it, also when it has no name any more."""
        return await self._call(_NODE_STAT)

    async def set_times(self, accessed: NewTime, modified: NewTime) -> Answer:
        """Sets its times. `readOnly` where the directory that it was opened through is."""
        return await self._call(_NODE_SET_TIMES, accessed, modified)

    async def sync(self, data_only: bool) -> Answer:
        """Returns once what was written is on the medium; with `dataOnly`, what reading it back needs."""
        return await self._call(_NODE_SYNC, data_only)


class FileClient(NodeClient):
    """`File`, wherever it lives."""

    async def read(self, offset: int, length: int) -> ReadAnswer:
        """Up to `length` bytes from `offset` on. None exactly if `length` is 0 or the file ends there; fewer than
        `length` do not say that it ends. An implementer gives at most 1 MiB at once.
        """
        return await self._call(_FILE_READ, offset, length)

    async def write(self, offset: int, data: bytes) -> WriteAnswer:
        """Writes `data` from `offset` on; what the file lacks before it reads as zeroes. The count is less than
        that of `data` only where space ran out on the way.
        """
        return await self._call(_FILE_WRITE, offset, data)

    async def append(self, data: bytes) -> WriteAnswer:
        """Writes `data` at the end of the file, wherever that is by then: two that append do not overwrite each
        other.
        """
        return await self._call(_FILE_APPEND, data)

    async def set_size(self, size: int) -> Answer:
        """Cuts the file, or lengthens it by zeroes. `invalid` unless it was opened to write."""
        return await self._call(_FILE_SET_SIZE, size)

    async def allocate(self, offset: int, length: int) -> Answer:
        """Makes sure of the space for a part of the file, and lengthens the file where it ends before. A `length`
        of 0 is `invalid`.
        """
        return await self._call(_FILE_ALLOCATE, offset, length)

    async def advise(self, offset: int, length: int, advice: Advice) -> Answer:
        """Tells how a part is going to be used; a `length` of 0 means to the end."""
        return await self._call(_FILE_ADVISE, offset, length, advice)

    def as_node(self) -> NodeClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(NodeClient)


class DirectoryClient(NodeClient):
    """`Directory`, wherever it lives."""

    async def open(self, path: str, flags: OpenFlags) -> OpenAnswer:
        """Opens a file or a directory; anything else (a device, a socket, a pipe) is `notPermitted`."""
        return await self._call(_DIRECTORY_OPEN, path, flags)

    async def stat_at(self, path: str, follow: bool) -> StatAnswer:
        """What is known of what a path leads to."""
        return await self._call(_DIRECTORY_STAT_AT, path, follow)

    async def set_times_at(self, path: str, follow: bool, accessed: NewTime, modified: NewTime) -> Answer:
        """Sets the times of what a path leads to."""
        return await self._call(_DIRECTORY_SET_TIMES_AT, path, follow, accessed, modified)

    async def list(self, cookie: int, limit: int) -> ListAnswer:
        """The entries behind the one with this `cookie` (0: from the first on), at most `limit`, in no order; none
        exactly if `limit` is 0 or there are no more. Without `.` and `..`, and without names that are no UTF-8,
        which nobody could say. A cookie holds for as long as the directory is open: an entry that is there from
        the first call to the last is listed once, whatever else comes and goes.
        """
        return await self._call(_DIRECTORY_LIST, cookie, limit)

    async def create_directory(self, path: str) -> Answer:
        """Makes an empty directory."""
        return await self._call(_DIRECTORY_CREATE_DIRECTORY, path)

    async def remove_directory(self, path: str) -> Answer:
        """Removes an empty directory."""
        return await self._call(_DIRECTORY_REMOVE_DIRECTORY, path)

    async def unlink(self, path: str) -> Answer:
        """Removes the name of anything but a directory. What is open lives on without it."""
        return await self._call(_DIRECTORY_UNLINK, path)

    async def rename(self, path: str, to: Directory, new_path: str) -> Answer:
        """Gives what `path` names the name `newPath` in the directory `to`, in one step; what had that name is
        replaced: a directory only by a directory, and only when it is empty. `crossDevice` where `to` is not of
        the same file system and implementer.
        """
        return await self._call(_DIRECTORY_RENAME, path, to, new_path)

    async def link(self, path: str, follow: bool, to: Directory, new_path: str) -> Answer:
        """Gives a file another name. A directory is `notPermitted`; `to` is as it is for `rename`."""
        return await self._call(_DIRECTORY_LINK, path, follow, to, new_path)

    async def symlink(self, target: str, path: str) -> Answer:
        """Makes a link with this target, which need not exist. An absolute target is `notPermitted`."""
        return await self._call(_DIRECTORY_SYMLINK, target, path)

    async def read_link(self, path: str) -> TargetAnswer:
        """Where a link leads, as it was made. `invalid` where it is no link."""
        return await self._call(_DIRECTORY_READ_LINK, path)

    def as_node(self) -> NodeClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(NodeClient)


# The bridge's tables: WIT names and types.
NODE = wit.Interface(NodeClient, "capwit:files/files@0.1.0", "node", 0x978335116D46EEC8)
FILE = wit.Interface(FileClient, "capwit:files/files@0.1.0", "file", 0xD47114A215AFB16C, extends=(NODE,))
DIRECTORY = wit.Interface(
    DirectoryClient,
    "capwit:files/files@0.1.0",
    "directory",
    0xDB16C7434157F699,
    extends=(NODE,),
)
FILE_ERROR = wit.Enum(
    (
        "access",
        "would-block",
        "already",
        "bad-descriptor",
        "busy",
        "deadlock",
        "quota",
        "exist",
        "file-too-large",
        "illegal-byte-sequence",
        "in-progress",
        "interrupted",
        "invalid",
        "io",
        "is-directory",
        "loop",
        "too-many-links",
        "message-size",
        "name-too-long",
        "no-device",
        "no-entry",
        "no-lock",
        "insufficient-memory",
        "insufficient-space",
        "not-directory",
        "not-empty",
        "not-recoverable",
        "unsupported",
        "no-tty",
        "no-such-device",
        "overflow",
        "not-permitted",
        "pipe",
        "read-only",
        "invalid-seek",
        "text-file-busy",
        "cross-device",
        "too-many-open",
        "stale",
    ),
    FileError,
    "file-error",
)
KIND = wit.Enum(
    (
        "unknown",
        "regular-file",
        "directory",
        "symbolic-link",
        "block-device",
        "character-device",
        "fifo",
        "socket",
    ),
    Kind,
    "kind",
)
STAT = wit.Record(
    (
        wit.Field("kind", KIND, "kind"),
        wit.Field("device", wit.U64, "device"),
        wit.Field("inode", wit.U64, "inode"),
        wit.Field("links", wit.U64, "links"),
        wit.Field("size", wit.U64, "size"),
        wit.Field("accessed", standard.INSTANT, "accessed"),
        wit.Field("modified", standard.INSTANT, "modified"),
        wit.Field("changed", standard.INSTANT, "changed"),
    ),
    Stat,
    "stat",
)
NEW_TIME = wit.Variant(
    (
        wit.Case("keep", None, NewTimeKeep),
        wit.Case("now", None, NewTimeNow),
        wit.Case("at", standard.INSTANT, NewTimeAt),
    ),
    "new-time",
)
ADVICE = wit.Enum(("normal", "sequential", "random", "will-need", "dont-need", "no-reuse"), Advice, "advice")
ACCESS = wit.Record(
    (wit.Field("read", wit.BOOL, "read"), wit.Field("write", wit.BOOL, "write")),
    Access,
    "access",
)
OPEN_FLAGS = wit.Record(
    (
        wit.Field("read", wit.BOOL, "read"),
        wit.Field("write", wit.BOOL, "write"),
        wit.Field("mutate", wit.BOOL, "mutate"),
        wit.Field("create", wit.BOOL, "create"),
        wit.Field("exclusive", wit.BOOL, "exclusive"),
        wit.Field("truncate", wit.BOOL, "truncate"),
        wit.Field("directory", wit.BOOL, "directory"),
        wit.Field("follow", wit.BOOL, "follow"),
    ),
    OpenFlags,
    "open-flags",
)
ANSWER = wit.Variant(
    (wit.Case("done", None, AnswerDone), wit.Case("error", FILE_ERROR, AnswerError)),
    "answer",
)
READ_ANSWER = wit.Variant(
    (wit.Case("data", wit.BYTES, ReadAnswerData), wit.Case("error", FILE_ERROR, ReadAnswerError)),
    "read-answer",
)
WRITE_ANSWER = wit.Variant(
    (wit.Case("count", wit.U64, WriteAnswerCount), wit.Case("error", FILE_ERROR, WriteAnswerError)),
    "write-answer",
)
STAT_ANSWER = wit.Variant(
    (wit.Case("stat", STAT, StatAnswerStat), wit.Case("error", FILE_ERROR, StatAnswerError)),
    "stat-answer",
)
OPEN_ANSWER = wit.Variant(
    (
        wit.Case("file", FILE.own, OpenAnswerFile),
        wit.Case("directory", DIRECTORY.own, OpenAnswerDirectory),
        wit.Case("error", FILE_ERROR, OpenAnswerError),
    ),
    "open-answer",
)
ENTRY = wit.Record(
    (
        wit.Field("name", wit.STRING, "name"),
        wit.Field("kind", KIND, "kind"),
        wit.Field("inode", wit.U64, "inode"),
        wit.Field("cookie", wit.U64, "cookie"),
    ),
    Entry,
    "entry",
)
LIST_ANSWER = wit.Variant(
    (wit.Case("entries", wit.List(ENTRY), ListAnswerEntries), wit.Case("error", FILE_ERROR, ListAnswerError)),
    "list-answer",
)
TARGET_ANSWER = wit.Variant(
    (wit.Case("target", wit.STRING, TargetAnswerTarget), wit.Case("error", FILE_ERROR, TargetAnswerError)),
    "target-answer",
)
_NODE_ACCESS: wit.Method[Access] = NODE.method("access", "access", {}, ACCESS)
_NODE_STAT: wit.Method[StatAnswer] = NODE.method("stat", "stat", {}, STAT_ANSWER)
_NODE_SET_TIMES: wit.Method[Answer] = NODE.method(
    "set-times",
    "set_times",
    {"accessed": NEW_TIME, "modified": NEW_TIME},
    ANSWER,
)
_NODE_SYNC: wit.Method[Answer] = NODE.method("sync", "sync", {"data-only": wit.BOOL}, ANSWER)
_FILE_READ: wit.Method[ReadAnswer] = FILE.method(
    "read",
    "read",
    {"offset": wit.U64, "length": wit.U32},
    READ_ANSWER,
)
_FILE_WRITE: wit.Method[WriteAnswer] = FILE.method(
    "write",
    "write",
    {"offset": wit.U64, "data": wit.BYTES},
    WRITE_ANSWER,
)
_FILE_APPEND: wit.Method[WriteAnswer] = FILE.method("append", "append", {"data": wit.BYTES}, WRITE_ANSWER)
_FILE_SET_SIZE: wit.Method[Answer] = FILE.method("set-size", "set_size", {"size": wit.U64}, ANSWER)
_FILE_ALLOCATE: wit.Method[Answer] = FILE.method(
    "allocate",
    "allocate",
    {"offset": wit.U64, "length": wit.U64},
    ANSWER,
)
_FILE_ADVISE: wit.Method[Answer] = FILE.method(
    "advise",
    "advise",
    {"offset": wit.U64, "length": wit.U64, "advice": ADVICE},
    ANSWER,
)
_DIRECTORY_OPEN: wit.Method[OpenAnswer] = DIRECTORY.method(
    "open",
    "open",
    {"path": wit.STRING, "flags": OPEN_FLAGS},
    OPEN_ANSWER,
)
_DIRECTORY_STAT_AT: wit.Method[StatAnswer] = DIRECTORY.method(
    "stat-at",
    "stat_at",
    {"path": wit.STRING, "follow": wit.BOOL},
    STAT_ANSWER,
)
_DIRECTORY_SET_TIMES_AT: wit.Method[Answer] = DIRECTORY.method(
    "set-times-at",
    "set_times_at",
    {"path": wit.STRING, "follow": wit.BOOL, "accessed": NEW_TIME, "modified": NEW_TIME},
    ANSWER,
)
_DIRECTORY_LIST: wit.Method[ListAnswer] = DIRECTORY.method(
    "list",
    "list",
    {"cookie": wit.U64, "limit": wit.U32},
    LIST_ANSWER,
)
_DIRECTORY_CREATE_DIRECTORY: wit.Method[Answer] = DIRECTORY.method(
    "create-directory",
    "create_directory",
    {"path": wit.STRING},
    ANSWER,
)
_DIRECTORY_REMOVE_DIRECTORY: wit.Method[Answer] = DIRECTORY.method(
    "remove-directory",
    "remove_directory",
    {"path": wit.STRING},
    ANSWER,
)
_DIRECTORY_UNLINK: wit.Method[Answer] = DIRECTORY.method("unlink", "unlink", {"path": wit.STRING}, ANSWER)
_DIRECTORY_RENAME: wit.Method[Answer] = DIRECTORY.method(
    "rename",
    "rename",
    {"path": wit.STRING, "to": DIRECTORY.borrow, "new-path": wit.STRING},
    ANSWER,
)
_DIRECTORY_LINK: wit.Method[Answer] = DIRECTORY.method(
    "link",
    "link",
    {"path": wit.STRING, "follow": wit.BOOL, "to": DIRECTORY.borrow, "new-path": wit.STRING},
    ANSWER,
)
_DIRECTORY_SYMLINK: wit.Method[Answer] = DIRECTORY.method(
    "symlink",
    "symlink",
    {"target": wit.STRING, "path": wit.STRING},
    ANSWER,
)
_DIRECTORY_READ_LINK: wit.Method[TargetAnswer] = DIRECTORY.method(
    "read-link",
    "read_link",
    {"path": wit.STRING},
    TARGET_ANSWER,
)
BINDINGS = wit.Bindings(
    package="capwit:files@0.1.0",
    interface="files",
    interfaces=(NODE, FILE, DIRECTORY),
    schema=wit.SchemaFile(__name__, "files.bridge.json", 0xDB2F6C0E94A71358),
)
