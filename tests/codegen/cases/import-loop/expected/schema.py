"""Host bindings for `case:import-loop@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class B:
    c: C


@dataclass(frozen=True, slots=True)
class A:
    b: B


@dataclass(frozen=True, slots=True)
class C:
    a: str


class Base(Protocol):
    def spin(self, loop: LoopClient) -> MaybeAwaitable[None]: ...


class Loop(Base, Protocol):
    def turn(self, c: C) -> MaybeAwaitable[A]: ...


class BaseClient(wit.Client):
    """`Base`, wherever it lives."""

    async def spin(self, loop: Loop) -> None:
        await self._call(_BASE_SPIN, loop)


class LoopClient(BaseClient):
    """`Loop`, wherever it lives."""

    async def turn(self, c: C) -> A:
        return await self._call(_LOOP_TURN, c)

    def as_base(self) -> BaseClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(BaseClient)


# The bridge's tables: WIT names and types.
BASE = wit.Interface(BaseClient, "case:import-loop/schema@0.1.0", "base", 0xE14AD25583837A20)
LOOP = wit.Interface(LoopClient, "case:import-loop/schema@0.1.0", "loop", 0xD6A05B902B3709AE, extends=(BASE,))
C_ = wit.Record((wit.Field("a", wit.STRING, "a"),), C, "c")
B_ = wit.Record((wit.Field("c", C_, "c"),), B, "b")
A_ = wit.Record((wit.Field("b", B_, "b"),), A, "a")
_BASE_SPIN: wit.Method[None] = BASE.method("spin", "spin", {"loop": LOOP.borrow}, None)
_LOOP_TURN: wit.Method[A] = LOOP.method("turn", "turn", {"c": C_}, A_)
BINDINGS = wit.Bindings(
    package="case:import-loop@0.1.0",
    interface="schema",
    interfaces=(LOOP, BASE),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB017C1924CDCB04F, 0xB3E616E21C780B06),
)
