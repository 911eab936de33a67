"""When the arguments of a peer's calls are read: in the order of the calls, and not all at one time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable

SHARE: Final = 1 << 14
"""How many numbers of one peer are read, as `Allowance` counts them, until others have turns."""

BETWEEN: Final = 32
"""How many turns of the loop others have then: another peer's small call takes some ten."""


class Turns:
    """One peer's turns.

    Calls that have come together would all begin in one turn of the loop, and what bounds each of them does
    not bound them all.
    """

    __slots__ = ("_lock", "_read")

    def __init__(self) -> None:
        """Begin with a whole share."""
        self._lock = asyncio.Lock()
        self._read = 0

    def mine(self) -> Awaitable[object]:
        """Return what waits behind the calls that have come before."""
        return self._lock.acquire()

    def over(self, numbers: int) -> None:
        """Arguments have been read that hold so many numbers."""
        self._read += numbers
        if self._read < SHARE:
            self._lock.release()
        else:
            self._read = 0
            self._rest(BETWEEN)

    def _rest(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._rest, turns - 1)
        else:
            self._lock.release()
