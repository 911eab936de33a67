"""Host bindings for `case:constants-of-others@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import crate_values
import crates
from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Shelf:
    crate: crates.Crate
    kind: crate_values.Kind


MINE: Final = crates.Crate(size=crates.CrateSize(width=1.0, label=""))


# The bridge's tables: WIT names and types.
SHELF = wit.Record(
    (wit.Field("crate", crates.CRATE, "crate"), wit.Field("kind", crate_values.KIND, "kind")),
    Shelf,
    "shelf",
)
BINDINGS = wit.Bindings(
    package="case:constants-of-others@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xC19FA1DD9BF93B0E),
)
