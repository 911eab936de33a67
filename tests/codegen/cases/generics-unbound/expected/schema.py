"""Host bindings for `case:generics-unbound@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Uses:
    plain: Box
    any: Box
    half: OuterTextPair
    whole: OuterTextPairData
    outer: OuterUses2
    cell: CellTextClient | None


@dataclass(frozen=True, slots=True)
class Uses2Group:
    box: BoxListBoxText


@dataclass(frozen=True, slots=True)
class Uses2:
    group: Uses2Group


@dataclass(frozen=True, slots=True)
class Box:
    value: wit.AnyValue


@dataclass(frozen=True, slots=True)
class OuterTextPair:
    a: str
    b: wit.AnyValue


@dataclass(frozen=True, slots=True)
class OuterTextPairData:
    a: str
    b: bytes


@dataclass(frozen=True, slots=True)
class OuterUses2Inner:
    a: Uses2
    b: BoxUses2


@dataclass(frozen=True, slots=True)
class OuterUses2InnerCase:
    """`inner` of `OuterUses2`."""

    value: OuterUses2Inner


@dataclass(frozen=True, slots=True)
class OuterUses2None:
    """`none` of `OuterUses2`."""


OuterUses2: TypeAlias = OuterUses2InnerCase | OuterUses2None


@dataclass(frozen=True, slots=True)
class BoxText:
    value: str


@dataclass(frozen=True, slots=True)
class BoxListBoxText:
    value: Sequence[BoxText]


@dataclass(frozen=True, slots=True)
class BoxUses2:
    value: Uses2


class CellText(Protocol):
    def get(self) -> MaybeAwaitable[str]: ...

    def set(self, value: str) -> MaybeAwaitable[None]: ...

    def cast(self, key: str, like: wit.AnyValue) -> MaybeAwaitable[wit.AnyValue]: ...

    def box(self, params: Box) -> MaybeAwaitable[BoxText]: ...


class CellTextClient(wit.Client):
    """`CellText`, wherever it lives."""

    async def get(self) -> str:
        return await self._call(_CELL_TEXT_GET)

    async def set(self, value: str) -> None:
        await self._call(_CELL_TEXT_SET, value)

    async def cast(self, key: str, like: wit.AnyValue) -> wit.AnyValue:
        return await self._call(_CELL_TEXT_CAST, key, like)

    async def box(self, params: Box) -> BoxText:
        return await self._call(_CELL_TEXT_BOX, params)


# The bridge's tables: WIT names and types.
CELL_TEXT = wit.Interface(
    CellTextClient,
    "case:generics-unbound/schema@0.1.0",
    "cell-text",
    0xB4543131199DB2CA,
)
BOX = wit.Record((wit.Field("value", wit.ANY_VALUE, "value"),), Box, "box")
OUTER_TEXT_PAIR = wit.Record(
    (wit.Field("a", wit.STRING, "a"), wit.Field("b", wit.ANY_VALUE, "b")),
    OuterTextPair,
    "outer-text-pair",
)
OUTER_TEXT_PAIR_DATA = wit.Record(
    (wit.Field("a", wit.STRING, "a"), wit.Field("b", wit.BYTES, "b")),
    OuterTextPairData,
    "outer-text-pair-data",
)
BOX_TEXT = wit.Record((wit.Field("value", wit.STRING, "value"),), BoxText, "box-text")
BOX_LIST_BOX_TEXT = wit.Record(
    (wit.Field("value", wit.List(BOX_TEXT), "value"),),
    BoxListBoxText,
    "box-list-box-text",
)
USES2_GROUP = wit.Record((wit.Field("box", BOX_LIST_BOX_TEXT, "box"),), Uses2Group, "uses2-group")
USES2 = wit.Record((wit.Field("group", USES2_GROUP, "group"),), Uses2, "uses2")
BOX_USES2 = wit.Record((wit.Field("value", USES2, "value"),), BoxUses2, "box-uses2")
OUTER_USES2_INNER = wit.Record(
    (wit.Field("a", USES2, "a"), wit.Field("b", BOX_USES2, "b")),
    OuterUses2Inner,
    "outer-uses2-inner",
)
OUTER_USES2 = wit.Variant(
    (wit.Case("inner", OUTER_USES2_INNER, OuterUses2InnerCase), wit.Case("none", None, OuterUses2None)),
    "outer-uses2",
)
USES = wit.Record(
    (
        wit.Field("plain", BOX, "plain"),
        wit.Field("any", BOX, "any"),
        wit.Field("half", OUTER_TEXT_PAIR, "half"),
        wit.Field("whole", OUTER_TEXT_PAIR_DATA, "whole"),
        wit.Field("outer", OUTER_USES2, "outer"),
        wit.Field("cell", wit.Option(CELL_TEXT.own), "cell"),
    ),
    Uses,
    "uses",
)
_CELL_TEXT_GET: wit.Method[str] = CELL_TEXT.method("get", "get", {}, wit.STRING)
_CELL_TEXT_SET: wit.Method[None] = CELL_TEXT.method("set", "set", {"value": wit.STRING}, None)
_CELL_TEXT_CAST: wit.Method[wit.AnyValue] = CELL_TEXT.method(
    "cast",
    "cast",
    {"key": wit.STRING, "like": wit.ANY_VALUE},
    wit.ANY_VALUE,
)
_CELL_TEXT_BOX: wit.Method[BoxText] = CELL_TEXT.method("box", "box", {"params": BOX}, BOX_TEXT)
BINDINGS = wit.Bindings(
    package="case:generics-unbound@0.1.0",
    interface="schema",
    interfaces=(CELL_TEXT,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x96CDC4A55E8926CB),
)
