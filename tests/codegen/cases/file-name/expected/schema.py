"""Host bindings for `case:file-name@0.1.0`.

A file whose interface is named.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Thing:
    a: str


class Schema(Protocol):
    def get(self) -> MaybeAwaitable[Thing]: ...


class SchemaClient(wit.Client):
    """`Schema`, wherever it lives."""

    async def get(self) -> Thing:
        return await self._call(_SCHEMA_GET)


# The bridge's tables: WIT names and types.
SCHEMA = wit.Interface(SchemaClient, "case:file-name/api@0.1.0", "schema", 0xF5346657F2DF04AC)
THING = wit.Record((wit.Field("a", wit.STRING, "a"),), Thing, "thing")
_SCHEMA_GET: wit.Method[Thing] = SCHEMA.method("get", "get", {}, THING)
BINDINGS = wit.Bindings(
    package="case:file-name@0.1.0",
    interface="api",
    interfaces=(SCHEMA,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x913FEE6D3650A6F9),
)
