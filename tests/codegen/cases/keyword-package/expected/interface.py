"""Host bindings for `case:list@0.1.0`.

Written by `capwit generate` from interface.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Future:
    with_: str


# The bridge's tables: WIT names and types.
FUTURE = wit.Record((wit.Field("with", wit.STRING, "with_"),), Future, "future")
BINDINGS = wit.Bindings(
    package="case:list@0.1.0",
    interface="interface",
    schema=wit.SchemaFile(__name__, "interface.bridge.json", 0xA0B37D2BE7B51A43),
)
