"""A store's fuel: how much is left, and where more comes from before it is used up."""

from __future__ import annotations

import ctypes
import logging
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from . import abi
from .limits import FUEL_SLICE, MOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# Is asked for an amount, and answers how much of it there is.
Refuel: TypeAlias = "Callable[[int], int | Awaitable[int]]"

_log = logging.getLogger("capwit.engine")

# A guest yields once in each slice, and can be given more only then: two slices always get it there.
_LOW: Final = 2 * FUEL_SLICE
_PORTION: Final = 50 * FUEL_SLICE  # asked for at a time: some 50 ms of wasm


class Fuel:
    """What one store runs on."""

    def __init__(self, context: int, limit: int | None) -> None:
        """Stand for the fuel of a store, by the address of its context."""
        self.limit = limit
        self.taken = 0  # on top of the limit
        self._context = context
        self._spared: int | None = None  # what was left when the store was freed
        self._more: Refuel | None = None
        self.tops_up = False  # whether more can be asked for

    def draw_from(self, more: Refuel) -> None:
        """Ask for more, from now on, whenever it runs low."""
        if self.limit is not None:
            self._more, self.tops_up = more, True

    @property
    def left(self) -> int:
        """How much is left, or was when the store was freed."""
        if self._spared is not None:
            return self._spared
        left = ctypes.c_uint64()
        abi.get_fuel(self._context, ctypes.addressof(left))
        return left.value

    @property
    def low(self) -> bool:
        """Whether there is so little left that more should be asked for."""
        return self.left < _LOW

    def over(self) -> None:
        """The store is about to be freed."""
        self._spared = 0 if self.limit is None else self.left

    async def top_up(self) -> None:
        """Ask for more, between two polls. Where there is none, the guest goes on with what it has."""
        assert self._more is not None
        try:
            answer: Any = self._more(_PORTION)
            if hasattr(answer, "__await__"):
                answer = await answer
        except Exception as error:  # whatever it is: without fuel the guest is told that it has none
            _log.warning("no more fuel: %s", error)
            self._more, self.tops_up = None, False
            return
        granted = max(0, min(int(answer), _PORTION))
        self.taken += granted
        if granted:
            abi.set_fuel(self._context, min(self.left + granted, MOST))
