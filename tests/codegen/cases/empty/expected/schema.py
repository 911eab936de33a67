"""Host bindings for `case:empty@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class HollowMore:
    again: Hollow2


@dataclass(frozen=True, slots=True)
class Hollow:
    more: HollowMore


@dataclass(frozen=True, slots=True)
class Hollow2:
    inner: int


@dataclass(frozen=True, slots=True)
class ChoiceNothing:
    """`nothing` of `Choice`."""


@dataclass(frozen=True, slots=True)
class ChoiceSomething:
    """`something` of `Choice`."""

    value: str


Choice: TypeAlias = ChoiceNothing | ChoiceSomething


class Service(Protocol):
    def ping(self) -> MaybeAwaitable[None]: ...

    def pong(self) -> MaybeAwaitable[None]: ...

    def count(self, many: int) -> MaybeAwaitable[int]: ...


class Marker(Protocol): ...


class ServiceClient(wit.Client):
    """`Service`, wherever it lives."""

    async def ping(self) -> None:
        await self._call(_SERVICE_PING)

    async def pong(self) -> None:
        await self._call(_SERVICE_PONG)

    async def count(self, many: int) -> int:
        return await self._call(_SERVICE_COUNT, many)


class MarkerClient(wit.Client):
    """`Marker`, wherever it lives."""


# The bridge's tables: WIT names and types.
SERVICE = wit.Interface(ServiceClient, "case:empty/schema@0.1.0", "service", 0xCBD1B1226704B038)
MARKER = wit.Interface(MarkerClient, "case:empty/schema@0.1.0", "marker", 0xB8F1AEFF72D89E95)
HOLLOW2 = wit.Record((wit.Field("inner", wit.U32, "inner"),), Hollow2, "hollow2")
HOLLOW_MORE = wit.Record((wit.Field("again", HOLLOW2, "again"),), HollowMore, "hollow-more")
HOLLOW = wit.Record((wit.Field("more", HOLLOW_MORE, "more"),), Hollow, "hollow")
CHOICE = wit.Variant(
    (wit.Case("nothing", None, ChoiceNothing), wit.Case("something", wit.STRING, ChoiceSomething)),
    "choice",
)
_SERVICE_PING: wit.Method[None] = SERVICE.method("ping", "ping", {}, None)
_SERVICE_PONG: wit.Method[None] = SERVICE.method("pong", "pong", {}, None)
_SERVICE_COUNT: wit.Method[int] = SERVICE.method("count", "count", {"many": wit.U32}, wit.U32)
BINDINGS = wit.Bindings(
    package="case:empty@0.1.0",
    interface="schema",
    interfaces=(SERVICE, MARKER),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xAE1CFA82B035C26C),
)
