"""Both ends of a socket pair: a process and its child."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import capnp

from .connection import _LIMITS, Connection, _protocol
from .vat import Vat

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

    from capwit.bridge.capability import Client
    from capwit.bridge.ledger import Ledger


@asynccontextmanager
async def connected(end: socket.socket, *, ledger: Ledger) -> AsyncIterator[Connection]:
    """Speak with whoever serves the other end of a pair, for a scope, which closes the socket."""
    async with Vat.running() as vat:
        stream = await _stream(end)
        connection = Connection(vat, capnp.TwoPartyClient(stream, **_LIMITS), ledger)
        try:
            yield connection
        finally:
            connection.close()
            stream.close()


@asynccontextmanager
async def serving(end: socket.socket, client: Client, *, ledger: Ledger) -> AsyncIterator[Connection]:
    """Offer a capability to whoever has the other end of a pair, for a scope, which closes the socket."""
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
    streams: list[Any] = []
    await asyncio.get_running_loop().create_unix_connection(partial(_protocol, streams.append), sock=end)
    [stream] = streams
    return stream
