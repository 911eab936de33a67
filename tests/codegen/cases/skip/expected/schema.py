"""Host bindings for `case:skip@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Kept:
    a: str
    shared: Shared


@dataclass(frozen=True, slots=True)
class Shared:
    a: str


class Level(Enum):
    LOW = "low"
    HIGH = "high"


class Service(Protocol):
    def one(self, a: str) -> MaybeAwaitable[str]: ...


class ServiceClient(wit.Client):
    """`Service`, wherever it lives."""

    async def one(self, a: str) -> str:
        return await self._call(_SERVICE_ONE, a)


# The bridge's tables: WIT names and types.
SERVICE = wit.Interface(ServiceClient, "case:skip/schema@0.1.0", "service", 0x84DC488EB4CEED37)
SHARED = wit.Record((wit.Field("a", wit.STRING, "a"),), Shared, "shared")
KEPT = wit.Record((wit.Field("a", wit.STRING, "a"), wit.Field("shared", SHARED, "shared")), Kept, "kept")
LEVEL = wit.Enum(("low", "high"), Level, "level")
_SERVICE_ONE: wit.Method[str] = SERVICE.method("one", "one", {"a": wit.STRING}, wit.STRING)
BINDINGS = wit.Bindings(
    package="case:skip@0.1.0",
    interface="schema",
    interfaces=(SERVICE,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xC2E93B9BB77D8A73),
)
