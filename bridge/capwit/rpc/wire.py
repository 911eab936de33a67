"""How an exception's kind gets onto the wire: pycapnp sends whatever a server raises as `failed`.

What we raise is an `Answer`, whose text begins with a mark and the kind. The messages of a connection pass
by here on their way out; in one that returns an `Answer`, kind and reason are put where they belong.

Source: https://github.com/capnproto/capnproto/blob/v1.0.2/c++/src/capnp/rpc.capnp
"""

from __future__ import annotations

import re
import struct
from typing import Any, Final

from capwit.bridge.errors import CapError, ErrorKind

MOST_REASON: Final = 4096  # characters

# Cap'n Proto has four kinds. The others go as one of them, and are told by the reason's first word.
_TYPES: Final = {
    ErrorKind.FAILED: 0,
    ErrorKind.OVERLOADED: 1,
    ErrorKind.DISCONNECTED: 2,
    ErrorKind.UNIMPLEMENTED: 3,
    ErrorKind.REVOKED: 0,
    ErrorKind.DENIED: 0,
    ErrorKind.EXHAUSTED: 1,
}
_FURTHER: Final = (ErrorKind.REVOKED, ErrorKind.DENIED, ErrorKind.EXHAUSTED)

# A message in which `return` is an exception, as the C++ library lays it out: Message, Return, Exception,
# the reason's text. In bytes.
_MESSAGE: Final = {0: 0x0001_0001_0000_0000, 40: 0x0002_0001_0000_0000}  # pointers to Message and Exception
_RETURN: Final = (8, 3)  # Message's tag: return
_EXCEPTION: Final = (30, 1)  # Return's tag: exception
_TYPE: Final = 52  # Exception.type
_REASON: Final = 56  # the pointer to Exception.reason
_TEXT: Final = 72
_MARK: Final = b"message = CapwitAnswer: \x02"
# What comes in: each process on the way puts a `remote exception` before it.
_TOLD: Final = re.compile(f"(?:remote exception: )*(?:{_MARK.decode()}([0-3]))?(.*)", re.DOTALL)


class Answer(Exception):  # noqa: N818 - it is how a call is answered
    """A call's failure, for pycapnp to send.

    pycapnp sends a traceback's text: there is none here, because it would tell the peer our paths.
    """

    __traceback__ = property(lambda self: None)

    def __init__(self, error: CapError) -> None:
        """Answer with an error."""
        reason = error.reason[:MOST_REASON].replace("\0", " ")
        told = f"{error.kind.value}: {reason}" if error.kind in _FURTHER else reason
        super().__init__(f"\x02{_TYPES[error.kind]}{told.encode('utf-8', 'replace').decode()}")


Answer.__module__, Answer.__qualname__ = "builtins", "CapwitAnswer"  # how its text begins


def marked(data: bytes) -> bytes:
    """Return a piece of a message, with the kind of our exception in it if it is the return of one."""
    if not data.startswith(_MARK, _TEXT):
        return data
    tags = all(struct.unpack_from("<H", data, at)[0] == tag for at, tag in (_RETURN, _EXCEPTION))
    pointers = all(struct.unpack_from("<Q", data, at)[0] == pointer for at, pointer in _MESSAGE.items())
    if not tags or not pointers:
        return data
    written = bytearray(data)
    low, high = struct.unpack_from("<II", data, _REASON)
    start, end = _TEXT + len(_MARK), _TEXT + (high >> 3) - 2  # a newline and a NUL behind the reason
    type, reason = int(data[start : start + 1]), data[start + 1 : end]
    struct.pack_into("<H", written, _TYPE, type)
    struct.pack_into("<II", written, _REASON, low, (len(reason) + 1) << 3 | high & 7)
    written[_TEXT:] = reason.ljust(len(data) - _TEXT, b"\0")
    return bytes(written)


def as_cap_error(error: Any) -> CapError:
    """Return what pycapnp's exception tells of a call's failure."""
    kind = ErrorKind.__members__.get(str(error.type), ErrorKind.FAILED)
    told = _TOLD.match(str(error.description)[: 2 * MOST_REASON])
    assert told is not None
    number, reason = told.groups()
    if number:  # one of ours, over a connection whose messages did not pass by here
        kind = next(kind for kind, type in _TYPES.items() if type == int(number))
    reason = reason[:MOST_REASON].removesuffix("\n")
    if reason.startswith("expected "):  # a condition of C++, before what it says to a person, and where
        reason = reason.partition("\ncontext: ")[0].rpartition("; ")[2]
    for further in _FURTHER:
        if reason.startswith(f"{further.value}: "):
            return CapError(further, reason.removeprefix(f"{further.value}: "))
    return CapError(kind, reason)
