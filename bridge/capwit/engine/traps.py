"""wasmtime's words for how a guest ended, turned into typed errors."""

from __future__ import annotations

import re
from typing import Final

from .errors import InstanceEnded, Limit, LimitExceeded, Trap

_LEAD: Final = re.compile(r"^\s*(\d+: )?(wasm trap: )?")

# What wasmtime says, the limit it is about, and what the user may do.
_LIMITS: Final = (
    ("all fuel consumed", Limit.FUEL, "the guest used up its fuel. Mend: give the instance more `fuel`"),
    (
        "memory minimum size",
        Limit.MEMORY,
        "the guest needs more memory than its limit to start. Mend: raise `memory`",
    ),
    (
        "memory count too high",
        Limit.MEMORY,
        "the guest has more memories than its limit. Mend: raise `memories`",
    ),
    ("table minimum size", Limit.TABLE, "the guest's tables are larger than its limit. Mend: raise `table`"),
    ("table count too high", Limit.TABLE, "the guest has more tables than its limit. Mend: raise `tables`"),
    (
        "too much data",
        Limit.ARGUMENTS,
        "one call carried more data than wasmtime lets cross at once. Mend: pass it in parts",
    ),
)


def explain_trap(label: str, message: str) -> InstanceEnded:
    """Return the typed error of a wasmtime error message."""
    # What stands before the last "Caused by" has the guest's own words in it: its functions' names.
    cause = message.rpartition("Caused by:\n")[2]
    for words, limit, explanation in _LIMITS:
        if words in cause:
            return LimitExceeded(limit, f"{label}: {explanation}")
    reason = cause.strip().rpartition("\n")[2]
    return Trap(label, _LEAD.sub("", reason), message)
