"""Host bindings for `case:case-classes@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class ShapeCircle:
    radius: float


@dataclass(frozen=True, slots=True)
class ShapeBox:
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ShapeStateOpen:
    """`open` of `ShapeState`."""


@dataclass(frozen=True, slots=True)
class ShapeStateClosed:
    """`closed` of `ShapeState`."""


ShapeState: TypeAlias = ShapeStateOpen | ShapeStateClosed


@dataclass(frozen=True, slots=True)
class ShapeCircleCase:
    """`circle` of `Shape`."""

    value: ShapeCircle


@dataclass(frozen=True, slots=True)
class ShapeBoxCase:
    """`box` of `Shape`."""

    value: ShapeBox


@dataclass(frozen=True, slots=True)
class ShapeStateCase:
    """`state` of `Shape`."""

    value: ShapeState


Shape: TypeAlias = ShapeCircleCase | ShapeBoxCase | ShapeStateCase


# The bridge's tables: WIT names and types.
SHAPE_CIRCLE = wit.Record((wit.Field("radius", wit.F64, "radius"),), ShapeCircle, "shape-circle")
SHAPE_BOX = wit.Record(
    (wit.Field("width", wit.F64, "width"), wit.Field("height", wit.F64, "height")),
    ShapeBox,
    "shape-box",
)
SHAPE_STATE = wit.Variant(
    (wit.Case("open", None, ShapeStateOpen), wit.Case("closed", None, ShapeStateClosed)),
    "shape-state",
)
SHAPE = wit.Variant(
    (
        wit.Case("circle", SHAPE_CIRCLE, ShapeCircleCase),
        wit.Case("box", SHAPE_BOX, ShapeBoxCase),
        wit.Case("state", SHAPE_STATE, ShapeStateCase),
    ),
    "shape",
)
BINDINGS = wit.Bindings(
    package="case:case-classes@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA5CF57380AD81155),
)
