"""Standard streams that are files of this machine, as a shell's `<` and `>` have it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.target import never_waits

from .descriptors import open_settled
from .terminal import DescriptorSink, DescriptorSource, may_wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from capwit.bridge.binding import MaybeAwaitable

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ALWAYS: Final = os.O_CLOEXEC | os.O_NOCTTY
# What writes to the same file twice, as output and as errors, does not overwrite itself.
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _open(path: Path, flags: int, *, follow: bool) -> int:
    """Open a file at once: a pipe that nobody is at the other end of is not waited for."""
    flags |= _ALWAYS | os.O_NONBLOCK
    fd = os.open(path, flags, 0o666) if follow else open_settled(path, flags)
    os.set_blocking(fd, True)
    return fd


class FileInput(DescriptorSource):
    """A `ByteSource` of a file."""

    def __init__(self, path: Path, *, follow: bool = True) -> None:
        """Open the file. `follow`: whether `path` may lead over links.

        Raises:
            OSError: it cannot be opened.
        """
        self._fd = -1
        self._fd = _open(path, os.O_RDONLY, follow=follow)
        super().__init__(self._fd)

    def __del__(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)


class FileConsole:
    """A `Console` whose output is a file: what was in it is gone."""

    def __init__(self, path: Path, *, follow: bool = True) -> None:
        """Make the file, or empty it. `follow`: whether `path` may lead over links.

        Raises:
            OSError: it cannot be opened.
        """
        self._fd = -1
        fd = _open(path, _WRITE, follow=follow)
        self._sink: DescriptorSink | None = None
        if may_wait(fd):
            os.set_blocking(fd, False)  # nobody else has it
            self._sink = DescriptorSink(fd, owned=True)
        else:
            self._fd = fd

    def __del__(self) -> None:
        """Close the file; a pipe is closed when what waits for it is through."""
        if self._fd >= 0:
            os.close(self._fd)

    @property
    def write(self) -> Callable[[bytes], MaybeAwaitable[None]]:
        """What writes all of its argument: at once to a file, and to a pipe as it is read.

        Calling it raises `CapError`: `disconnected` where nobody reads the pipe any more, `exhausted` where
        the disk is full.
        """
        return self._write if self._sink is None else self._sink.write

    @never_waits
    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as error:
            kind = ErrorKind.EXHAUSTED if error.errno in _FULL else ErrorKind.FAILED
            raise CapError(kind, f"the output cannot be written: {error.strerror}") from None
