"""Host bindings for `case:same-package@0.1.0`.

Written by `capwit generate` from twin-part.capnp; do not edit.
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
    a: str


class Right(Protocol):
    def take(self) -> MaybeAwaitable[B]: ...


class RightClient(wit.Client):
    """`Right`, wherever it lives."""

    async def take(self) -> B:
        return await self._call(_RIGHT_TAKE)


# The bridge's tables: WIT names and types.
RIGHT = wit.Interface(RightClient, "case:same-package/twin-part@0.1.0", "right", 0xF11FBE87ED37DC9F)
B_ = wit.Record((wit.Field("a", wit.STRING, "a"),), B, "b")
_RIGHT_TAKE: wit.Method[B] = RIGHT.method("take", "take", {}, B_)
BINDINGS = wit.Bindings(
    package="case:same-package@0.1.0",
    interface="twin-part",
    interfaces=(RIGHT,),
    schema=wit.SchemaFile(__name__, "twin-part.bridge.json", 0xCBC167CF6FE34577),
)
