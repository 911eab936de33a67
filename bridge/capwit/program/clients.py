"""Instances for clients that are connected: each its own, or some for all."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from capwit.bridge.capability import Client
    from capwit.rpc import Peer

    from .assemble import AnyInstance


class OwnInstances:
    """An instance for each client, with the resource that it exports: both end with the connection.

    Where the instance ends before, the client is let go.
    """

    def __init__(
        self, start: Callable[[Peer], AbstractAsyncContextManager[AnyInstance]], client: type[Client]
    ) -> None:
        """Start an instance for a client by `start`, and export the interface of a `client` class of it."""
        self._start = start
        self._client = client

    @asynccontextmanager
    async def open(self, peer: Peer) -> AsyncIterator[Client]:
        """Give a client its own, for as long as it is connected."""
        async with self._start(peer) as instance:
            instance.when_ended(peer.leave)
            async with await instance.export(self._client) as exported:
                yield exported


class SharedInstances:
    """A few instances for all clients, each with one resource that it exports.

    A client has the one that fewest others have, for as long as it is connected. Where an instance ends, its
    clients are let go, and the next client begins another one.
    """

    def __init__(
        self,
        start: Callable[[], AbstractAsyncContextManager[AnyInstance]],
        client: type[Client],
        size: int = 1,
    ) -> None:
        """Start `size` instances by `start`, and export the interface of a `client` class of each."""
        self._start = start
        self._client = client
        self._slots: list[_Shared | None] = [None] * size
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Start all of them.

        Raises:
            EngineError: one cannot be started.
        """
        try:
            for number in range(len(self._slots)):
                await self._fill(number)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End them."""
        await self._close()

    @asynccontextmanager
    async def open(self, peer: Peer) -> AsyncIterator[Client]:
        """Give a client what one of the instances exports, for as long as it is connected."""
        async with self._lock:
            number = min(range(len(self._slots)), key=self._users)
            shared = await self._fill(number)
            shared.peers.add(peer)
        try:
            yield shared.exported
        finally:
            shared.peers.discard(peer)

    def _users(self, number: int) -> int:
        shared = self._slots[number]
        return 0 if shared is None or shared.instance.ended is not None else len(shared.peers)

    async def _fill(self, number: int) -> _Shared:
        """Return the instance of a number, or another one in its place if it has ended."""
        shared = self._slots[number]
        if shared is not None and shared.instance.ended is None:
            return shared
        self._slots[number] = None
        if shared is not None:
            await shared.stack.aclose()
        async with AsyncExitStack() as stack:
            instance = await stack.enter_async_context(self._start())
            exported = await stack.enter_async_context(await instance.export(self._client))
            shared = self._slots[number] = _Shared(instance, exported, stack.pop_all())
        instance.when_ended(shared.let_go)
        return shared

    async def _close(self) -> None:
        slots, self._slots = self._slots, []
        async with AsyncExitStack() as stack:
            for shared in slots:
                if shared is not None:
                    stack.push_async_callback(shared.stack.aclose)


class _Shared:
    """An instance, what it exports, and who has that."""

    def __init__(self, instance: AnyInstance, exported: Client, stack: AsyncExitStack) -> None:
        self.instance = instance
        self.exported = exported
        self.stack = stack
        self.peers: set[Peer] = set()

    def let_go(self) -> None:
        for peer in self.peers:
            peer.leave()
