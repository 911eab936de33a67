"""Host bindings for `case:many-bools@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Bools:
    """More than WIT's flags may have."""

    b0: bool
    b1: bool
    b2: bool
    b3: bool
    b4: bool
    b5: bool
    b6: bool
    b7: bool
    b8: bool
    b9: bool
    b10: bool
    b11: bool
    b12: bool
    b13: bool
    b14: bool
    b15: bool
    b16: bool
    b17: bool
    b18: bool
    b19: bool
    b20: bool
    b21: bool
    b22: bool
    b23: bool
    b24: bool
    b25: bool
    b26: bool
    b27: bool
    b28: bool
    b29: bool
    b30: bool
    b31: bool
    b32: bool


# The bridge's tables: WIT names and types.
BOOLS = wit.Record(
    (
        wit.Field("b0", wit.BOOL, "b0"),
        wit.Field("b1", wit.BOOL, "b1"),
        wit.Field("b2", wit.BOOL, "b2"),
        wit.Field("b3", wit.BOOL, "b3"),
        wit.Field("b4", wit.BOOL, "b4"),
        wit.Field("b5", wit.BOOL, "b5"),
        wit.Field("b6", wit.BOOL, "b6"),
        wit.Field("b7", wit.BOOL, "b7"),
        wit.Field("b8", wit.BOOL, "b8"),
        wit.Field("b9", wit.BOOL, "b9"),
        wit.Field("b10", wit.BOOL, "b10"),
        wit.Field("b11", wit.BOOL, "b11"),
        wit.Field("b12", wit.BOOL, "b12"),
        wit.Field("b13", wit.BOOL, "b13"),
        wit.Field("b14", wit.BOOL, "b14"),
        wit.Field("b15", wit.BOOL, "b15"),
        wit.Field("b16", wit.BOOL, "b16"),
        wit.Field("b17", wit.BOOL, "b17"),
        wit.Field("b18", wit.BOOL, "b18"),
        wit.Field("b19", wit.BOOL, "b19"),
        wit.Field("b20", wit.BOOL, "b20"),
        wit.Field("b21", wit.BOOL, "b21"),
        wit.Field("b22", wit.BOOL, "b22"),
        wit.Field("b23", wit.BOOL, "b23"),
        wit.Field("b24", wit.BOOL, "b24"),
        wit.Field("b25", wit.BOOL, "b25"),
        wit.Field("b26", wit.BOOL, "b26"),
        wit.Field("b27", wit.BOOL, "b27"),
        wit.Field("b28", wit.BOOL, "b28"),
        wit.Field("b29", wit.BOOL, "b29"),
        wit.Field("b30", wit.BOOL, "b30"),
        wit.Field("b31", wit.BOOL, "b31"),
        wit.Field("b32", wit.BOOL, "b32"),
    ),
    Bools,
    "bools",
)
BINDINGS = wit.Bindings(
    package="case:many-bools@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA1B8D2C4E6F01351),
)
