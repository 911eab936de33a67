"""Host bindings for `case:unions-of-one@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class OneOnly:
    """`only` of `One`."""

    value: str


One: TypeAlias = OneOnly


@dataclass(frozen=True, slots=True)
class NothingOnly:
    """`only` of `Nothing`."""


Nothing: TypeAlias = NothingOnly


@dataclass(frozen=True, slots=True)
class NamedWhich2Only:
    """`only` of `NamedWhich2`."""

    value: int


NamedWhich2: TypeAlias = NamedWhich2Only


@dataclass(frozen=True, slots=True)
class NamedWhichAlone:
    """`alone` of `NamedWhich`."""

    value: bool


NamedWhich: TypeAlias = NamedWhichAlone
"""Which of the members of `named` is set."""


@dataclass(frozen=True, slots=True)
class Named:
    which2: NamedWhich2
    text: str
    which: NamedWhich


# The bridge's tables: WIT names and types.
ONE = wit.Variant((wit.Case("only", wit.STRING, OneOnly),), "one")
NOTHING = wit.Variant((wit.Case("only", None, NothingOnly),), "nothing")
NAMED_WHICH2 = wit.Variant((wit.Case("only", wit.U8, NamedWhich2Only),), "named-which2")
NAMED_WHICH = wit.Variant((wit.Case("alone", wit.BOOL, NamedWhichAlone),), "named-which")
NAMED = wit.Record(
    (
        wit.Field("which2", NAMED_WHICH2, "which2"),
        wit.Field("text", wit.STRING, "text"),
        wit.Field("which", NAMED_WHICH, "which"),
    ),
    Named,
    "named",
)
BINDINGS = wit.Bindings(
    package="case:unions-of-one@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA1B8D2C4E6F01355),
)
