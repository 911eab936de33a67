"""wasmtime's words for how a guest ended, turned into typed errors."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from .errors import InstanceEnded, Limit, LimitExceeded, Trap

if TYPE_CHECKING:
    from .limits import StoreLimits

_LEAD: Final = re.compile(r"^\s*(\d+: )?(wasm trap: )?")

# What wasmtime says, the limit it is about, and what the user may do; in terms of the store's own limits.
_LIMITS: Final = (
    (
        "all fuel consumed",
        Limit.FUEL,
        "the guest used up its fuel, all of its {fuel}. Mend: give the instance more `fuel`",
    ),
    (
        "memory minimum size",
        Limit.MEMORY,
        "the guest needs more memory to start than its limit of {memory} bytes. Mend: raise `memory`",
    ),
    (
        "memory count too high",
        Limit.MEMORY,
        "the guest has more memories than its limit of {memories}. Mend: raise `memories`",
    ),
    (
        "table minimum size",
        Limit.TABLE,
        "the guest's tables have more elements than its limit of {table}. Mend: raise `table`",
    ),
    (
        "table count too high",
        Limit.TABLE,
        "the guest has more tables than its limit of {tables}. Mend: raise `tables`",
    ),
    (
        "instance count too high",
        Limit.INSTANCES,
        "the guest is made of more core instances than its limit of {instances}. Mend: raise `instances`",
    ),
    (
        "too much data",
        Limit.ARGUMENTS,
        "one call carried more data than wasmtime lets cross at once. Mend: pass it in parts",
    ),
)


def explain_trap(label: str, message: str, limits: StoreLimits, taken: int = 0) -> InstanceEnded:
    """Return the typed error of a wasmtime error message; `taken` is fuel that came on top of the limit."""
    # What stands before the last "Caused by" has the guest's own words in it: its functions' names.
    cause = message.rpartition("Caused by:\n")[2]
    for words, limit, explanation in _LIMITS:
        if words in cause:
            numbers = {each.name: getattr(limits, each.name) for each in fields(limits)}
            numbers["fuel"] = (limits.fuel or 0) + taken
            return LimitExceeded(limit, f"{label}: {explanation.format(**numbers)}")
    reason = cause.strip().rpartition("\n")[2]
    return Trap(label, _LEAD.sub("", reason), message)
