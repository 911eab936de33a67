"""Host bindings for `capnp:schema@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Thing:
    a: str


# The bridge's tables: WIT names and types.
THING = wit.Record((wit.Field("a", wit.STRING, "a"),), Thing, "thing")
BINDINGS = wit.Bindings(
    package="capnp:schema@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xD7753994F229248B),
)
