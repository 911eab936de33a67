"""Host bindings for `case:extends-imported-base@0.1.0`.

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
class ReadableReadResults:
    """What `read` of `readable` returns."""

    part: Part
    more: bool


@dataclass(frozen=True, slots=True)
class Part:
    data: bytes


class Readable(Protocol):
    def read(self, count: int) -> MaybeAwaitable[ReadableReadResults]: ...


class Writable(Protocol):
    def write(self, part: Part) -> MaybeAwaitable[None]: ...


class ReadableClient(wit.Client):
    """`Readable`, wherever it lives."""

    async def read(self, count: int) -> ReadableReadResults:
        return await self._call(_READABLE_READ, count)


class WritableClient(wit.Client):
    """`Writable`, wherever it lives."""

    async def write(self, part: Part) -> None:
        await self._call(_WRITABLE_WRITE, part)


# The bridge's tables: WIT names and types.
READABLE = wit.Interface(
    ReadableClient,
    "case:extends-imported-base/streams@0.1.0",
    "readable",
    0xE0D69DB11C0BBE3B,
)
WRITABLE = wit.Interface(
    WritableClient,
    "case:extends-imported-base/streams@0.1.0",
    "writable",
    0x969CD58A8B6740DB,
)
PART = wit.Record((wit.Field("data", wit.BYTES, "data"),), Part, "part")
READABLE_READ_RESULTS = wit.Record(
    (wit.Field("part", PART, "part"), wit.Field("more", wit.BOOL, "more")),
    ReadableReadResults,
    "readable-read-results",
)
_READABLE_READ: wit.Method[ReadableReadResults] = READABLE.method(
    "read",
    "read",
    {"count": wit.U32},
    READABLE_READ_RESULTS,
)
_WRITABLE_WRITE: wit.Method[None] = WRITABLE.method("write", "write", {"part": PART}, None)
BINDINGS = wit.Bindings(
    package="case:extends-imported-base@0.1.0",
    interface="streams",
    interfaces=(READABLE, WRITABLE),
    schema=wit.SchemaFile(__name__, "streams.bridge.json", 0xA1B0C6A1E4D2F3A7),
)
