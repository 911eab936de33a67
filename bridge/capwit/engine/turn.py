"""Whose turn it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    InVain: TypeAlias = Callable[[], BaseException | None]

# Seconds until it is looked whether calls wait in vain, and at most between two looks.
_FIRST_LOOK: Final = 0.02
_LAST_LOOK: Final = 5.0


class Turn:
    """One at a time, first come, first served.

    While `taken` is false, a caller may set it and go on; else it waits. Either way it gives the turn.
    """

    __slots__ = ("_given", "_slow", "_timer", "_waiting", "taken")

    def __init__(self) -> None:
        """Begin with the turn free."""
        self.taken = False
        self._given = 0  # how often
        self._slow = False  # whether it was the same one's at two looks
        self._timer: asyncio.TimerHandle | None = None
        # In the order they came: who waits, and what says why it does so in vain.
        self._waiting: dict[asyncio.Future[None], tuple[asyncio.Task[Any] | None, InVain | None]] = {}

    async def wait(self, in_vain: InVain | None = None) -> None:
        """Take the turn once all who came before have had it.

        `in_vain` is asked now and then why to wait no longer, as long as nobody else has had the turn since.
        """
        if not self.taken:
            self.taken = True
            return
        if self._slow and in_vain is not None and (error := in_vain()):
            raise error
        loop = asyncio.get_running_loop()
        if (
            not self._waiting or next(iter(self._waiting)).get_loop() is not loop
        ):  # one that has closed meanwhile
            self._look_after(_FIRST_LOOK, loop)
        waiter = loop.create_future()
        self._waiting[waiter] = asyncio.current_task(), in_vain
        try:
            await waiter
        except BaseException:
            given = self._waiting.pop(waiter, None) is None and waiter.done() and not waiter.cancelled()
            if given and waiter.exception() is None:
                self.give()  # it came in the very moment in which it was no longer wanted
            raise

    def _look_after(self, pause: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(pause, self._look, self._given, pause, loop)

    def _look(self, given: int, pause: float, loop: asyncio.AbstractEventLoop) -> None:
        """Let those go who wait in vain. This costs something: only if nobody has had the turn."""
        self._slow = self._given == given
        if self._slow:
            for waiter, (_, in_vain) in [*self._waiting.items()]:
                if in_vain is not None and _waits(waiter) and (error := in_vain()):
                    del self._waiting[waiter]
                    waiter.set_exception(error)
        if self._waiting:
            self._look_after(min(pause * 2, _LAST_LOOK) if self._slow else _FIRST_LOOK, loop)

    def queue(self) -> list[asyncio.Task[Any]]:
        """Return those who wait."""
        return [task for task, _ in self._waiting.values() if task is not None]

    def give(self) -> None:
        """Pass the turn on, or leave it free."""
        self._given += 1
        self._slow = False
        while self._waiting:
            waiter = next(iter(self._waiting))
            del self._waiting[waiter]
            if _waits(waiter):
                waiter.set_result(None)
                return
        self.taken = False


def _waits(waiter: asyncio.Future[None]) -> bool:
    return not waiter.done() and not waiter.get_loop().is_closed()
