"""Host bindings for `case:refused-case-class@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from capwit.bridge import binding as wit


@dataclass(frozen=True, slots=True)
class AB:
    """`b` of `A`."""

    value: str


@dataclass(frozen=True, slots=True)
class AC:
    """`c` of `A`."""


A: TypeAlias = AB | AC


@dataclass(frozen=True, slots=True)
class Ab:
    a: str


@dataclass(frozen=True, slots=True)
class AbCase:
    a: str


# The bridge's tables: WIT names and types.
A_ = wit.Variant((wit.Case("b", wit.STRING, AB), wit.Case("c", None, AC)), "a")
AB_ = wit.Record((wit.Field("a", wit.STRING, "a"),), Ab, "ab")
AB_CASE = wit.Record((wit.Field("a", wit.STRING, "a"),), AbCase, "ab-case")
BINDINGS = wit.Bindings(package="case:refused-case-class@0.1.0")
