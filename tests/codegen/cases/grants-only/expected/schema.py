"""Host bindings for `case:grants-only@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit
from capwit.caps import standard

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolGrants(wit.Grants):
    console: standard.Console


# The bridge's tables: WIT names and types.
TOOL_GRANTS = wit.GrantsInterface(
    ToolGrants,
    "case:grants-only/tool-grants@0.1.0",
    (wit.Grant("console", "get-console", standard.CONSOLE.own),),
)
BINDINGS = wit.Bindings(
    package="case:grants-only@0.1.0",
    interface="schema",
    grants=(TOOL_GRANTS,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xD681C1FB79589CF1),
)
