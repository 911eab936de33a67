"""Host bindings for `case:extends-imported@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from typing import Protocol

import streams
from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class File(streams.Writable, streams.Readable, Protocol):
    def size(self) -> MaybeAwaitable[int]: ...


class FileClient(streams.WritableClient, streams.ReadableClient):
    """`File`, wherever it lives."""

    async def size(self) -> int:
        return await self._call(_FILE_SIZE)

    def as_readable(self) -> streams.ReadableClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(streams.ReadableClient)

    def as_writable(self) -> streams.WritableClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(streams.WritableClient)


# The bridge's tables: WIT names and types.
FILE = wit.Interface(
    FileClient,
    "case:extends-imported/schema@0.1.0",
    "file",
    0xB4AAC2D108A6887C,
    extends=(streams.WRITABLE, streams.READABLE),
)
_FILE_SIZE: wit.Method[int] = FILE.method("size", "size", {}, wit.U64)
BINDINGS = wit.Bindings(
    package="case:extends-imported@0.1.0",
    interface="schema",
    interfaces=(FILE,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xEAE04A9033598489),
)
