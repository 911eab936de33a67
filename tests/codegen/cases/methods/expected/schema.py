"""Host bindings for `case:methods@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class ServiceSeveralResults:
    """What `several` of `service` returns."""

    total: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    limit: int


@dataclass(frozen=True, slots=True)
class Answer:
    lines: Sequence[str]


class Service(Protocol):
    """A service."""

    def nothing(self) -> MaybeAwaitable[None]:
        """Takes and gives nothing."""

    def one(self, a: str) -> MaybeAwaitable[bytes]: ...

    def several(self, a: str, b: int, c: Sequence[str]) -> MaybeAwaitable[ServiceSeveralResults]:
        """Gives several results."""

    def whole(self, params: Query) -> MaybeAwaitable[Answer]: ...

    def mixed(self, params: Query) -> MaybeAwaitable[bool]: ...

    def back(self, ok: bool) -> MaybeAwaitable[Answer]: ...


class ServiceClient(wit.Client):
    """`Service`, wherever it lives."""

    async def nothing(self) -> None:
        """Takes and gives nothing."""
        await self._call(_SERVICE_NOTHING)

    async def one(self, a: str) -> bytes:
        return await self._call(_SERVICE_ONE, a)

    async def several(self, a: str, b: int, c: Sequence[str]) -> ServiceSeveralResults:
        """Gives several results."""
        return await self._call(_SERVICE_SEVERAL, a, b, c)

    async def whole(self, params: Query) -> Answer:
        return await self._call(_SERVICE_WHOLE, params)

    async def mixed(self, params: Query) -> bool:
        return await self._call(_SERVICE_MIXED, params)

    async def back(self, ok: bool) -> Answer:
        return await self._call(_SERVICE_BACK, ok)


# The bridge's tables: WIT names and types.
SERVICE = wit.Interface(ServiceClient, "case:methods/schema@0.1.0", "service", 0xD2FC44106C57FE48)
SERVICE_SEVERAL_RESULTS = wit.Record(
    (wit.Field("total", wit.U64, "total"), wit.Field("names", wit.List(wit.STRING), "names")),
    ServiceSeveralResults,
    "service-several-results",
)
QUERY = wit.Record(
    (wit.Field("text", wit.STRING, "text"), wit.Field("limit", wit.U32, "limit")),
    Query,
    "query",
)
ANSWER = wit.Record((wit.Field("lines", wit.List(wit.STRING), "lines"),), Answer, "answer")
_SERVICE_NOTHING: wit.Method[None] = SERVICE.method("nothing", "nothing", {}, None)
_SERVICE_ONE: wit.Method[bytes] = SERVICE.method("one", "one", {"a": wit.STRING}, wit.BYTES)
_SERVICE_SEVERAL: wit.Method[ServiceSeveralResults] = SERVICE.method(
    "several",
    "several",
    {"a": wit.STRING, "b": wit.U64, "c": wit.List(wit.STRING)},
    SERVICE_SEVERAL_RESULTS,
)
_SERVICE_WHOLE: wit.Method[Answer] = SERVICE.method("whole", "whole", {"params": QUERY}, ANSWER)
_SERVICE_MIXED: wit.Method[bool] = SERVICE.method("mixed", "mixed", {"params": QUERY}, wit.BOOL)
_SERVICE_BACK: wit.Method[Answer] = SERVICE.method("back", "back", {"ok": wit.BOOL}, ANSWER)
BINDINGS = wit.Bindings(
    package="case:methods@0.1.0",
    interface="schema",
    interfaces=(SERVICE,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xBF3867313A9DBFD5),
)
