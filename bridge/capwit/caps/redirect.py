"""Standard streams that are files of this machine, as a shell's `<` and `>` have it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.target import never_waits

from .descriptors import open_settled
from .terminal import DescriptorSource

if TYPE_CHECKING:
    from pathlib import Path

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
        self._fd = _open(path, _WRITE, follow=follow)

    def __del__(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)

    @never_waits
    def write(self, data: bytes) -> None:
        """Write all of `data`.

        Raises:
            CapError: `disconnected` where nobody reads the pipe that it is, `exhausted` where it is full.
        """
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except BrokenPipeError:
            raise CapError(ErrorKind.DISCONNECTED, "nobody reads the output any more") from None
        except OSError as error:
            kind = ErrorKind.EXHAUSTED if error.errno in _FULL else ErrorKind.FAILED
            raise CapError(kind, f"the output cannot be written: {error.strerror}") from None
