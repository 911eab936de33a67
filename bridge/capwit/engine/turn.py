"""Whose turn it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds until a call that waits looks whether it does so in vain, and at most between two looks.
_FIRST_LOOK: Final = 0.05
_LAST_LOOK: Final = 5.0


class Turn:
    """One at a time, first come, first served.

    While `taken` is false, a caller may set it and go on; else it waits. Either way it gives the turn.
    """

    __slots__ = ("_waiting", "taken")

    def __init__(self) -> None:
        """Begin with the turn free."""
        self.taken = False
        self._waiting: dict[asyncio.Future[None], asyncio.Task[Any] | None] = {}  # in the order they came

    async def wait(self, in_vain: Callable[[], BaseException | None] | None = None) -> None:
        """Take the turn once all who came before have had it.

        `in_vain` is asked now and then why to wait no longer, first before waiting at all.
        """
        if not self.taken:
            self.taken = True
            return
        if in_vain is not None and (error := in_vain()):
            raise error
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = asyncio.current_task()
        try:
            if in_vain is None:
                await waiter
            else:
                await self._wait(waiter, in_vain)
        except BaseException:
            self._waiting.pop(waiter, None)
            if not waiter.cancel() and not waiter.cancelled():
                self.give()  # it came in the very moment in which it was no longer wanted
            raise

    async def _wait(self, waiter: asyncio.Future[None], in_vain: Callable[[], BaseException | None]) -> None:
        pause = _FIRST_LOOK
        while not (await asyncio.wait([waiter], timeout=pause))[0]:
            if error := in_vain():
                raise error
            pause = min(pause * 2, _LAST_LOOK)

    def queue(self) -> list[asyncio.Task[Any]]:
        """Return those who wait."""
        return [task for task in self._waiting.values() if task is not None]

    def give(self) -> None:
        """Pass the turn on, or leave it free."""
        while self._waiting:
            waiter = next(iter(self._waiting))
            del self._waiting[waiter]
            if not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_result(None)
                return
        self.taken = False
