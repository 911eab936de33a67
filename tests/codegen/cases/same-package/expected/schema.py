"""Host bindings for `case:same-package@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import twin_part
from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class A:
    b: twin_part.B


class Left(twin_part.Right, Protocol):
    def give(self, b: twin_part.B) -> MaybeAwaitable[None]: ...


class LeftClient(twin_part.RightClient):
    """`Left`, wherever it lives."""

    async def give(self, b: twin_part.B) -> None:
        await self._call(_LEFT_GIVE, b)

    def as_right(self) -> twin_part.RightClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(twin_part.RightClient)


# The bridge's tables: WIT names and types.
LEFT = wit.Interface(
    LeftClient,
    "case:same-package/schema@0.1.0",
    "left",
    0xFA1E20FF734C244D,
    extends=(twin_part.RIGHT,),
)
A_ = wit.Record((wit.Field("b", twin_part.B_, "b"),), A, "a")
_LEFT_GIVE: wit.Method[None] = LEFT.method("give", "give", {"b": twin_part.B_}, None)
BINDINGS = wit.Bindings(
    package="case:same-package@0.1.0",
    interface="schema",
    interfaces=(LEFT,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB7EDB749644D95FF),
)
