"""wasmtime's words for how a guest ended, turned into typed errors."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from .errors import InstanceEnded, Limit, LimitExceeded, Trap
from .forwarder import INSTANCES, MEMORIES, MOST_PAGES, NO_ROOM

if TYPE_CHECKING:
    from .limits import StoreLimits

_LEAD: Final = re.compile(r"^\s*(\d+: )?(wasm trap: )?")

# What wasmtime says, with what the guest would have used; the limit it is about; and what the user may do, in
# terms of that and of the store's own limits.
_LIMITS: Final = (
    (
        re.compile("all fuel consumed"),
        Limit.FUEL,
        "the guest used up its fuel, all of its {fuel}. Mend: give the instance more `fuel`",
    ),
    (
        re.compile(r"memory minimum size of (?P<used>\d+) pages"),
        Limit.MEMORY,
        (
            "the guest needs {used} pages of 64 KiB to start: its limit is {memory} bytes, "
            "shared by {memories} memories. Mend: raise `memory`"
        ),
    ),
    (
        re.compile(r"memory count too high at (?P<memory_count>\d+)"),
        Limit.MEMORY,
        "the guest has {memory_count} memories, more than its limit of {memories}. Mend: raise `memories`",
    ),
    (
        re.compile(r"table minimum size of (?P<used>\d+) elements"),
        Limit.TABLE,
        "the guest's table has {used} elements, more than its limit of {table}. Mend: raise `table`",
    ),
    (
        re.compile(r"table count too high at (?P<used>\d+)"),
        Limit.TABLE,
        "the guest has {used} tables, more than its limit of {tables}. Mend: raise `tables`",
    ),
    (
        re.compile(r"instance count too high at (?P<instance_count>\d+)"),
        Limit.INSTANCES,
        (
            "the guest is made of {instance_count} core instances: its limit is {instances}. "
            "Mend: raise `instances`"
        ),
    ),
    (
        re.compile(r"maximum concurrent limit of (?P<used>\d+) for (?P<what>[a-z0-9 ]+) reached"),
        Limit.INSTANCES,
        (
            "the host's pool is full: it has room for {used} ({what}). "
            "Mend: end some instances, or give the host a larger `max_instances`"
        ),
    ),
    (
        re.compile("Cannot allocate memory"),
        Limit.INSTANCES,
        (
            "the process has no more addresses (each memory takes 4 GiB, also those of the byte lane), or as "
            "many memory mappings as the kernel lets it have. Mend: end some instances, do without the lane "
            "(`Host(lane=False)`), or raise vm.max_map_count (sysctl)"
        ),
    ),
    (
        re.compile("too much data"),
        Limit.ARGUMENTS,
        "one call carried more data than wasmtime lets cross at once. Mend: pass it in parts",
    ),
)


# How many of what is counted each component that carries a guest's bytes has, on top of the guest's own.
_CARRIERS: Final = {"memory_count": MEMORIES, "instance_count": INSTANCES}


def explain_trap(label: str, message: str, limits: StoreLimits, taken: int = 0) -> InstanceEnded:
    """Return the typed error of a wasmtime error message; `taken` is fuel that came on top of the limit."""
    # What stands before the last "Caused by" has the guest's own words in it: its functions' names.
    cause = message.rpartition("Caused by:\n")[2]
    for said, limit, explanation in _LIMITS:
        if found := said.search(cause):
            numbers = {each.name: getattr(limits, each.name) for each in fields(limits)} | found.groupdict()
            numbers["fuel"] = (limits.fuel or 0) + taken
            for name in numbers.keys() & _CARRIERS.keys():
                numbers[name] = int(numbers[name]) - limits.lanes * _CARRIERS[name]
            return LimitExceeded(limit, f"{label}: {explanation.format(**numbers)}")
    if (
        limits.lanes and NO_ROOM in message
    ):  # if it is one of the guest's own that has this name, the guest is worse off
        most = min(MOST_PAGES << 16, limits.memory // limits.memories)
        return LimitExceeded(
            Limit.ARGUMENTS,
            f"{label}: one call carried more bytes than the {most} that may cross at once: as many as the "
            f"guest's `memory`, and at most {MOST_PAGES >> 4} MiB. Mend: pass it in parts",
        )
    reason = cause.strip().rpartition("\n")[2]
    return Trap(label, _LEAD.sub("", reason), message)
