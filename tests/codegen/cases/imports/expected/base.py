"""Host bindings for `capnp:base@0.1.0`.

Written by `capwit generate` from base.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Stamp:
    seconds: int


# The bridge's tables: WIT names and types.
STAMP = wit.Record((wit.Field("seconds", wit.U64, "seconds"),), Stamp, "stamp")
BINDINGS = wit.Bindings(
    package="capnp:base@0.1.0",
    interface="base",
    schema=wit.SchemaFile(__name__, "base.bridge.json", 0xEA1E12E8194CB34E),
)
