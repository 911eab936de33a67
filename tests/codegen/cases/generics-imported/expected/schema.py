"""Host bindings for `case:generics-imported@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

import boxes
from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Uses:
    text: boxes.BoxText
    data: BoxData
    mine: BoxOwn


@dataclass(frozen=True, slots=True)
class Own:
    a: BoxBool8


@dataclass(frozen=True, slots=True)
class Bool8:
    value: bool


@dataclass(frozen=True, slots=True)
class BoxData:
    value: bytes


@dataclass(frozen=True, slots=True)
class BoxOwn:
    value: Own


@dataclass(frozen=True, slots=True)
class BoxBool8:
    value: Bool8


# The bridge's tables: WIT names and types.
BOX_DATA = wit.Record((wit.Field("value", wit.BYTES, "value"),), BoxData, "box-data")
BOOL8 = wit.Record((wit.Field("value", wit.BOOL, "value"),), Bool8, "bool8")
BOX_BOOL8 = wit.Record((wit.Field("value", BOOL8, "value"),), BoxBool8, "box-bool8")
OWN = wit.Record((wit.Field("a", BOX_BOOL8, "a"),), Own, "own")
BOX_OWN = wit.Record((wit.Field("value", OWN, "value"),), BoxOwn, "box-own")
USES = wit.Record(
    (
        wit.Field("text", boxes.BOX_TEXT, "text"),
        wit.Field("data", BOX_DATA, "data"),
        wit.Field("mine", BOX_OWN, "mine"),
    ),
    Uses,
    "uses",
)
BINDINGS = wit.Bindings(
    package="case:generics-imported@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x91BA8A8645107746),
)
