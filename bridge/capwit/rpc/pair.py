"""Both ends of a socket pair: a process and its child."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from capwit.bridge.capability import Client

from .connection import BOUNDS, Connection
from .gate import Gate
from .peer import Peer
from .vat import Vat

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable

    from capwit.bridge.binding import Method
    from capwit.bridge.errors import CapError, EngineError
    from capwit.bridge.ledger import Ledger

    Explain: TypeAlias = Callable[[Method[Any], CapError], Awaitable[EngineError]]

C = TypeVar("C", bound=Client)


@asynccontextmanager
async def child(
    end: socket.socket, client: type[C], *, name: str, ledger: Ledger, explain: Explain
) -> AsyncIterator[C]:
    """Give a client of what a child serves at the other end of a pair, for a scope, which closes the socket.

    The child is not believed: what it takes up is bounded. `name` is what the ledger calls it; `explain`
    returns what is behind the error of a call of what it has.
    """
    peer = Peer(name, BOUNDS)
    peer.explain = explain
    peer.guest = True
    async with Vat.running() as vat:
        connection = Connection(vat, await _gate(end), ledger, peer)
        try:
            async with connection.bootstrap(client) as there:
                yield there
        finally:
            connection.close()


@asynccontextmanager
async def parent(end: socket.socket, client: Client, *, ledger: Ledger) -> AsyncIterator[Connection]:
    """Offer a capability to the parent, which has the other end of a pair, for a scope.

    What the parent cancels is cancelled here: it does so for callers that may end a guest, and for no others.
    """
    async with Vat.running() as vat:
        vat.cancels = True
        connection = Connection(vat, await _gate(end), ledger, offered=client)
        try:
            yield connection
        finally:
            connection.close()


async def _gate(end: socket.socket) -> Gate:
    make = partial(Gate, BOUNDS.patience)
    _, gate = await asyncio.get_running_loop().create_unix_connection(make, sock=end)
    return gate
