"""Host bindings for `capnp:crates@0.1.0`.

Written by `capwit generate` from crates.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class CrateSize:
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Crate:
    size: CrateSize


# The bridge's tables: WIT names and types.
CRATE_SIZE = wit.Record(
    (wit.Field("width", wit.F64, "width"), wit.Field("label", wit.STRING, "label")),
    CrateSize,
    "crate-size",
)
CRATE = wit.Record((wit.Field("size", CRATE_SIZE, "size"),), Crate, "crate")
BINDINGS = wit.Bindings(
    package="capnp:crates@0.1.0",
    interface="crates",
    schema=wit.SchemaFile(__name__, "crates.bridge.json", 0xE3C1AD3E2BC3A1B7),
)
