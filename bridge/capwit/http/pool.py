"""Instances for requests: a fresh one for each, or such as have answered others before."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.running import Running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

R = TypeVar("R", bound=Running)


class _Kept:
    """An instance, what ends with it, and how many requests it has answered."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.used = 0


class Pool(Generic[R]):
    """Instances of one program, each for one request at a time.

    By default each answers one request and ends: nothing of a request is there for the next one, and a
    guest that ends in the middle of one takes no other with it.
    """

    def __init__(
        self,
        start: Callable[[], AbstractAsyncContextManager[R]],
        *,
        concurrency: int = 100,
        waiting: int = 1000,
        reuse: int = 1,
    ) -> None:
        """Start instances by `start`, which end with its scopes.

        `concurrency` at most run at once, while `waiting` requests more wait. An instance answers up to
        `reuse` requests, one after the other; one that has failed answers no more.
        """
        self._start = start
        self._room = asyncio.Semaphore(concurrency)
        self._most_waiting = waiting
        self._waiting = 0
        self._reuse = reuse
        self._idle: list[tuple[R, _Kept]] = []
        self._closed = False

    @asynccontextmanager
    async def use(self) -> AsyncIterator[R]:
        """Give an instance for the length of one request, once there is room.

        Raises, when the scope is entered:
            CapError: `overloaded` where as many wait as may.
            EngineError: no instance can be started.
        """
        await self._enter()
        try:
            instance, kept = await self._next()
            again = False
            try:
                yield instance
                kept.used += 1
                again = kept.used < self._reuse and instance.ended is None and not self._closed
            finally:
                if again:
                    self._idle.append((instance, kept))
                else:
                    await kept.stack.aclose()
        finally:
            self._room.release()

    async def _enter(self) -> None:
        if self._waiting >= self._most_waiting and self._room.locked():
            raise CapError(ErrorKind.OVERLOADED, f"{self._waiting} requests wait already")
        self._waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._waiting -= 1

    async def _next(self) -> tuple[R, _Kept]:
        while self._idle:
            instance, kept = self._idle.pop()
            if instance.ended is None:
                return instance, kept
            await kept.stack.aclose()  # its process has died meanwhile
        return await self._begin()

    async def _begin(self) -> tuple[R, _Kept]:
        kept = _Kept()
        return await kept.stack.enter_async_context(self._start()), kept

    async def close(self) -> None:
        """End the instances that wait for further requests."""
        self._closed = True
        while self._idle:
            _, kept = self._idle.pop()
            await kept.stack.aclose()
