"""Host bindings for `case:streaming@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class Sink(Protocol):
    def write(self, chunk: bytes) -> MaybeAwaitable[None]:
        """The caller waits while the window is full."""

    def end(self) -> MaybeAwaitable[None]: ...


class SinkClient(wit.Client):
    """`Sink`, wherever it lives."""

    async def write(self, chunk: bytes) -> None:
        """The caller waits while the window is full."""
        await self._call(_SINK_WRITE, chunk)

    async def end(self) -> None:
        await self._call(_SINK_END)


# The bridge's tables: WIT names and types.
SINK = wit.Interface(SinkClient, "case:streaming/schema@0.1.0", "sink", 0xCB60BBA9311CB65A)
_SINK_WRITE: wit.Method[None] = SINK.method("write", "write", {"chunk": wit.BYTES}, None)
_SINK_END: wit.Method[None] = SINK.method("end", "end", {}, None)
BINDINGS = wit.Bindings(
    package="case:streaming@0.1.0",
    interface="schema",
    interfaces=(SINK,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB304ADC33719D6CD),
)
