"""Host bindings for `case:generics-alone@0.1.0`.

The file that it imports holds nothing but generics, and so gives no module.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Uses:
    text: BoxText
    mine: BoxOwn


@dataclass(frozen=True, slots=True)
class Own:
    a: BoxData


@dataclass(frozen=True, slots=True)
class BoxText:
    value: str


@dataclass(frozen=True, slots=True)
class BoxOwn:
    value: Own


@dataclass(frozen=True, slots=True)
class BoxData:
    value: bytes


# The bridge's tables: WIT names and types.
BOX_TEXT = wit.Record((wit.Field("value", wit.STRING, "value"),), BoxText, "box-text")
BOX_DATA = wit.Record((wit.Field("value", wit.BYTES, "value"),), BoxData, "box-data")
OWN = wit.Record((wit.Field("a", BOX_DATA, "a"),), Own, "own")
BOX_OWN = wit.Record((wit.Field("value", OWN, "value"),), BoxOwn, "box-own")
USES = wit.Record((wit.Field("text", BOX_TEXT, "text"), wit.Field("mine", BOX_OWN, "mine")), Uses, "uses")
BINDINGS = wit.Bindings(
    package="case:generics-alone@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x91BA8A864510774B),
)
