"""Host bindings for `case:unions@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class ShapeCorner:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class ShapeBox:
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ShapeCircle:
    """Its radius."""

    value: float


@dataclass(frozen=True, slots=True)
class ShapeSquare:
    """`square` of `Shape`."""

    value: float


@dataclass(frozen=True, slots=True)
class ShapeNothing:
    """`nothing` of `Shape`."""


@dataclass(frozen=True, slots=True)
class ShapeCorners:
    """`corners` of `Shape`."""

    value: Sequence[ShapeCorner]


@dataclass(frozen=True, slots=True)
class ShapeBoxCase:
    """`box` of `Shape`."""

    value: ShapeBox


@dataclass(frozen=True, slots=True)
class ShapeUnit:
    """`unit` of `Shape`."""


Shape: TypeAlias = ShapeCircle | ShapeSquare | ShapeNothing | ShapeCorners | ShapeBoxCase | ShapeUnit
"""Only an unnamed union: a variant."""


@dataclass(frozen=True, slots=True)
class AccountStateActive:
    """`active` of `AccountState`."""


@dataclass(frozen=True, slots=True)
class AccountStateClosed:
    """`closed` of `AccountState`."""

    value: int


AccountState: TypeAlias = AccountStateActive | AccountStateClosed
"""A named union."""


@dataclass(frozen=True, slots=True)
class AccountWhichPerson:
    """`person` of `AccountWhich`."""

    value: str


@dataclass(frozen=True, slots=True)
class AccountWhichCompany:
    """`company` of `AccountWhich`."""

    value: str


AccountWhich: TypeAlias = AccountWhichPerson | AccountWhichCompany
"""Which of the members of `account` is set."""


@dataclass(frozen=True, slots=True)
class Account:
    """Fields and an unnamed union: the union is the field `which`, where it begins."""

    id: int
    which: AccountWhich
    state: AccountState
    """A named union."""


@dataclass(frozen=True, slots=True)
class GoneLeft:
    """`left` of `Gone`."""

    value: str


@dataclass(frozen=True, slots=True)
class GoneRight:
    """`right` of `Gone`."""

    value: bytes


Gone: TypeAlias = GoneLeft | GoneRight
"""Its only field outside of the union is void."""


# The bridge's tables: WIT names and types.
SHAPE_CORNER = wit.Record(
    (wit.Field("x", wit.F64, "x"), wit.Field("y", wit.F64, "y")),
    ShapeCorner,
    "shape-corner",
)
SHAPE_BOX = wit.Record(
    (wit.Field("width", wit.F64, "width"), wit.Field("height", wit.F64, "height")),
    ShapeBox,
    "shape-box",
)
SHAPE = wit.Variant(
    (
        wit.Case("circle", wit.F64, ShapeCircle),
        wit.Case("square", wit.F64, ShapeSquare),
        wit.Case("nothing", None, ShapeNothing),
        wit.Case("corners", wit.List(SHAPE_CORNER), ShapeCorners),
        wit.Case("box", SHAPE_BOX, ShapeBoxCase),
        wit.Case("unit", None, ShapeUnit),
    ),
    "shape",
)
ACCOUNT_STATE = wit.Variant(
    (wit.Case("active", None, AccountStateActive), wit.Case("closed", wit.U64, AccountStateClosed)),
    "account-state",
)
ACCOUNT_WHICH = wit.Variant(
    (
        wit.Case("person", wit.STRING, AccountWhichPerson),
        wit.Case("company", wit.STRING, AccountWhichCompany),
    ),
    "account-which",
)
ACCOUNT = wit.Record(
    (
        wit.Field("id", wit.U64, "id"),
        wit.Field("which", ACCOUNT_WHICH, "which"),
        wit.Field("state", ACCOUNT_STATE, "state"),
    ),
    Account,
    "account",
)
GONE = wit.Variant((wit.Case("left", wit.STRING, GoneLeft), wit.Case("right", wit.BYTES, GoneRight)), "gone")
BINDINGS = wit.Bindings(
    package="case:unions@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x85D70DAA707C08D7),
)
