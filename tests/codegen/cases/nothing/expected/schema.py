"""Host bindings for `capnp:schema@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


# The bridge's tables: WIT names and types.
BINDINGS = wit.Bindings(
    package="capnp:schema@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xF1D2C7A3B4E59871),
)
