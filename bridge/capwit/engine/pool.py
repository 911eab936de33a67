"""Room for many instances, reserved beforehand: memories, tables and stacks that are used again and again.

Without it each instance asks the kernel for its memory and its stack, and gives them back: about half of the
work that it begins and ends with. What is reserved is addresses; memory is taken as it is touched.
"""

from __future__ import annotations

import logging
import mmap
from dataclasses import dataclass
from typing import Final

from . import abi
from .mappings import most_mappings

_log = logging.getLogger("capwit.engine")

_MEMORY: Final = (
    2**32
)  # bytes of a memory: as many as wasm can address, so that no guest has less for the pool
_GUARD: Final = 2**25  # what wasmtime leaves free behind each
_STACK: Final = 2**21 + 4096
_TABLE: Final = 1_000_000  # elements of a table
_TABLES: Final = 8  # for each instance, as `Limits` has it by default: else one could take another's place
_POINTER: Final = 8
_PARTS: Final = (
    10_000  # core instances, memories and tables that a component may have: no bound of the pool's
)
_LARGEST: Final = 2**26  # bytes that wasmtime keeps for an instance itself: no bound either
_STACK_MAPS: Final = 2  # mappings: the stack and its guard
_MEMORY_MAPS: Final = 3  # the image that it begins with, what has been grown, and the rest

_NORESERVE: Final = 0x4000  # Linux's own; Python 3.11 has no name for it


@dataclass(frozen=True, slots=True)
class Pool:
    """Room for `instances`, of which each has one memory at most, or as many memories together."""

    instances: int

    def fits(self) -> bool:
        """Return whether this process may have so many addresses and mappings; the log has why not.

        wasmtime ends the process where it cannot have what it is told to reserve, so it is tried before.
        """
        most = most_mappings()
        if most is not None and self.instances * (_STACK_MAPS + _MEMORY_MAPS) > most:
            _log.warning(
                "no pool for %d instances: the kernel lets a process have %d mappings. "
                "Mend: raise vm.max_map_count (sysctl), or lower the host's `max_instances`",
                self.instances, most,
            )  # fmt: skip
            return False
        each = _MEMORY + _GUARD + _STACK + _TABLES * _TABLE * _POINTER
        size = self.instances * each + _GUARD
        try:
            mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE, prot=0).close()
        except OSError:
            _log.warning(
                "no pool for %d instances: the process may not have %d GiB of addresses. "
                "Mend: lower the host's `max_instances`, or raise its limit (ulimit -v)",
                self.instances, size >> 30,
            )  # fmt: skip
            return False
        return True

    def apply(self, config: int) -> None:
        """Put it into an engine's configuration."""
        pool = abi.pool_new()
        for name, value in {
            "total_component_instances": self.instances,
            "total_core_instances": 2**31 - 1,  # a number that wasmtime only counts up to
            "total_memories": self.instances,
            "total_tables": self.instances * _TABLES,
            "total_stacks": self.instances,
            "total_gc_heaps": self.instances,
            "max_core_instances_per_component": _PARTS,
            "max_memories_per_component": _PARTS,
            "max_memories_per_module": _PARTS,
            "max_tables_per_component": _PARTS,
            "max_tables_per_module": _PARTS,
        }.items():
            abi.pool_setter(name, abi.U32)(pool, value)
        for name, value in {
            "max_core_instance_size": _LARGEST,
            "max_component_instance_size": _LARGEST,
            "max_memory_size": _MEMORY,
            "table_elements": _TABLE,
        }.items():
            abi.pool_setter(name, abi.SIZE)(pool, value)
        abi.pool_use(config, pool)
        abi.pool_delete(pool)
