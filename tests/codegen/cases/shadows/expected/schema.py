"""Host bindings for `case:shadows@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

import builtins as builtins_
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable
from capwit.caps import standard as standard_

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Sequence_:
    int: builtins_.int
    str: builtins_.str
    bytes: builtins_.bytes
    bool: builtins_.bool
    float: builtins_.float
    others: Sequence[builtins_.int]


class Enum_(Enum):
    ENUM = "enum"
    NAME = "name"
    VALUE = "value"
    MRO = "mro"


@dataclass(frozen=True, slots=True)
class TypeAliasFinal:
    """`final` of `TypeAlias_`."""


@dataclass(frozen=True, slots=True)
class TypeAliasDataclass:
    """`dataclass` of `TypeAlias_`."""

    value: str


TypeAlias_: TypeAlias = TypeAliasFinal | TypeAliasDataclass


@dataclass(frozen=True, slots=True)
class Bindings:
    bindings: bool


@dataclass(frozen=True, slots=True)
class Client:
    client: Wit2


@dataclass(frozen=True, slots=True)
class Wit2:
    wit_: str


@dataclass(frozen=True, slots=True)
class WitField:
    wit_: str
    value: wit.AnyValue


class Protocol_(Protocol):
    def list(self, prefix: builtins_.str) -> MaybeAwaitable[Sequence[builtins_.str]]: ...

    def str(self) -> MaybeAwaitable[builtins_.str]: ...

    def int(self, int: builtins_.int, str: builtins_.str) -> MaybeAwaitable[builtins_.int]: ...

    def wit_(self) -> MaybeAwaitable[Protocol_]: ...

    def standard(self, console: standard_.ConsoleClient) -> MaybeAwaitable[standard_.Instant]: ...

    def builtins(self) -> MaybeAwaitable[Sequence_]: ...

    def self(self, self1: Enum_) -> MaybeAwaitable[None]: ...

    def type(self) -> MaybeAwaitable[TypeAlias_]: ...

    def itself(self) -> MaybeAwaitable[MaybeAwaitable_]: ...


class MaybeAwaitable_(Protocol):
    def close_(self) -> MaybeAwaitable[bool]: ...

    def keep_(self) -> MaybeAwaitable[MaybeAwaitable_]: ...

    def target_(self) -> MaybeAwaitable[None]: ...

    def owned_(self) -> MaybeAwaitable[None]: ...


class Final_(Protocol):
    def final1(self) -> MaybeAwaitable[None]: ...


class A(Protocol):
    def b_c(self) -> MaybeAwaitable[None]: ...


class Ab(Protocol):
    def c(self) -> MaybeAwaitable[None]: ...


class WitMethod(Protocol):
    def wit_(self, wit_: wit.AnyValue) -> MaybeAwaitable[wit.AnyValue]: ...

    def other(self, value: wit.AnyValue) -> MaybeAwaitable[None]: ...


class ProtocolClient(wit.Client):
    """`Protocol_`, wherever it lives."""

    async def list(self, prefix: builtins_.str) -> Sequence[builtins_.str]:
        return await self._call(_PROTOCOL_LIST, prefix)

    async def str(self) -> builtins_.str:
        return await self._call(_PROTOCOL_STR)

    async def int(self, int: builtins_.int, str: builtins_.str) -> builtins_.int:
        return await self._call(_PROTOCOL_INT, int, str)

    async def wit_(self) -> ProtocolClient:
        return await self._call(_PROTOCOL_WIT)

    async def standard(self, console: standard_.Console) -> standard_.Instant:
        return await self._call(_PROTOCOL_STANDARD, console)

    async def builtins(self) -> Sequence_:
        return await self._call(_PROTOCOL_BUILTINS)

    async def self(self, self1: Enum_) -> None:
        await self._call(_PROTOCOL_SELF, self1)

    async def type(self) -> TypeAlias_:
        return await self._call(_PROTOCOL_TYPE)

    async def itself(self) -> MaybeAwaitableClient:
        return await self._call(_PROTOCOL_ITSELF)


class MaybeAwaitableClient(wit.Client):
    """`MaybeAwaitable_`, wherever it lives."""

    async def close_(self) -> bool:
        return await self._call(_MAYBE_AWAITABLE_CLOSE)

    async def keep_(self) -> MaybeAwaitableClient:
        return await self._call(_MAYBE_AWAITABLE_KEEP)

    async def target_(self) -> None:
        await self._call(_MAYBE_AWAITABLE_TARGET)

    async def owned_(self) -> None:
        await self._call(_MAYBE_AWAITABLE_OWNED)


class FinalClient(wit.Client):
    """`Final_`, wherever it lives."""

    async def final1(self) -> None:
        await self._call(_FINAL_FINAL1)


class AClient(wit.Client):
    """`A`, wherever it lives."""

    async def b_c(self) -> None:
        await self._call(_A__B_C)


class AbClient(wit.Client):
    """`Ab`, wherever it lives."""

    async def c(self) -> None:
        await self._call(_AB_C)


class WitMethodClient(wit.Client):
    """`WitMethod`, wherever it lives."""

    async def wit_(self, wit_: wit.AnyValue) -> wit.AnyValue:
        return await self._call(_WIT_METHOD_WIT, wit_)

    async def other(self, value: wit.AnyValue) -> None:
        await self._call(_WIT_METHOD_OTHER, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    str: builtins_.str
    grants_interface_: Protocol_
    standard: standard_.Timer


# The bridge's tables: WIT names and types.
PROTOCOL = wit.Interface(ProtocolClient, "case:shadows/schema@0.1.0", "protocol", 0x9E8EA4FEA6766033)
MAYBE_AWAITABLE = wit.Interface(
    MaybeAwaitableClient,
    "case:shadows/schema@0.1.0",
    "maybe-awaitable",
    0xA66A96CAAA7FFDB0,
)
FINAL = wit.Interface(FinalClient, "case:shadows/schema@0.1.0", "final", 0xE3B3595D8E89B8D8)
A_ = wit.Interface(AClient, "case:shadows/schema@0.1.0", "a", 0xF1A97FCE40D48D64)
AB = wit.Interface(AbClient, "case:shadows/schema@0.1.0", "ab", 0xCD97F50D4ABB65C7)
WIT_METHOD = wit.Interface(WitMethodClient, "case:shadows/schema@0.1.0", "wit-method", 0x89CB40B0D71B290D)
SEQUENCE = wit.Record(
    (
        wit.Field("int", wit.S32, "int"),
        wit.Field("str", wit.STRING, "str"),
        wit.Field("bytes", wit.BYTES, "bytes"),
        wit.Field("bool", wit.BOOL, "bool"),
        wit.Field("float", wit.F32, "float"),
        wit.Field("others", wit.List(wit.U16), "others"),
    ),
    Sequence_,
    "sequence",
)
ENUM = wit.Enum(("enum", "name", "value", "mro"), Enum_, "enum")
TYPE_ALIAS = wit.Variant(
    (wit.Case("final", None, TypeAliasFinal), wit.Case("dataclass", wit.STRING, TypeAliasDataclass)),
    "type-alias",
)
BINDINGS_ = wit.Record((wit.Field("bindings", wit.BOOL, "bindings"),), Bindings, "bindings")
WIT2 = wit.Record((wit.Field("wit", wit.STRING, "wit_"),), Wit2, "wit2")
CLIENT = wit.Record((wit.Field("client", WIT2, "client"),), Client, "client")
WIT_FIELD = wit.Record(
    (wit.Field("wit", wit.STRING, "wit_"), wit.Field("value", wit.ANY_VALUE, "value")),
    WitField,
    "wit-field",
)
_PROTOCOL_LIST: wit.Method[Sequence[str]] = PROTOCOL.method(
    "list",
    "list",
    {"prefix": wit.STRING},
    wit.List(wit.STRING),
)
_PROTOCOL_STR: wit.Method[str] = PROTOCOL.method("str", "str", {}, wit.STRING)
_PROTOCOL_INT: wit.Method[int] = PROTOCOL.method("int", "int", {"int": wit.S64, "str": wit.STRING}, wit.S64)
_PROTOCOL_WIT: wit.Method[ProtocolClient] = PROTOCOL.method("wit", "wit_", {}, PROTOCOL.own)
_PROTOCOL_STANDARD: wit.Method[standard_.Instant] = PROTOCOL.method(
    "standard",
    "standard",
    {"console": standard_.CONSOLE.borrow},
    standard_.INSTANT,
)
_PROTOCOL_BUILTINS: wit.Method[Sequence_] = PROTOCOL.method("builtins", "builtins", {}, SEQUENCE)
_PROTOCOL_SELF: wit.Method[None] = PROTOCOL.method("self", "self", {"self1": ENUM}, None)
_PROTOCOL_TYPE: wit.Method[TypeAlias_] = PROTOCOL.method("type", "type", {}, TYPE_ALIAS)
_PROTOCOL_ITSELF: wit.Method[MaybeAwaitableClient] = PROTOCOL.method(
    "itself",
    "itself",
    {},
    MAYBE_AWAITABLE.own,
)
_MAYBE_AWAITABLE_CLOSE: wit.Method[bool] = MAYBE_AWAITABLE.method("close", "close_", {}, wit.BOOL)
_MAYBE_AWAITABLE_KEEP: wit.Method[MaybeAwaitableClient] = MAYBE_AWAITABLE.method(
    "keep",
    "keep_",
    {},
    MAYBE_AWAITABLE.own,
)
_MAYBE_AWAITABLE_TARGET: wit.Method[None] = MAYBE_AWAITABLE.method("target", "target_", {}, None)
_MAYBE_AWAITABLE_OWNED: wit.Method[None] = MAYBE_AWAITABLE.method("owned", "owned_", {}, None)
_FINAL_FINAL1: wit.Method[None] = FINAL.method("final1", "final1", {}, None)
_A__B_C: wit.Method[None] = A_.method("b-c", "b_c", {}, None)
_AB_C: wit.Method[None] = AB.method("c", "c", {}, None)
_WIT_METHOD_WIT: wit.Method[wit.AnyValue] = WIT_METHOD.method(
    "wit",
    "wit_",
    {"wit": wit.ANY_VALUE},
    wit.ANY_VALUE,
)
_WIT_METHOD_OTHER: wit.Method[None] = WIT_METHOD.method("other", "other", {"value": wit.ANY_VALUE}, None)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:shadows/shadows-world-grants@0.1.0",
    (
        wit.Grant("str", "get-str", wit.STRING),
        wit.Grant("grants_interface_", "get-grants-interface", PROTOCOL.own),
        wit.Grant("standard", "get-standard", standard_.TIMER.own),
    ),
)
BINDINGS = wit.Bindings(
    package="case:shadows@0.1.0",
    interface="schema",
    interfaces=(PROTOCOL, MAYBE_AWAITABLE, FINAL, A_, AB, WIT_METHOD),
    grants=(GRANTS,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xFAFA1F76DA27F4C8),
)
