"""Host bindings for `case:constants-of-structs@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Loose:
    any: wit.AnyValue
    null: wit.AnyValue
    list: wit.AnyValue


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    """Defaults to `7.0`."""
    label: str
    kind: Kind
    """Defaults to `bright`."""
    data: bytes


class Kind(Enum):
    DIM = "dim"
    BRIGHT = "bright"


@dataclass(frozen=True, slots=True)
class Tree:
    label: str
    children: Sequence[Tree]
    next: Tree | None
    at: Point


@dataclass(frozen=True, slots=True)
class ShapeCircle:
    """`circle` of `Shape`."""


@dataclass(frozen=True, slots=True)
class ShapeSquare:
    """`square` of `Shape`."""

    value: int


Shape: TypeAlias = ShapeCircle | ShapeSquare


@dataclass(frozen=True, slots=True)
class SizedShape:
    depth: int
    """Defaults to `-1`."""


@dataclass(frozen=True, slots=True)
class SizedWhichSmall:
    """`small` of `SizedWhich`."""


@dataclass(frozen=True, slots=True)
class SizedWhichLarge:
    """`large` of `SizedWhich`."""

    value: Point


SizedWhich: TypeAlias = SizedWhichSmall | SizedWhichLarge
"""Which of the members of `sized` is set."""


@dataclass(frozen=True, slots=True)
class Sized:
    name: str
    """Defaults to `"unnamed"`."""
    which: SizedWhich
    shape: SizedShape


@dataclass(frozen=True, slots=True)
class Defaults:
    point: Point
    """Defaults to `(x = 2, y = 7, kind = bright, nothing = void)`."""
    list: Sequence[int]
    """Defaults to `[1, 2]`."""


ORIGIN: Final = Point(x=1.0, y=7.0, label="origin", kind=Kind.BRIGHT, data=b"")
CORNERS: Final = (
    Point(x=1.5, y=7.0, label="", kind=Kind.BRIGHT, data=b""),
    Point(x=0.0, y=2.0, label="", kind=Kind.DIM, data=b""),
)
MATRIX: Final = ((1,), (2, 3), ())
ROOT: Final = Tree(
    label="root",
    children=(
        Tree(
            label="leaf",
            children=(),
            next=None,
            at=Point(x=0.0, y=7.0, label="", kind=Kind.BRIGHT, data=b""),
        ),
    ),
    next=Tree(
        label="after",
        children=(),
        next=None,
        at=Point(x=0.0, y=7.0, label="", kind=Kind.BRIGHT, data=b""),
    ),
    at=Point(x=0.0, y=7.0, label="", kind=Kind.BRIGHT, data=b""),
)
SHAPE_: Final = ShapeSquare(2)
SIZED_: Final = Sized(
    name="big",
    which=SizedWhichLarge(Point(x=3.0, y=7.0, label="", kind=Kind.BRIGHT, data=b"")),
    shape=SizedShape(depth=-1),
)
NAMES: Final = ("one",)
BYTES: Final = b"\x01\x02"
NOTHING: Final = None
MARKER: Final = None
MARKERS: Final = 2
LOOSE_: Final = Loose(
    any=wit.AnyValue(
        b"\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x03\x00\x02\x00\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00:\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00origin\x00\x00",
    ),
    null=wit.AnyValue(b""),
    list=wit.AnyValue(
        b"\x00\x00\x00\x00\x06\x00\x00\x00\x01\x00\x00\x00\x1e\x00\x00\x00\t\x00\x00\x00\x0c\x00\x00\x00\t\x00\x00\x00\x14\x00\x00\x00\t\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00",
    ),
)
UNTOLD: Final = wit.AnyValue(
    b"\x00\x00\x00\x00\x0c\x00\x00\x00\x01\x00\x00\x00W\x00\x00\x00\x08\x00\x00\x00\x03\x00\x02\x00\x00\x00\x00\x00\x00\x00\xf8?\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x1c\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
)


# The bridge's tables: WIT names and types.
LOOSE = wit.Record(
    (
        wit.Field("any", wit.ANY_VALUE, "any"),
        wit.Field("null", wit.ANY_VALUE, "null"),
        wit.Field("list", wit.ANY_VALUE, "list"),
    ),
    Loose,
    "loose",
)
KIND = wit.Enum(("dim", "bright"), Kind, "kind")
POINT = wit.Record(
    (
        wit.Field("x", wit.F64, "x"),
        wit.Field("y", wit.F64, "y"),
        wit.Field("label", wit.STRING, "label"),
        wit.Field("kind", KIND, "kind"),
        wit.Field("data", wit.BYTES, "data"),
    ),
    Point,
    "point",
)
TREE_NODE = wit.Record(
    (
        wit.Field("label", wit.STRING, "label"),
        wit.Field("children", wit.List(wit.Index()), "children"),
        wit.Field("next", wit.Option(wit.Index()), "next"),
        wit.Field("at", POINT, "at"),
    ),
    Tree,
    "tree-node",
)
TREE = wit.arena(TREE_NODE, "tree")
SHAPE = wit.Variant((wit.Case("circle", None, ShapeCircle), wit.Case("square", wit.U8, ShapeSquare)), "shape")
SIZED_SHAPE = wit.Record((wit.Field("depth", wit.S8, "depth"),), SizedShape, "sized-shape")
SIZED_WHICH = wit.Variant(
    (wit.Case("small", None, SizedWhichSmall), wit.Case("large", POINT, SizedWhichLarge)),
    "sized-which",
)
SIZED = wit.Record(
    (
        wit.Field("name", wit.STRING, "name"),
        wit.Field("which", SIZED_WHICH, "which"),
        wit.Field("shape", SIZED_SHAPE, "shape"),
    ),
    Sized,
    "sized",
)
DEFAULTS = wit.Record(
    (wit.Field("point", POINT, "point"), wit.Field("list", wit.List(wit.S32), "list")),
    Defaults,
    "defaults",
)
BINDINGS = wit.Bindings(
    package="case:constants-of-structs@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB3039442FA93F017),
)
