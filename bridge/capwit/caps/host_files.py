"""A directory of this machine, which nothing that is reached through it can leave.

Everything happens relative to directory descriptors. What a path leads to is found by the kernel, which
keeps it beneath (`openat2`), or name by name where the kernel cannot; the last name is never followed.
"""

from __future__ import annotations

import asyncio
import errno
import os
from typing import TYPE_CHECKING, Final

from . import linux
from .answers import DONE, answer, count_answer, file_error, stat_answer
from .descriptors import Descriptor, OpenFiles, Reader, kind_of, open_settled
from .directory import LocalDirectory, LocalFile
from .files import (
    Access,
    Advice,
    AnswerError,
    Entry,
    Kind,
    NewTimeAt,
    NewTimeKeep,
    NewTimeNow,
    ReadAnswerData,
    ReadAnswerError,
    Stat,
    WriteAnswerCount,
    WriteAnswerError,
)
from .paths import failure, walk
from .standard import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .files import Answer, NewTime, OpenFlags, ReadAnswer, WriteAnswer
    from .paths import Split

MOST_BYTES: Final = 1024 * 1024  # of one read
_SECOND: Final = 1_000_000_000
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BENEATH: Final = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe or a device is opened only to find out that it is one: that must neither wait nor do anything.
_OPEN: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MODES: Final = {(False, False): os.O_RDONLY, (True, False): os.O_RDONLY, (False, True): os.O_WRONLY}
_TRIES: Final = 16  # for as long as something moves while a path is resolved

_ADVICE: Final = {
    Advice.NORMAL: os.POSIX_FADV_NORMAL,
    Advice.SEQUENTIAL: os.POSIX_FADV_SEQUENTIAL,
    Advice.RANDOM: os.POSIX_FADV_RANDOM,
    Advice.WILL_NEED: os.POSIX_FADV_WILLNEED,
    Advice.DONT_NEED: os.POSIX_FADV_DONTNEED,
    Advice.NO_REUSE: os.POSIX_FADV_NOREUSE,
}


def _instant(nanoseconds: int) -> Instant:
    return Instant(*divmod(max(0, nanoseconds), _SECOND))


def _stat(found: os.stat_result) -> Stat:
    return Stat(
        kind_of(found.st_mode),
        found.st_dev,
        found.st_ino,
        found.st_nlink,
        found.st_size,
        _instant(found.st_atime_ns),
        _instant(found.st_mtime_ns),
        _instant(found.st_ctime_ns),
    )


def _time(time: NewTime) -> tuple[int, int]:
    match time:
        case NewTimeKeep():
            return 0, linux.UTIME_OMIT
        case NewTimeNow():
            return 0, linux.UTIME_NOW
        case NewTimeAt(Instant(seconds, nanoseconds)):
            if seconds >= 1 << 63 or nanoseconds >= _SECOND:
                raise failure(errno.EINVAL)
            return seconds, nanoseconds


async def _sync(descriptor: Descriptor, data_only: bool) -> Answer:
    # A disk may take its time, and nothing can be awaited but a thread.
    sync = os.fdatasync if data_only else os.fsync
    try:
        await asyncio.get_running_loop().run_in_executor(None, lambda: sync(descriptor.fd))
    except OSError as error:
        return AnswerError(file_error(error))
    return DONE


class HostFile(LocalFile):
    """An open file of this machine."""

    __slots__ = ("_at",)

    def __init__(self, at: Descriptor, access: Access, mutable: bool) -> None:
        """Own a descriptor that was opened for `access`."""
        super().__init__(access, mutable)
        self._at = at

    @stat_answer
    def stat(self) -> Stat:
        """Examine it."""
        return _stat(os.fstat(self._at.fd))

    @answer
    def set_times(self, accessed: NewTime, modified: NewTime) -> None:
        """Set its times."""
        self._check_mutable()
        linux.set_times(self._at.fd, None, _time(accessed), _time(modified))

    async def sync(self, data_only: bool) -> Answer:
        """Bring it to the medium, without holding up others meanwhile."""
        return await _sync(self._at, data_only)

    # Reading and writing are hot: no decorator.

    def read(self, offset: int, length: int) -> ReadAnswer:
        """Return up to 1 MiB."""
        try:
            if not self._access.read:
                raise failure(errno.EBADF)
            return ReadAnswerData(os.pread(self._at.fd, min(length, MOST_BYTES), offset))
        except (OSError, OverflowError) as error:
            return ReadAnswerError(file_error(error))

    def read_into(self, offset: int, buffer: memoryview) -> WriteAnswer:
        """Read into a buffer, without a copy."""
        try:
            if not self._access.read:
                raise failure(errno.EBADF)
            return WriteAnswerCount(os.preadv(self._at.fd, [buffer], offset))
        except (OSError, OverflowError) as error:
            return WriteAnswerError(file_error(error))

    def write(self, offset: int, data: bytes) -> WriteAnswer:
        """Write at a position; `data` is any buffer, and is not kept."""
        try:
            return WriteAnswerCount(os.pwrite(self._at.fd, data, offset))
        except (OSError, OverflowError) as error:
            return WriteAnswerError(file_error(error))

    @count_answer
    def append(self, data: bytes) -> int:
        """Write at the end; `data` is any buffer, and is not kept."""
        return os.pwritev(self._at.fd, [data], 0, os.RWF_APPEND)

    @answer
    def set_size(self, size: int) -> None:
        """Cut or lengthen it."""
        os.ftruncate(self._at.fd, size)

    @answer
    def allocate(self, offset: int, length: int) -> None:
        """Make sure of space."""
        if offset + length >= 1 << 63:
            raise failure(errno.EINVAL if offset >= 1 << 63 or length >= 1 << 63 else errno.EFBIG)
        linux.allocate(self._at.fd, offset, length)

    @answer
    def advise(self, offset: int, length: int, advice: Advice) -> None:
        """Pass a hint on."""
        os.posix_fadvise(self._at.fd, offset, length, _ADVICE[advice])


class HostTree:
    """The file systems of this machine, from one directory down."""

    def __init__(self, most: int, openat2: bool) -> None:
        """Open at most `most` files and directories at once; `openat2`: the kernel resolves paths."""
        self._open = OpenFiles(most)
        self._beneath = self._by_kernel if openat2 else self._by_name

    def root(self, path: str | Path, follow: bool) -> Descriptor:
        """Open the directory that everything is beneath."""
        return Descriptor(os.open(path, _DIRECTORY) if follow else open_settled(path, _DIRECTORY))

    def directory(self, start: Descriptor, path: bytes) -> Descriptor:
        """Return the directory that a path leads to, beneath `start`."""
        return self._beneath(start, path) if path else start

    def _by_kernel(self, start: Descriptor, path: bytes) -> Descriptor:
        for _ in range(_TRIES):
            try:
                return Descriptor(linux.open_beneath(path, _BENEATH, start.fd))
            except OSError as error:
                if error.errno == errno.EXDEV:
                    raise failure(errno.EPERM) from None
                if error.errno != errno.EAGAIN:
                    raise
        return self._by_name(start, path)

    def _by_name(self, start: Descriptor, path: bytes) -> Descriptor:
        return walk(_look, start, path)

    def open(
        self, at: Descriptor, name: bytes | None, flags: OpenFlags, mutable: bool
    ) -> HostFile | Descriptor:
        """Open a file or a directory."""
        if self._open.left < 1:
            raise failure(errno.EMFILE)
        how = _OPEN | _MODES.get((flags.read, flags.write), os.O_RDWR)
        if flags.create:
            how |= os.O_CREAT | (os.O_EXCL if flags.exclusive else 0)
        if flags.truncate:
            how |= os.O_TRUNC
        if flags.directory:
            how |= os.O_DIRECTORY
        try:
            descriptor = Descriptor(os.open(name or b".", how, 0o666, dir_fd=at.fd), self._open)
        except OSError as error:
            if error.errno == errno.ENXIO:  # a socket, or a pipe that nobody reads
                raise failure(errno.EPERM) from None
            raise
        match kind_of(os.fstat(descriptor.fd).st_mode):
            case Kind.DIRECTORY:
                return descriptor
            case Kind.REGULAR_FILE:
                return HostFile(descriptor, Access(flags.read, flags.write), mutable)
            case _:
                raise failure(errno.EPERM)

    def target(self, at: Descriptor, name: bytes | None) -> bytes | None:
        """Return where a link leads."""
        try:
            return None if name is None else os.readlink(name, dir_fd=at.fd)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOENT):
                return None
            raise

    def stat(self, at: Descriptor, name: bytes | None) -> Stat:
        """Examine."""
        if name is None:
            return _stat(os.fstat(at.fd))
        return _stat(os.stat(name, dir_fd=at.fd, follow_symlinks=False))

    def set_times(self, at: Descriptor, name: bytes | None, accessed: NewTime, modified: NewTime) -> None:
        """Set times."""
        self.stat(at, name)  # with nothing to set, the kernel does not even look
        linux.set_times(at.fd, name or b".", _time(accessed), _time(modified))

    async def sync(self, at: Descriptor, data_only: bool) -> Answer:
        """Bring a directory to the medium."""
        return await _sync(at, data_only)

    def entries(self, at: Descriptor, cookie: int, limit: int) -> Sequence[Entry]:
        """Return entries, in the kernel's own order."""
        if at.reader is None:
            at.reader = Reader(at.fd)
        return at.reader.entries(cookie, limit)

    # The kernel follows no last name in the calls below, also not one with a slash, which it judges itself.

    def make_directory(self, at: Descriptor, name: Split) -> None:
        """Make a directory."""
        os.mkdir(name.name, dir_fd=at.fd)

    def remove_directory(self, at: Descriptor, name: Split) -> None:
        """Remove an empty directory."""
        os.rmdir(name.name, dir_fd=at.fd)

    def unlink(self, at: Descriptor, name: Split) -> None:
        """Remove the name of what is no directory."""
        os.unlink(_raw(name), dir_fd=at.fd)

    def rename(self, at: Descriptor, name: Split, to: Descriptor, new: Split) -> None:
        """Rename."""
        os.rename(_raw(name), _raw(new), src_dir_fd=at.fd, dst_dir_fd=to.fd)

    def link(self, at: Descriptor, name: bytes, to: Descriptor, new: Split) -> None:
        """Give what is no directory another name."""
        os.link(name, _raw(new), src_dir_fd=at.fd, dst_dir_fd=to.fd, follow_symlinks=False)

    def symlink(self, target: bytes, at: Descriptor, name: Split) -> None:
        """Make a link."""
        os.symlink(target, _raw(name), dir_fd=at.fd)

    def reaches(self, other: object) -> bool:
        """Return whether `other` is of this machine: the kernel tells what is one file system."""
        return isinstance(other, HostTree)


def _raw(name: Split) -> bytes:
    return name.name + b"/" if name.slash else name.name


def _look(at: Descriptor, name: bytes) -> Descriptor | bytes:
    found = Descriptor(os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at.fd))
    match kind_of(os.fstat(found.fd).st_mode):
        case Kind.DIRECTORY:
            return found
        case Kind.SYMBOLIC_LINK:
            return os.readlink(b"", dir_fd=found.fd)
        case _:
            raise failure(errno.ENOTDIR)


class HostDirectory(LocalDirectory[Descriptor]):
    """A directory of this machine, and all below it; nothing above, whatever a guest does.

    Files and directories are opened; devices, sockets and pipes are not.
    """

    __slots__ = ()

    def __init__(
        self,
        path: str | Path,
        *,
        readonly: bool = False,
        files: int = 256,
        follow: bool = True,
        openat2: bool | None = None,
    ) -> None:
        """Open a directory, of which at most `files` files and directories may be open at once.

        `follow`: whether `path` may lead over links; it may not where somebody has checked where it leads.
        `openat2`: whether the kernel resolves paths; by default where it can.

        Raises:
            OSError: the directory cannot be opened.
        """
        if openat2 is None:
            openat2 = _has_openat2()
        tree = HostTree(files, openat2)
        super().__init__(tree, tree.root(path, follow), mutable=not readonly)


def _has_openat2() -> bool:
    """Return whether the kernel has `openat2`, and a filter of system calls lets it through."""
    root = Descriptor(os.open("/", _BENEATH))
    try:
        Descriptor(linux.open_beneath(b".", _BENEATH, root.fd))
    except OSError:
        return False
    return True
