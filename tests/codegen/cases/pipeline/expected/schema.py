"""Host bindings for `case:pipeline@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class A(Protocol):
    def m(self) -> MaybeAwaitable[A]: ...


class AClient(wit.Client):
    """`A`, wherever it lives."""

    async def m(self) -> AClient:
        return await self._call(_A__M)


# The bridge's tables: WIT names and types.
A_ = wit.Interface(AClient, "case:pipeline/schema@0.1.0", "a", 0xDE9478F85D51B317)
_A__M: wit.Method[AClient] = A_.method("m", "m", {}, A_.own, pipelined=True)
BINDINGS = wit.Bindings(
    package="case:pipeline@0.1.0",
    interface="schema",
    interfaces=(A_,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA3BF0D244A4CB62C),
)
