"""The numbers and layouts of `wasi_snapshot_preview1`, as data, and where `wasi_unstable` differs.

Sources: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
    https://github.com/WebAssembly/WASI/blob/main/legacy/preview0/docs.md
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from capwit.caps.files import FileError, Kind
from capwit.caps.net import NetworkError
from capwit.engine.core import CoreFunction, ValueType


class Errno(IntEnum):
    """How a call ended."""

    SUCCESS = 0
    TOO_BIG = 1
    ACCES = 2
    ADDRINUSE = 3
    ADDRNOTAVAIL = 4
    AFNOSUPPORT = 5
    AGAIN = 6
    ALREADY = 7
    BADF = 8
    BADMSG = 9
    BUSY = 10
    CANCELED = 11
    CHILD = 12
    CONNABORTED = 13
    CONNREFUSED = 14
    CONNRESET = 15
    DEADLK = 16
    DESTADDRREQ = 17
    DOM = 18
    DQUOT = 19
    EXIST = 20
    FAULT = 21
    FBIG = 22
    HOSTUNREACH = 23
    IDRM = 24
    ILSEQ = 25
    INPROGRESS = 26
    INTR = 27
    INVAL = 28
    IO = 29
    ISCONN = 30
    ISDIR = 31
    LOOP = 32
    MFILE = 33
    MLINK = 34
    MSGSIZE = 35
    MULTIHOP = 36
    NAMETOOLONG = 37
    NETDOWN = 38
    NETRESET = 39
    NETUNREACH = 40
    NFILE = 41
    NOBUFS = 42
    NODEV = 43
    NOENT = 44
    NOEXEC = 45
    NOLCK = 46
    NOLINK = 47
    NOMEM = 48
    NOMSG = 49
    NOPROTOOPT = 50
    NOSPC = 51
    NOSYS = 52
    NOTCONN = 53
    NOTDIR = 54
    NOTEMPTY = 55
    NOTRECOVERABLE = 56
    NOTSOCK = 57
    NOTSUP = 58
    NOTTY = 59
    NXIO = 60
    OVERFLOW = 61
    OWNERDEAD = 62
    PERM = 63
    PIPE = 64
    PROTO = 65
    PROTONOSUPPORT = 66
    PROTOTYPE = 67
    RANGE = 68
    ROFS = 69
    SPIPE = 70
    SRCH = 71
    STALE = 72
    TIMEDOUT = 73
    TXTBSY = 74
    XDEV = 75
    NOTCAPABLE = 76


# Bits are plain numbers: the operators of `IntFlag` are Python's own code, and cost more than a call does.


class Rights:
    """Bits: what may be done with a descriptor."""

    FD_DATASYNC: Final = 1 << 0
    FD_READ: Final = 1 << 1
    FD_SEEK: Final = 1 << 2
    FD_FDSTAT_SET_FLAGS: Final = 1 << 3
    FD_SYNC: Final = 1 << 4
    FD_TELL: Final = 1 << 5
    FD_WRITE: Final = 1 << 6
    FD_ADVISE: Final = 1 << 7
    FD_ALLOCATE: Final = 1 << 8
    PATH_CREATE_DIRECTORY: Final = 1 << 9
    PATH_CREATE_FILE: Final = 1 << 10
    PATH_LINK_SOURCE: Final = 1 << 11
    PATH_LINK_TARGET: Final = 1 << 12
    PATH_OPEN: Final = 1 << 13
    FD_READDIR: Final = 1 << 14
    PATH_READLINK: Final = 1 << 15
    PATH_RENAME_SOURCE: Final = 1 << 16
    PATH_RENAME_TARGET: Final = 1 << 17
    PATH_FILESTAT_GET: Final = 1 << 18
    PATH_FILESTAT_SET_SIZE: Final = 1 << 19
    PATH_FILESTAT_SET_TIMES: Final = 1 << 20
    FD_FILESTAT_GET: Final = 1 << 21
    FD_FILESTAT_SET_SIZE: Final = 1 << 22
    FD_FILESTAT_SET_TIMES: Final = 1 << 23
    PATH_SYMLINK: Final = 1 << 24
    PATH_REMOVE_DIRECTORY: Final = 1 << 25
    PATH_UNLINK_FILE: Final = 1 << 26
    POLL_FD_READWRITE: Final = 1 << 27
    SOCK_SHUTDOWN: Final = 1 << 28
    SOCK_ACCEPT: Final = 1 << 29


class FdFlags:
    """Bits: how a descriptor writes."""

    APPEND: Final = 1
    DSYNC: Final = 2
    NONBLOCK: Final = 4
    RSYNC: Final = 8
    SYNC: Final = 16


class OFlags:
    """Bits: how `path_open` opens."""

    CREAT: Final = 1
    DIRECTORY: Final = 2
    EXCL: Final = 4
    TRUNC: Final = 8


class FstFlags:
    """Bits: which times to set."""

    ATIM: Final = 1
    ATIM_NOW: Final = 2
    MTIM: Final = 4
    MTIM_NOW: Final = 8


class FileType(IntEnum):
    """What a descriptor or a name stands for."""

    UNKNOWN = 0
    BLOCK_DEVICE = 1
    CHARACTER_DEVICE = 2
    DIRECTORY = 3
    REGULAR_FILE = 4
    SOCKET_DGRAM = 5
    SOCKET_STREAM = 6
    SYMBOLIC_LINK = 7


class Clock(IntEnum):
    """The clocks."""

    REALTIME = 0
    MONOTONIC = 1
    PROCESS_CPUTIME = 2
    THREAD_CPUTIME = 3


class Whence(Enum):
    """What an offset counts from: its number depends on the snapshot."""

    SET = "set"
    CUR = "cur"
    END = "end"


class EventType(IntEnum):
    """What is waited for."""

    CLOCK = 0
    FD_READ = 1
    FD_WRITE = 2


RECV_PEEK: Final = 1  # of the flags of `sock_recv`
RECV_WAITALL: Final = 2
RECV_DATA_TRUNCATED: Final = 1  # of what it answers
SHUT_RD: Final = 1
SHUT_WR: Final = 2
SYMLINK_FOLLOW: Final = 1  # of lookup flags
CLOCK_ABSTIME: Final = 1  # of a subscription to a clock

FILE_RIGHTS: Final = (
    Rights.FD_DATASYNC | Rights.FD_READ | Rights.FD_SEEK | Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_SYNC
    | Rights.FD_TELL | Rights.FD_WRITE | Rights.FD_ADVISE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_GET
    | Rights.FD_FILESTAT_SET_SIZE | Rights.FD_FILESTAT_SET_TIMES | Rights.POLL_FD_READWRITE
)  # fmt: skip
DIRECTORY_RIGHTS: Final = (
    Rights.PATH_CREATE_DIRECTORY | Rights.PATH_CREATE_FILE | Rights.PATH_LINK_SOURCE
    | Rights.PATH_LINK_TARGET | Rights.PATH_OPEN | Rights.FD_READDIR | Rights.PATH_READLINK
    | Rights.PATH_RENAME_SOURCE | Rights.PATH_RENAME_TARGET | Rights.PATH_FILESTAT_GET
    | Rights.PATH_FILESTAT_SET_SIZE | Rights.PATH_FILESTAT_SET_TIMES | Rights.FD_FILESTAT_GET
    | Rights.FD_FILESTAT_SET_TIMES | Rights.PATH_SYMLINK | Rights.PATH_REMOVE_DIRECTORY
    | Rights.PATH_UNLINK_FILE
)  # fmt: skip
# A terminal has no position: that it cannot be sought is how a libc tells one.
STREAM_RIGHTS: Final = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE

LISTENER_RIGHTS: Final = STREAM_RIGHTS | Rights.FD_READ | Rights.SOCK_ACCEPT
SOCKET_RIGHTS: Final = STREAM_RIGHTS | Rights.FD_READ | Rights.FD_WRITE | Rights.SOCK_SHUTDOWN

FDSTAT: Final = struct.Struct("<BxH4xQQ")
PRESTAT: Final = struct.Struct("<B3xI")
DIRENT: Final = struct.Struct("<QQIB3x")
U32: Final = struct.Struct("<I")
SUBSCRIPTION: Final = struct.Struct("<QB7x")
SUBSCRIBED_FD: Final = struct.Struct("<I")
EVENT: Final = struct.Struct("<QHB5xQH6x")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is not the same in every snapshot.

    Attributes:
        module: what guests import it as.
        without: the functions that it does not have.
        whence: what an offset counts from, by its number.
        filestat: device, inode, type, links, size, and three times.
        most_links: that a `filestat` can tell of.
        subscribed_clock: clock, timeout, precision, flags.
        subscription_size: bytes from one subscription to the next.
    """

    module: str
    without: frozenset[str]
    whence: tuple[Whence, ...]
    filestat: struct.Struct
    most_links: int
    subscribed_clock: struct.Struct
    subscription_size: int


PREVIEW1: Final = Snapshot(
    module="wasi_snapshot_preview1",
    without=frozenset(),
    whence=(Whence.SET, Whence.CUR, Whence.END),
    filestat=struct.Struct("<QQB7xQQQQQ"),
    most_links=2**64 - 1,
    subscribed_clock=struct.Struct("<I4xQQH6x"),
    subscription_size=48,
)
PREVIEW0: Final = Snapshot(
    module="wasi_unstable",
    without=frozenset({"sock_accept"}),
    whence=(Whence.CUR, Whence.END, Whence.SET),
    filestat=struct.Struct("<QQB3xIQQQQ"),
    most_links=2**32 - 1,
    subscribed_clock=struct.Struct("<8xI4xQQH6x"),  # behind a number of the guest's own
    subscription_size=56,
)
SNAPSHOTS: Final = {each.module: each for each in (PREVIEW1, PREVIEW0)}

FILE_TYPES: Final = {
    Kind.UNKNOWN: FileType.UNKNOWN,
    Kind.REGULAR_FILE: FileType.REGULAR_FILE,
    Kind.DIRECTORY: FileType.DIRECTORY,
    Kind.SYMBOLIC_LINK: FileType.SYMBOLIC_LINK,
    Kind.BLOCK_DEVICE: FileType.BLOCK_DEVICE,
    Kind.CHARACTER_DEVICE: FileType.CHARACTER_DEVICE,
    Kind.FIFO: FileType.UNKNOWN,  # the ABI has no number for a pipe
    Kind.SOCKET: FileType.SOCKET_STREAM,
}

NETWORK_ERRORS: Final = {
    NetworkError.UNKNOWN: Errno.IO,
    NetworkError.ACCESS_DENIED: Errno.ACCES,
    NetworkError.NOT_SUPPORTED: Errno.NOTSUP,
    NetworkError.INVALID_ARGUMENT: Errno.INVAL,
    NetworkError.OUT_OF_MEMORY: Errno.NOBUFS,
    NetworkError.TIMEOUT: Errno.TIMEDOUT,
    NetworkError.CONCURRENCY_CONFLICT: Errno.ALREADY,
    NetworkError.NOT_IN_PROGRESS: Errno.INVAL,
    NetworkError.WOULD_BLOCK: Errno.AGAIN,
    NetworkError.INVALID_STATE: Errno.NOTCONN,
    NetworkError.NEW_SOCKET_LIMIT: Errno.MFILE,
    NetworkError.ADDRESS_NOT_BINDABLE: Errno.ADDRNOTAVAIL,
    NetworkError.ADDRESS_IN_USE: Errno.ADDRINUSE,
    NetworkError.REMOTE_UNREACHABLE: Errno.HOSTUNREACH,
    NetworkError.CONNECTION_REFUSED: Errno.CONNREFUSED,
    NetworkError.CONNECTION_RESET: Errno.CONNRESET,
    NetworkError.CONNECTION_ABORTED: Errno.PIPE,
    NetworkError.DATAGRAM_TOO_LARGE: Errno.MSGSIZE,
    NetworkError.NAME_UNRESOLVABLE: Errno.NOENT,
    NetworkError.TEMPORARY_RESOLVER_FAILURE: Errno.AGAIN,
    NetworkError.PERMANENT_RESOLVER_FAILURE: Errno.IO,
}

FILE_ERRORS: Final = {
    FileError.ACCESS: Errno.ACCES,
    FileError.WOULD_BLOCK: Errno.AGAIN,
    FileError.ALREADY: Errno.ALREADY,
    FileError.BAD_DESCRIPTOR: Errno.BADF,
    FileError.BUSY: Errno.BUSY,
    FileError.DEADLOCK: Errno.DEADLK,
    FileError.QUOTA: Errno.DQUOT,
    FileError.EXIST: Errno.EXIST,
    FileError.FILE_TOO_LARGE: Errno.FBIG,
    FileError.ILLEGAL_BYTE_SEQUENCE: Errno.ILSEQ,
    FileError.IN_PROGRESS: Errno.INPROGRESS,
    FileError.INTERRUPTED: Errno.INTR,
    FileError.INVALID: Errno.INVAL,
    FileError.IO: Errno.IO,
    FileError.IS_DIRECTORY: Errno.ISDIR,
    FileError.LOOP: Errno.LOOP,
    FileError.TOO_MANY_LINKS: Errno.MLINK,
    FileError.MESSAGE_SIZE: Errno.MSGSIZE,
    FileError.NAME_TOO_LONG: Errno.NAMETOOLONG,
    FileError.NO_DEVICE: Errno.NODEV,
    FileError.NO_ENTRY: Errno.NOENT,
    FileError.NO_LOCK: Errno.NOLCK,
    FileError.INSUFFICIENT_MEMORY: Errno.NOMEM,
    FileError.INSUFFICIENT_SPACE: Errno.NOSPC,
    FileError.NOT_DIRECTORY: Errno.NOTDIR,
    FileError.NOT_EMPTY: Errno.NOTEMPTY,
    FileError.NOT_RECOVERABLE: Errno.NOTRECOVERABLE,
    FileError.UNSUPPORTED: Errno.NOTSUP,
    FileError.NO_TTY: Errno.NOTTY,
    FileError.NO_SUCH_DEVICE: Errno.NXIO,
    FileError.OVERFLOW: Errno.OVERFLOW,
    FileError.NOT_PERMITTED: Errno.PERM,
    FileError.PIPE: Errno.PIPE,
    FileError.READ_ONLY: Errno.ROFS,
    FileError.INVALID_SEEK: Errno.SPIPE,
    FileError.TEXT_FILE_BUSY: Errno.TXTBSY,
    FileError.CROSS_DEVICE: Errno.XDEV,
    FileError.TOO_MANY_OPEN: Errno.MFILE,
    FileError.STALE: Errno.STALE,
}

# Each function's parameters: `i` is 32 bits wide, `I` 64. All but `proc_exit` return an errno.
_PARAMETERS: Final = {
    "args_get": "ii",
    "args_sizes_get": "ii",
    "environ_get": "ii",
    "environ_sizes_get": "ii",
    "clock_res_get": "ii",
    "clock_time_get": "iIi",
    "fd_advise": "iIIi",
    "fd_allocate": "iII",
    "fd_close": "i",
    "fd_datasync": "i",
    "fd_fdstat_get": "ii",
    "fd_fdstat_set_flags": "ii",
    "fd_fdstat_set_rights": "iII",
    "fd_filestat_get": "ii",
    "fd_filestat_set_size": "iI",
    "fd_filestat_set_times": "iIIi",
    "fd_pread": "iiiIi",
    "fd_prestat_get": "ii",
    "fd_prestat_dir_name": "iii",
    "fd_pwrite": "iiiIi",
    "fd_read": "iiii",
    "fd_readdir": "iiiIi",
    "fd_renumber": "ii",
    "fd_seek": "iIii",
    "fd_sync": "i",
    "fd_tell": "ii",
    "fd_write": "iiii",
    "path_create_directory": "iii",
    "path_filestat_get": "iiiii",
    "path_filestat_set_times": "iiiiIIi",
    "path_link": "iiiiiii",
    "path_open": "iiiiiIIii",
    "path_readlink": "iiiiii",
    "path_remove_directory": "iii",
    "path_rename": "iiiiii",
    "path_symlink": "iiiii",
    "path_unlink_file": "iii",
    "poll_oneoff": "iiii",
    "proc_exit": "i",
    "proc_raise": "i",
    "random_get": "ii",
    "sched_yield": "",
    "sock_accept": "iii",
    "sock_recv": "iiiiii",
    "sock_send": "iiiii",
    "sock_shutdown": "ii",
}
_TYPES: Final = {"i": ValueType.I32, "I": ValueType.I64}

SIGNATURES: Final[dict[str, CoreFunction]] = {
    name: CoreFunction(
        tuple(_TYPES[each] for each in params), () if name == "proc_exit" else (ValueType.I32,)
    )
    for name, params in _PARAMETERS.items()
}
