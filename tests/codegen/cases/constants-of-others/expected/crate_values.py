"""Host bindings for `capnp:crate-values@0.1.0`.

Values of a struct that the file which imports this one has met before.

Written by `capwit generate` from crate-values.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from enum import Enum
from typing import Final

import crates
from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


class Kind(Enum):
    PLAIN = "plain"


SMALL: Final = crates.Crate(size=crates.CrateSize(width=0.0, label="small"))


# The bridge's tables: WIT names and types.
KIND = wit.Enum(("plain",), Kind, "kind")
BINDINGS = wit.Bindings(
    package="capnp:crate-values@0.1.0",
    interface="crate-values",
    schema=wit.SchemaFile(__name__, "crate-values.bridge.json", 0xF6B1A6A40AB2B0C5),
)
