"""Host bindings for `capwit:cue@0.1.0`.

What `capwit run app.cue` gives its evaluator of CUE: the sources, and nothing else.

Written by `capwit generate` from evaluator.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit
from capwit.caps import store

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CueGrants(wit.Grants):
    """What the evaluator holds."""

    source: store.ScriptPackage
    """The file to evaluate, and those beside it that are of its package."""


# The bridge's tables: WIT names and types.
CUE_GRANTS = wit.GrantsInterface(
    CueGrants,
    "capwit:cue/cue-grants@0.1.0",
    (wit.Grant("source", "get-source", store.SCRIPT_PACKAGE.own),),
)
BINDINGS = wit.Bindings(
    package="capwit:cue@0.1.0",
    interface="evaluator",
    grants=(CUE_GRANTS,),
    schema=wit.SchemaFile(__name__, "evaluator.bridge.json", 0xD2F0A1B6C4E87931),
)
