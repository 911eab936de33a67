"""Host bindings for `case:generics-imported-boxes@0.1.0`.

Written by `capwit generate` from boxes.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Use:
    text: BoxText


@dataclass(frozen=True, slots=True)
class BoxText:
    value: str


@dataclass(frozen=True, slots=True)
class Unused:
    value: wit.AnyValue


# The bridge's tables: WIT names and types.
BOX_TEXT = wit.Record((wit.Field("value", wit.STRING, "value"),), BoxText, "box-text")
USE = wit.Record((wit.Field("text", BOX_TEXT, "text"),), Use, "use")
UNUSED = wit.Record((wit.Field("value", wit.ANY_VALUE, "value"),), Unused, "unused")
BINDINGS = wit.Bindings(
    package="case:generics-imported-boxes@0.1.0",
    interface="boxes",
    schema=wit.SchemaFile(__name__, "boxes.bridge.json", 0xA1B0C6A1E4D2F3B9),
)
