"""Host bindings for `case:extends-diamond@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class Top(Protocol):
    def spin(self, text: str) -> MaybeAwaitable[str]: ...


class Left(Top, Protocol):
    def turn(self) -> MaybeAwaitable[None]: ...


class Right(Top, Protocol):
    def veer(self) -> MaybeAwaitable[None]: ...


class Bottom(Left, Right, Protocol):
    def sink(self) -> MaybeAwaitable[bool]: ...


class One(Left, Right, Protocol): ...


class Two(Left, Right, Protocol): ...


class Both(One, Two, Protocol): ...


class TopClient(wit.Client):
    """`Top`, wherever it lives."""

    async def spin(self, text: str) -> str:
        return await self._call(_TOP_SPIN, text)


class LeftClient(TopClient):
    """`Left`, wherever it lives."""

    async def turn(self) -> None:
        await self._call(_LEFT_TURN)

    def as_top(self) -> TopClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(TopClient)


class RightClient(TopClient):
    """`Right`, wherever it lives."""

    async def veer(self) -> None:
        await self._call(_RIGHT_VEER)

    def as_top(self) -> TopClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(TopClient)


class BottomClient(LeftClient, RightClient):
    """`Bottom`, wherever it lives."""

    async def sink(self) -> bool:
        return await self._call(_BOTTOM_SINK)

    def as_left(self) -> LeftClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(LeftClient)

    def as_right(self) -> RightClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(RightClient)


class OneClient(LeftClient, RightClient):
    """`One`, wherever it lives."""

    def as_left(self) -> LeftClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(LeftClient)

    def as_right(self) -> RightClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(RightClient)


class TwoClient(LeftClient, RightClient):
    """`Two`, wherever it lives."""

    def as_right(self) -> RightClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(RightClient)

    def as_left(self) -> LeftClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(LeftClient)


class BothClient(OneClient, TwoClient):
    """`Both`, wherever it lives."""

    def as_one(self) -> OneClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(OneClient)

    def as_two(self) -> TwoClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(TwoClient)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    bottom: Bottom


# The bridge's tables: WIT names and types.
TOP = wit.Interface(TopClient, "case:extends-diamond/schema@0.1.0", "top", 0xC2EE83B65A0E9ABB)
LEFT = wit.Interface(
    LeftClient,
    "case:extends-diamond/schema@0.1.0",
    "left",
    0xA1280653249AFFAA,
    extends=(TOP,),
)
RIGHT = wit.Interface(
    RightClient,
    "case:extends-diamond/schema@0.1.0",
    "right",
    0xAD16F213226E5DF6,
    extends=(TOP,),
)
BOTTOM = wit.Interface(
    BottomClient,
    "case:extends-diamond/schema@0.1.0",
    "bottom",
    0xB95BDD56EC228A89,
    extends=(LEFT, RIGHT),
)
ONE = wit.Interface(
    OneClient,
    "case:extends-diamond/schema@0.1.0",
    "one",
    0xAE73A0130FF832FB,
    extends=(LEFT, RIGHT),
)
TWO = wit.Interface(
    TwoClient,
    "case:extends-diamond/schema@0.1.0",
    "two",
    0xD8A4231A24FCE505,
    extends=(LEFT, RIGHT),
)
BOTH = wit.Interface(
    BothClient,
    "case:extends-diamond/schema@0.1.0",
    "both",
    0xEE95046190E1ABA5,
    extends=(ONE, TWO),
    exports=("case:extends-diamond/app-exports-both@0.1.0",),
)
_TOP_SPIN: wit.Method[str] = TOP.method("spin", "spin", {"text": wit.STRING}, wit.STRING)
_LEFT_TURN: wit.Method[None] = LEFT.method("turn", "turn", {}, None)
_RIGHT_VEER: wit.Method[None] = RIGHT.method("veer", "veer", {}, None)
_BOTTOM_SINK: wit.Method[bool] = BOTTOM.method("sink", "sink", {}, wit.BOOL)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:extends-diamond/app-grants@0.1.0",
    (wit.Grant("bottom", "get-bottom", BOTTOM.own),),
)
BINDINGS = wit.Bindings(
    package="case:extends-diamond@0.1.0",
    interface="schema",
    interfaces=(BOTTOM, LEFT, RIGHT, TOP, ONE, TWO, BOTH),
    grants=(GRANTS,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xC1A4FEB7F23C7440),
)
