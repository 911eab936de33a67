"""Host bindings for `case:stream@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from typing import Protocol

import interface as interface_
from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class Result(Protocol):
    def get(self) -> MaybeAwaitable[interface_.Future]: ...


class ResultClient(wit.Client):
    """`Result`, wherever it lives."""

    async def get(self) -> interface_.Future:
        return await self._call(_RESULT_GET)


# The bridge's tables: WIT names and types.
RESULT = wit.Interface(ResultClient, "case:stream/schema@0.1.0", "result", 0xC8EC9D3D1083FC06)
_RESULT_GET: wit.Method[interface_.Future] = RESULT.method("get", "get", {}, interface_.FUTURE)
BINDINGS = wit.Bindings(
    package="case:stream@0.1.0",
    interface="schema",
    interfaces=(RESULT,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA0B37D2BE7B51A41),
)
