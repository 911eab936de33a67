"""Whose turn it is."""

from __future__ import annotations

import asyncio
from collections import deque


class Turn:
    """One at a time, first come, first served. To take one that is free needs no `await`."""

    __slots__ = ("_taken", "_waiting")

    def __init__(self) -> None:
        """Begin with the turn free."""
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def taken(self) -> bool:
        """Whether somebody has the turn."""
        return self._taken

    def take(self) -> bool:
        """Take the turn if it is free; returns whether it was."""
        if self._taken:
            return False
        self._taken = True
        return True

    async def wait(self) -> None:
        """Take the turn once all who waited before have had it."""
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
        self._taken = False
