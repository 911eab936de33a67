"""Host bindings for `case:imports@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import shared
from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Point2:
    point: shared.Point
    colour: shared.Colour


class Canvas(Protocol):
    def draw(self, at: shared.Point, pen: shared.PenClient) -> MaybeAwaitable[shared.Shape]: ...


class CanvasClient(wit.Client):
    """`Canvas`, wherever it lives."""

    async def draw(self, at: shared.Point, pen: shared.Pen) -> shared.Shape:
        return await self._call(_CANVAS_DRAW, at, pen)


# The bridge's tables: WIT names and types.
CANVAS = wit.Interface(CanvasClient, "case:imports/schema@0.1.0", "canvas", 0xE761C02EA1BFEC74)
POINT2 = wit.Record(
    (wit.Field("point", shared.POINT, "point"), wit.Field("colour", shared.COLOUR, "colour")),
    Point2,
    "point2",
)
_CANVAS_DRAW: wit.Method[shared.Shape] = CANVAS.method(
    "draw",
    "draw",
    {"at": shared.POINT, "pen": shared.PEN.borrow},
    shared.SHAPE,
)
BINDINGS = wit.Bindings(
    package="case:imports@0.1.0",
    interface="schema",
    interfaces=(CANVAS,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xAFCEF4B99CB2A5A8),
)
