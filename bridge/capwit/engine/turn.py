"""Whose turn it is."""

from __future__ import annotations

import asyncio
from collections import deque


class Turn:
    """One at a time, first come, first served.

    While `taken` is false, a caller may set it and go on; else it waits. Either way it gives the turn.
    """

    __slots__ = ("_waiting", "taken")

    def __init__(self) -> None:
        """Begin with the turn free."""
        self.taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Take the turn once all who came before have had it."""
        if not self.taken:
            self.taken = True
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.give()  # it came in the very moment in which it was no longer wanted
            raise

    def give(self) -> None:
        """Pass the turn on, or leave it free."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_result(None)
                return
        self.taken = False
