"""Host bindings for `case:lists@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Lists:
    texts: Sequence[str]
    bytes_as_list: bytes
    bits: Sequence[bool]
    grid: Sequence[Sequence[float]]
    chunks: Sequence[bytes]
    ticks: int
    points: Sequence[Point]
    colours: Sequence[Sequence[Colour]]


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int


class Colour(Enum):
    RED = "red"
    GREEN = "green"


# The bridge's tables: WIT names and types.
POINT = wit.Record((wit.Field("x", wit.S32, "x"), wit.Field("y", wit.S32, "y")), Point, "point")
COLOUR = wit.Enum(("red", "green"), Colour, "colour")
LISTS = wit.Record(
    (
        wit.Field("texts", wit.List(wit.STRING), "texts"),
        wit.Field("bytes-as-list", wit.BYTES, "bytes_as_list"),
        wit.Field("bits", wit.List(wit.BOOL), "bits"),
        wit.Field("grid", wit.List(wit.List(wit.F64)), "grid"),
        wit.Field("chunks", wit.List(wit.BYTES), "chunks"),
        wit.Field("ticks", wit.U32, "ticks"),
        wit.Field("points", wit.List(POINT), "points"),
        wit.Field("colours", wit.List(wit.List(COLOUR)), "colours"),
    ),
    Lists,
    "lists",
)
BINDINGS = wit.Bindings(
    package="case:lists@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xCC14C4A453F98DE4),
)
