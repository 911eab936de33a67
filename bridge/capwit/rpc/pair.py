"""Both ends of a socket pair: a process and its child."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import capnp
from capwit.bridge.capability import Client

from .connection import _LIMITS, Connection
from .gate import Gate
from .peer import Bounds, Load, Peer
from .vat import Vat

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable

    from capwit.bridge.binding import Method
    from capwit.bridge.errors import CapError, EngineError
    from capwit.bridge.ledger import Ledger

    Explain: TypeAlias = Callable[[Method[Any], CapError], Awaitable[EngineError]]

C = TypeVar("C", bound=Client)

BOUNDS: Final = Bounds()
"""What a child may take up of its parent: calls that are under way, capabilities that it holds."""


@asynccontextmanager
async def child(
    end: socket.socket, client: type[C], *, name: str, ledger: Ledger, explain: Explain
) -> AsyncIterator[C]:
    """Give a client of what a child serves at the other end of a pair, for a scope, which closes the socket.

    The child is not believed: what it takes up is bounded. `name` is what the ledger calls it; `explain`
    returns what is behind the error of a call of what it has.
    """
    peer = Peer(name, "", {}, BOUNDS, Load(BOUNDS.calls))
    peer.explain = explain
    async with Vat.running() as vat:
        stream = await _stream(end)
        system = capnp.TwoPartyClient(stream, **_LIMITS)
        try:
            async with vat.crossing(ledger, peer).adopt(system.bootstrap(), client) as there:
                yield there
        finally:
            system.close()
            stream.close()
            peer.gone()


@asynccontextmanager
async def parent(end: socket.socket, client: Client, *, ledger: Ledger) -> AsyncIterator[Connection]:
    """Offer a capability to the parent, which has the other end of a pair, for a scope."""
    async with Vat.running() as vat:
        stream = await _stream(end)
        served = vat.crossing(ledger).serve(client)
        connection = Connection(vat, capnp.TwoPartyServer(stream, bootstrap=served, **_LIMITS), ledger)
        try:
            yield connection
        finally:
            connection.close()
            stream.close()


async def _stream(end: socket.socket) -> Any:
    make = partial(Gate, BOUNDS.patience)
    _, gate = await asyncio.get_running_loop().create_unix_connection(make, sock=end)
    return gate.open()
