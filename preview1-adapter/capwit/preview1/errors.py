"""How a call fails: with its errno."""

from __future__ import annotations

from typing import Final

from capwit.bridge.errors import CapError, ErrorKind
from capwit.caps.using import FileRefused, NetworkRefused
from capwit.engine.memory import OutOfBounds

from .abi import FILE_ERRORS, NETWORK_ERRORS, Errno


class Refused(Exception):  # noqa: N818 - it is an answer
    """A call answers with an errno."""

    def __init__(self, errno: Errno) -> None:
        """Refuse with an errno."""
        super().__init__(errno.name)
        self.errno = errno


# What a capability says that is no file system. One that is revoked or narrowed is not there.
_KINDS: Final = {
    ErrorKind.FAILED: Errno.IO,
    ErrorKind.OVERLOADED: Errno.AGAIN,
    ErrorKind.DISCONNECTED: Errno.PIPE,
    ErrorKind.UNIMPLEMENTED: Errno.NOTSUP,
    ErrorKind.REVOKED: Errno.NOTCAPABLE,
    ErrorKind.DENIED: Errno.NOTCAPABLE,
    ErrorKind.EXHAUSTED: Errno.NOSPC,
}


def errno_of(error: Exception) -> Errno:
    """Return what a call answers for an exception.

    Raises:
        Exception: it is no answer, but an error of the host's: the instance ends.
    """
    match error:
        case Refused():
            return error.errno
        case OutOfBounds():
            return Errno.FAULT
        case FileRefused():
            return FILE_ERRORS[error.error]
        case NetworkRefused():
            return NETWORK_ERRORS[error.error]
        case CapError():
            return _KINDS[error.kind]
        case _:
            raise error
