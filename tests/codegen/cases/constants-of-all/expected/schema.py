"""Host bindings for `case:constants-of-all@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol, TypeAlias

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


class Kind(Enum):
    A = "a"
    B = "b"


@dataclass(frozen=True, slots=True)
class GroupedInner:
    a: int
    b: int
    """Defaults to `7`."""


@dataclass(frozen=True, slots=True)
class GroupedWayDoor:
    """Defaults to `"oak"`."""

    value: str


@dataclass(frozen=True, slots=True)
class GroupedWayOther:
    """`other` of `GroupedWay`."""


GroupedWay: TypeAlias = GroupedWayDoor | GroupedWayOther


@dataclass(frozen=True, slots=True)
class Grouped:
    inner: GroupedInner
    way: GroupedWay


@dataclass(frozen=True, slots=True)
class Doors:
    door: DoorClient | None
    doors: Sequence[DoorClient]


class Door(Protocol): ...


class DoorClient(wit.Client):
    """`Door`, wherever it lives."""


LEAST8: Final = -128
LEAST16: Final = -32768
LEAST32: Final = -2147483648
LEAST64: Final = -9223372036854775808
MOST8: Final = 255
MOST16: Final = 65535
MOST32: Final = 4294967295
MOST64: Final = 18446744073709551615
HALF: Final = 0.10000000149011612
HUGE: Final = 1e300
NOT_A_NUMBER: Final = float("nan")
BELOW: Final = float("-inf")
NO: Final = False
EMPTY: Final = ""
TEXT: Final = "tab\t newline\n nul\x00 é"
BYTES: Final = b""
KINDS: Final = (Kind.B, Kind.A)
CHUNKS: Final = (b"x", b"\x00")
BITS: Final = (True, False)
REALS: Final = (float("nan"), float("inf"), 0.5)
GRID: Final = (("a",), ())
GROUP: Final = Grouped(inner=GroupedInner(a=1, b=7), way=GroupedWayOther())
DOORS_: Final = Doors(door=None, doors=())
CLASS: Final = "a keyword"
NESTED: Final = (
    Grouped(inner=GroupedInner(a=0, b=2), way=GroupedWayDoor("oak")),
    Grouped(inner=GroupedInner(a=0, b=7), way=GroupedWayDoor("x")),
)


# The bridge's tables: WIT names and types.
DOOR = wit.Interface(DoorClient, "case:constants-of-all/schema@0.1.0", "door", 0xFB413578DB05F01A)
KIND = wit.Enum(("a", "b"), Kind, "kind")
GROUPED_INNER = wit.Record(
    (wit.Field("a", wit.S8, "a"), wit.Field("b", wit.S8, "b")),
    GroupedInner,
    "grouped-inner",
)
GROUPED_WAY = wit.Variant(
    (wit.Case("door", wit.STRING, GroupedWayDoor), wit.Case("other", None, GroupedWayOther)),
    "grouped-way",
)
GROUPED = wit.Record(
    (wit.Field("inner", GROUPED_INNER, "inner"), wit.Field("way", GROUPED_WAY, "way")),
    Grouped,
    "grouped",
)
DOORS = wit.Record(
    (wit.Field("door", wit.Option(DOOR.own), "door"), wit.Field("doors", wit.List(DOOR.own), "doors")),
    Doors,
    "doors",
)
BINDINGS = wit.Bindings(
    package="case:constants-of-all@0.1.0",
    interface="schema",
    interfaces=(DOOR,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA1B8D2C4E6F01356),
)
