"""Host bindings for `case:imports-shared@1.2.3`.

What several schemas share.

Written by `capwit generate` from shared.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

import base
from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int
    at: base.Stamp


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class ShapeDot:
    """`dot` of `Shape`."""

    value: Point


@dataclass(frozen=True, slots=True)
class ShapeNone:
    """`none` of `Shape`."""


Shape: TypeAlias = ShapeDot | ShapeNone


class Pen(Protocol):
    def write(self) -> MaybeAwaitable[None]: ...


class PenClient(wit.Client):
    """`Pen`, wherever it lives."""

    async def write(self) -> None:
        await self._call(_PEN_WRITE)


# The bridge's tables: WIT names and types.
PEN = wit.Interface(
    PenClient,
    "case:imports-shared/shared@1.2.3",
    "pen",
    0xA5E469373D78F8B0,
    exports=("case:imports-shared/pen-exports-pen@1.2.3",),
)
POINT = wit.Record(
    (wit.Field("x", wit.S32, "x"), wit.Field("y", wit.S32, "y"), wit.Field("at", base.STAMP, "at")),
    Point,
    "point",
)
COLOUR = wit.Enum(("red",), Colour, "colour")
SHAPE = wit.Variant((wit.Case("dot", POINT, ShapeDot), wit.Case("none", None, ShapeNone)), "shape")
_PEN_WRITE: wit.Method[None] = PEN.method("write", "write", {}, None)
BINDINGS = wit.Bindings(
    package="case:imports-shared@1.2.3",
    interface="shared",
    interfaces=(PEN,),
    schema=wit.SchemaFile(__name__, "shared.bridge.json", 0xB46F932B00339B9E),
)
