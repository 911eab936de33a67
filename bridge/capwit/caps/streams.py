"""Host bindings for `capwit:streams@0.1.0`.

Streams of bytes: what is read or written once, in order, by somebody who may have to wait.

Written by `capwit generate` from streams.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """How much text a terminal shows."""

    columns: int
    rows: int


class ByteSource(Protocol):
    """Somewhere that bytes come from."""

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Between one byte and `limit`, as soon as there is one; none exactly if `limit` is 0 or the source is at
        its end, now and from then on.
        """

    def readable(self) -> MaybeAwaitable[None]:
        """Returns once `read` would not wait."""


class ByteSink(Protocol):
    """Somewhere that bytes go to."""

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Takes all of `data`, in order; waits for as long as the other side is slow. `disconnected` where nobody
        reads them any more.
        """

    def writable(self) -> MaybeAwaitable[int]:
        """Returns once a `write` of up to `budget` bytes would not wait; at least 1."""

    def flush(self) -> MaybeAwaitable[None]:
        """Returns once what was written has gone on to wherever it goes."""

    def end(self) -> MaybeAwaitable[None]:
        """Nothing more will be written. A second time it does nothing; a `write` after it is `failed`."""


class TerminalSession(ByteSource, ByteSink, Protocol):
    """A person's terminal, or what stands in its place: what they type, and what they see."""

    def is_terminal(self) -> MaybeAwaitable[bool]:
        """Whether there is a terminal: if not, both ends are only streams."""

    def size(self) -> MaybeAwaitable[TerminalSize]:
        """The size of the terminal; 0 and 0 where there is none."""


class ByteSourceClient(wit.Client):
    """`ByteSource`, wherever it lives."""

    async def read(self, limit: int) -> bytes:
        """Between one byte and `limit`, as soon as there is one; none exactly if `limit` is 0 or the source is at
        its end, now and from then on.
        """
        return await self._call(_BYTE_SOURCE_READ, limit)

    async def readable(self) -> None:
        """Returns once `read` would not wait."""
        await self._call(_BYTE_SOURCE_READABLE)


class ByteSinkClient(wit.Client):
    """`ByteSink`, wherever it lives."""

    async def write(self, data: bytes) -> None:
        """Takes all of `data`, in order; waits for as long as the other side is slow. `disconnected` where nobody
        reads them any more.
        """
        await self._call(_BYTE_SINK_WRITE, data)

    async def writable(self) -> int:
        """Returns once a `write` of up to `budget` bytes would not wait; at least 1."""
        return await self._call(_BYTE_SINK_WRITABLE)

    async def flush(self) -> None:
        """Returns once what was written has gone on to wherever it goes."""
        await self._call(_BYTE_SINK_FLUSH)

    async def end(self) -> None:
        """Nothing more will be written. A second time it does nothing; a `write` after it is `failed`."""
        await self._call(_BYTE_SINK_END)


class TerminalSessionClient(ByteSourceClient, ByteSinkClient):
    """`TerminalSession`, wherever it lives."""

    async def is_terminal(self) -> bool:
        """Whether there is a terminal: if not, both ends are only streams."""
        return await self._call(_TERMINAL_SESSION_IS_TERMINAL)

    async def size(self) -> TerminalSize:
        """The size of the terminal; 0 and 0 where there is none."""
        return await self._call(_TERMINAL_SESSION_SIZE)

    def as_byte_source(self) -> ByteSourceClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(ByteSourceClient)

    def as_byte_sink(self) -> ByteSinkClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(ByteSinkClient)


# The bridge's tables: WIT names and types.
BYTE_SOURCE = wit.Interface(
    ByteSourceClient,
    "capwit:streams/streams@0.1.0",
    "byte-source",
    0xE13DDE60BBD12394,
)
BYTE_SINK = wit.Interface(ByteSinkClient, "capwit:streams/streams@0.1.0", "byte-sink", 0xFAF7D9189CC34125)
TERMINAL_SESSION = wit.Interface(
    TerminalSessionClient,
    "capwit:streams/streams@0.1.0",
    "terminal-session",
    0xD05288A5CE03E40F,
    extends=(BYTE_SOURCE, BYTE_SINK),
)
TERMINAL_SIZE = wit.Record(
    (wit.Field("columns", wit.U16, "columns"), wit.Field("rows", wit.U16, "rows")),
    TerminalSize,
    "terminal-size",
)
_BYTE_SOURCE_READ: wit.Method[bytes] = BYTE_SOURCE.method("read", "read", {"limit": wit.U32}, wit.BYTES)
_BYTE_SOURCE_READABLE: wit.Method[None] = BYTE_SOURCE.method("readable", "readable", {}, None)
_BYTE_SINK_WRITE: wit.Method[None] = BYTE_SINK.method("write", "write", {"data": wit.BYTES}, None)
_BYTE_SINK_WRITABLE: wit.Method[int] = BYTE_SINK.method("writable", "writable", {}, wit.U64)
_BYTE_SINK_FLUSH: wit.Method[None] = BYTE_SINK.method("flush", "flush", {}, None)
_BYTE_SINK_END: wit.Method[None] = BYTE_SINK.method("end", "end", {}, None)
_TERMINAL_SESSION_IS_TERMINAL: wit.Method[bool] = TERMINAL_SESSION.method(
    "is-terminal",
    "is_terminal",
    {},
    wit.BOOL,
)
_TERMINAL_SESSION_SIZE: wit.Method[TerminalSize] = TERMINAL_SESSION.method("size", "size", {}, TERMINAL_SIZE)
BINDINGS = wit.Bindings(
    package="capwit:streams@0.1.0",
    interface="streams",
    interfaces=(BYTE_SOURCE, BYTE_SINK, TERMINAL_SESSION),
    schema=wit.SchemaFile(__name__, "streams.bridge.json", 0xA8E13B5D70C2F946),
)
