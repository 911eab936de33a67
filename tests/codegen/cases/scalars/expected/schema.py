"""Host bindings for `case:scalars@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Scalars:
    truth: bool
    tiny: int
    short: int
    middle: int
    long: int
    octet: int
    port: int
    count: int
    id: int
    single: float
    double: float


# The bridge's tables: WIT names and types.
SCALARS = wit.Record(
    (
        wit.Field("truth", wit.BOOL, "truth"),
        wit.Field("tiny", wit.S8, "tiny"),
        wit.Field("short", wit.S16, "short"),
        wit.Field("middle", wit.S32, "middle"),
        wit.Field("long", wit.S64, "long"),
        wit.Field("octet", wit.U8, "octet"),
        wit.Field("port", wit.U16, "port"),
        wit.Field("count", wit.U32, "count"),
        wit.Field("id", wit.U64, "id"),
        wit.Field("single", wit.F32, "single"),
        wit.Field("double", wit.F64, "double"),
    ),
    Scalars,
    "scalars",
)
BINDINGS = wit.Bindings(
    package="case:scalars@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x9818E4A80D1906F3),
)
