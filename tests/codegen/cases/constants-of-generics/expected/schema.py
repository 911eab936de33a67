"""Host bindings for `case:constants-of-generics@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


class BoxKind(Enum):
    A = "a"
    B = "b"


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int
    """Defaults to `7`."""


@dataclass(frozen=True, slots=True)
class BoxPoint:
    value: Point
    more: BoxPoint | None
    kind: BoxKind


@dataclass(frozen=True, slots=True)
class BoxText:
    value: str
    more: BoxText | None
    kind: BoxKind


@dataclass(frozen=True, slots=True)
class BoxBoxText:
    value: BoxText
    more: BoxBoxText | None
    kind: BoxKind


@dataclass(frozen=True, slots=True)
class PairTextListInt16:
    a: str
    b: Sequence[int]
    swapped: SwapListInt16Text


@dataclass(frozen=True, slots=True)
class PairDataListPoint:
    a: bytes
    b: Sequence[Point]
    swapped: SwapListPointData


@dataclass(frozen=True, slots=True)
class SwapListInt16Text:
    a: Sequence[int]
    b: str


@dataclass(frozen=True, slots=True)
class SwapListPointData:
    a: Sequence[Point]
    b: bytes


BOX: Final = BoxPoint(value=Point(x=1, y=7), more=None, kind=BoxKind.B)
DEEP: Final = BoxPoint(
    value=Point(x=0, y=7),
    more=BoxPoint(
        value=Point(x=0, y=7),
        more=BoxPoint(value=Point(x=2, y=7), more=None, kind=BoxKind.A),
        kind=BoxKind.A,
    ),
    kind=BoxKind.A,
)
BOXES: Final = BoxBoxText(value=BoxText(value="inner", more=None, kind=BoxKind.A), more=None, kind=BoxKind.A)
PAIR: Final = PairTextListInt16(a="text", b=(1, 2), swapped=SwapListInt16Text(a=(3,), b="swapped"))
OTHER: Final = PairDataListPoint(a=b"data", b=(Point(x=3, y=7),), swapped=SwapListPointData(a=(), b=b""))
NONE: Final = BoxPoint(value=Point(x=0, y=7), more=None, kind=BoxKind.A)


# The bridge's tables: WIT names and types.
BOX_KIND = wit.Enum(("a", "b"), BoxKind, "box-kind")
POINT = wit.Record((wit.Field("x", wit.S32, "x"), wit.Field("y", wit.S32, "y")), Point, "point")
BOX_POINT_NODE = wit.Record(
    (
        wit.Field("value", POINT, "value"),
        wit.Field("more", wit.Option(wit.Index()), "more"),
        wit.Field("kind", BOX_KIND, "kind"),
    ),
    BoxPoint,
    "box-point-node",
)
BOX_POINT = wit.arena(BOX_POINT_NODE, "box-point")
BOX_TEXT_NODE = wit.Record(
    (
        wit.Field("value", wit.STRING, "value"),
        wit.Field("more", wit.Option(wit.Index()), "more"),
        wit.Field("kind", BOX_KIND, "kind"),
    ),
    BoxText,
    "box-text-node",
)
BOX_TEXT = wit.arena(BOX_TEXT_NODE, "box-text")
BOX_BOX_TEXT_NODE = wit.Record(
    (
        wit.Field("value", BOX_TEXT, "value"),
        wit.Field("more", wit.Option(wit.Index()), "more"),
        wit.Field("kind", BOX_KIND, "kind"),
    ),
    BoxBoxText,
    "box-box-text-node",
)
BOX_BOX_TEXT = wit.arena(BOX_BOX_TEXT_NODE, "box-box-text")
SWAP_LIST_INT16_TEXT = wit.Record(
    (wit.Field("a", wit.List(wit.S16), "a"), wit.Field("b", wit.STRING, "b")),
    SwapListInt16Text,
    "swap-list-int16-text",
)
PAIR_TEXT_LIST_INT16 = wit.Record(
    (
        wit.Field("a", wit.STRING, "a"),
        wit.Field("b", wit.List(wit.S16), "b"),
        wit.Field("swapped", SWAP_LIST_INT16_TEXT, "swapped"),
    ),
    PairTextListInt16,
    "pair-text-list-int16",
)
SWAP_LIST_POINT_DATA = wit.Record(
    (wit.Field("a", wit.List(POINT), "a"), wit.Field("b", wit.BYTES, "b")),
    SwapListPointData,
    "swap-list-point-data",
)
PAIR_DATA_LIST_POINT = wit.Record(
    (
        wit.Field("a", wit.BYTES, "a"),
        wit.Field("b", wit.List(POINT), "b"),
        wit.Field("swapped", SWAP_LIST_POINT_DATA, "swapped"),
    ),
    PairDataListPoint,
    "pair-data-list-point",
)
BINDINGS = wit.Bindings(
    package="case:constants-of-generics@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB495472902E0C154),
)
