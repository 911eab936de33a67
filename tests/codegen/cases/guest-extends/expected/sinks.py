"""Host bindings for `case:guest-extends-base@0.1.0`.

Written by `capwit generate` from sinks.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Chunk:
    bytes: builtins.bytes


class Sink(Protocol):
    def write(self, chunk: Chunk) -> MaybeAwaitable[None]: ...


class SinkClient(wit.Client):
    """`Sink`, wherever it lives."""

    async def write(self, chunk: Chunk) -> None:
        await self._call(_SINK_WRITE, chunk)


# The bridge's tables: WIT names and types.
SINK = wit.Interface(SinkClient, "case:guest-extends-base/sinks@0.1.0", "sink", 0x83C08E0A9EB5BF96)
CHUNK = wit.Record((wit.Field("bytes", wit.BYTES, "bytes"),), Chunk, "chunk")
_SINK_WRITE: wit.Method[None] = SINK.method("write", "write", {"chunk": CHUNK}, None)
BINDINGS = wit.Bindings(
    package="case:guest-extends-base@0.1.0",
    interface="sinks",
    interfaces=(SINK,),
    schema=wit.SchemaFile(__name__, "sinks.bridge.json", 0xC0A35D1F4BE98274),
)
