"""Host bindings for `case:any@0.1.0`.

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
class Holder:
    value: wit.AnyValue
    struct: wit.AnyValue
    list: wit.AnyValue
    values: Sequence[wit.AnyClient]
    cap: wit.AnyClient | None
    sure: wit.AnyClient


class Registry(Protocol):
    def put(self, name: str, cap: wit.AnyClient) -> MaybeAwaitable[None]: ...

    def give(self, cap: wit.AnyClient) -> MaybeAwaitable[None]: ...

    def find(self, name: str) -> MaybeAwaitable[wit.AnyClient]: ...

    def value(self, value: wit.AnyValue) -> MaybeAwaitable[wit.AnyValue]: ...


class Turner(Protocol):
    def turn(self, lists: Sequence[wit.AnyValue]) -> MaybeAwaitable[Sequence[wit.AnyValue]]: ...


class RegistryClient(wit.Client):
    """`Registry`, wherever it lives."""

    async def put(self, name: str, cap: wit.AnyClient) -> None:
        await self._call(_REGISTRY_PUT, name, cap)

    async def give(self, cap: wit.AnyClient) -> None:
        await self._call(_REGISTRY_GIVE, cap)

    async def find(self, name: str) -> wit.AnyClient:
        return await self._call(_REGISTRY_FIND, name)

    async def value(self, value: wit.AnyValue) -> wit.AnyValue:
        return await self._call(_REGISTRY_VALUE, value)


class TurnerClient(wit.Client):
    """`Turner`, wherever it lives."""

    async def turn(self, lists: Sequence[wit.AnyValue]) -> Sequence[wit.AnyValue]:
        return await self._call(_TURNER_TURN, lists)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    registry: Registry
    spare: wit.AnyClient | None = None


# The bridge's tables: WIT names and types.
REGISTRY = wit.Interface(RegistryClient, "case:any/schema@0.1.0", "registry", 0xD69FE7D7099F2D4D)
TURNER = wit.Interface(TurnerClient, "case:any/schema@0.1.0", "turner", 0xAC9103AD2F4CF046)
HOLDER = wit.Record(
    (
        wit.Field("value", wit.ANY_VALUE, "value"),
        wit.Field("struct", wit.ANY_VALUE, "struct"),
        wit.Field("list", wit.ANY_VALUE, "list"),
        wit.Field("values", wit.List(wit.ANY_CAP.own), "values"),
        wit.Field("cap", wit.Option(wit.ANY_CAP.own), "cap"),
        wit.Field("sure", wit.ANY_CAP.own, "sure"),
    ),
    Holder,
    "holder",
)
_REGISTRY_PUT: wit.Method[None] = REGISTRY.method(
    "put",
    "put",
    {"name": wit.STRING, "cap": wit.ANY_CAP.borrow},
    None,
)
_REGISTRY_GIVE: wit.Method[None] = REGISTRY.method("give", "give", {"cap": wit.ANY_CAP.own}, None)
_REGISTRY_FIND: wit.Method[wit.AnyClient] = REGISTRY.method(
    "find",
    "find",
    {"name": wit.STRING},
    wit.ANY_CAP.own,
)
_REGISTRY_VALUE: wit.Method[wit.AnyValue] = REGISTRY.method(
    "value",
    "value",
    {"value": wit.ANY_VALUE},
    wit.ANY_VALUE,
)
_TURNER_TURN: wit.Method[Sequence[wit.AnyValue]] = TURNER.method(
    "turn",
    "turn",
    {"lists": wit.List(wit.ANY_VALUE)},
    wit.List(wit.ANY_VALUE),
)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:any/app-grants@0.1.0",
    (
        wit.Grant("registry", "get-registry", REGISTRY.own),
        wit.Grant("spare", "get-spare", wit.Option(wit.ANY_CAP.own)),
    ),
)
BINDINGS = wit.Bindings(
    package="case:any@0.1.0",
    interface="schema",
    interfaces=(REGISTRY, TURNER),
    grants=(GRANTS,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xD6A7CD2A7371B1A1),
)
