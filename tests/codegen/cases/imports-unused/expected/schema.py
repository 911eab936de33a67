"""Host bindings for `case:imports-unused@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Alone:
    a: str


# The bridge's tables: WIT names and types.
ALONE = wit.Record((wit.Field("a", wit.STRING, "a"),), Alone, "alone")
BINDINGS = wit.Bindings(
    package="case:imports-unused@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB765D99422B765EB),
)
