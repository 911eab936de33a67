"""The limits of a store, put on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import abi
from .forwarder import INSTANCES, MEMORIES
from .limits import FUEL_SLICE

if TYPE_CHECKING:
    from .limits import StoreLimits

_NO_FUEL_LIMIT: Final = 2**63


def apply_limits(limits: StoreLimits, store: int, context: int) -> None:
    """Put limits on an empty store.

    wasmtime bounds each memory by itself, so the budget is shared out evenly over as many
    memories as the instance may have: their sum never passes it.
    """
    memories, instances = (
        limits.memories + limits.lanes * MEMORIES,
        limits.instances + limits.lanes * INSTANCES,
    )
    abi.store_limiter(
        store, limits.memory // limits.memories, limits.table, instances, limits.tables, memories
    )
    abi.set_fuel(context, _NO_FUEL_LIMIT if limits.fuel is None else limits.fuel)
    error = abi.fuel_yield(context, FUEL_SLICE)
    if error:
        raise RuntimeError(abi.take_error(error))
    # Without both, a yield by fuel ends in the trap "interrupt".
    abi.set_epoch_deadline(context, 1)
    abi.epoch_yield(context, 1)
