"""Connections: a peer's capabilities for us, and ours for whoever connects.

```python
async with rpc.connect("127.0.0.1:9000", ledger=host.ledger) as connection:
    store = connection.bootstrap(StoreClient)
    ...

async with rpc.serve(StoreClient(MyStore()), "127.0.0.1:9000") as server:
    await server.closed()
```
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import capnp
from capwit.bridge.capability import Client
from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.ledger import Ledger
from capwit.bridge.peers import PeerAddress

from .dial import KEEPALIVE, TIMEOUT, Dial, protocol
from .message import DEEPEST, MOST_WORDS
from .tls import client_tls
from .vat import Vat

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from .served import Served

C = TypeVar("C", bound=Client)

_LIMITS: Final = {"traversal_limit_in_words": MOST_WORDS, "nesting_limit": DEEPEST}


class Connection:
    """A connection to a peer.

    Attributes:
        ledger: every reference to a peer's capability, and every one of ours that a peer holds.
    """

    def __init__(self, vat: Vat, system: Any, ledger: Ledger, stream: Any = None) -> None:
        """Speak by way of pycapnp's RPC system, over its stream."""
        self.ledger = ledger
        self._vat = vat
        self._system = system
        self._stream = stream

    @classmethod
    async def dialled(cls, dial: Dial, vat: Vat, ledger: Ledger) -> Connection:
        """Return a new connection to a peer. Raises `CapError`: there is none to be had."""
        stream = await dial.connect()
        return cls(vat, capnp.TwoPartyClient(stream, **_LIMITS), ledger, stream)

    def bootstrap(self, client: type[C]) -> C:
        """Return a client of the capability that the peer offers; it owns a reference: `close` it.

        Nobody asks the peer whether it is one: if it is not, calls fail as `unimplemented`.

        Raises:
            CapError: the connection is closed (`disconnected`).
        """
        try:
            capability = self._system.bootstrap()
        except RuntimeError:
            raise CapError(ErrorKind.DISCONNECTED, "the connection is closed") from None
        return remote(capability, client, ledger=self.ledger)

    async def closed(self) -> None:
        """Wait until the peer is gone."""
        with suppress(RuntimeError, capnp.KjException):  # it is closed on our side
            await self._system.on_disconnect()

    def close(self) -> None:
        """Close the connection: calls that wait fail as `disconnected`."""
        self._system.close()
        if self._stream is not None:
            self._stream.close()


class Server:
    """Serves one capability to all who connect.

    Attributes:
        ledger: every reference that a peer holds.
    """

    def __init__(self, vat: Vat, client: Client, ledger: Ledger) -> None:
        """Serve the capability behind a client."""
        self.ledger = ledger
        self._vat = vat
        self._client = client
        self._listening: asyncio.Server | None = None
        self._systems: dict[Any, Any] = {}  # with their streams
        self._watching: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The TCP port that it listens on."""
        assert self._listening is not None
        port: int = self._listening.sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        """How many peers are connected."""
        return len(self._systems)

    def _accept(self, stream: Any) -> None:
        served = self._vat.crossing(self.ledger).serve(self._client)
        system = capnp.TwoPartyServer(stream, bootstrap=served, **_LIMITS)
        self._systems[system] = stream
        watch = asyncio.ensure_future(self._watch(system))
        self._watching.add(watch)
        watch.add_done_callback(self._watching.discard)

    async def _watch(self, system: Any) -> None:
        try:
            with suppress(capnp.KjException, RuntimeError):
                await system.on_disconnect()
        finally:
            self._end(system)

    def _end(self, system: Any) -> None:
        stream = self._systems.pop(system, None)
        if stream is not None:
            system.close()
            stream.close()

    async def closed(self) -> None:
        """Wait until it is closed."""
        assert self._listening is not None
        await self._listening.wait_closed()

    async def _close(self) -> None:
        assert self._listening is not None
        self._listening.close()
        for watch in list(self._watching):
            watch.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        for system in list(self._systems):
            self._end(system)


@asynccontextmanager
async def connect(
    address: str,
    *,
    ledger: Ledger | None = None,
    tls: ssl.SSLContext | None = None,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - of the connecting, not of the scope
    keepalive: float = KEEPALIVE,
) -> AsyncIterator[Connection]:
    """Connect to a peer at `capnp://host:port`, `capnps://host:port` (TLS) or `unix:/path`, for a scope.

    `ledger` is where references are entered: a host's own, for capabilities that its guests are granted.
    `tls` is what `client_tls` returns. `timeout` is seconds that connecting may take; a peer that vanishes
    without a word counts as gone after `keepalive` seconds.

    Raises:
        ValueError: the address is none of these.
        CapError: nobody answers there, or not as whom it must be (`disconnected`).
    """
    place = PeerAddress.parse(address)
    dial = Dial(place, client_tls() if place.tls and tls is None else tls, timeout, keepalive)
    async with Vat.running() as vat:
        connection = await Connection.dialled(dial, vat, Ledger() if ledger is None else ledger)
        try:
            yield connection
        finally:
            connection.close()


@asynccontextmanager
async def serve(
    client: Client, address: str, *, ledger: Ledger | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """Offer a capability to all who connect to `host:port` or `unix:/path`, for a scope.

    `client` is one of any capability: `StoreClient(MyStore())`, a resource that a guest exports, one that
    lives elsewhere. Port 0 is any that is free: `Server.port` tells which. With `tls`, what `server_tls`
    returns, TCP is TLS.

    Raises:
        ValueError: the address is neither, or `capnps:` and there is no `tls`.
        OSError: it cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    place = PeerAddress.parse(address)
    if place.tls and tls is None:
        raise ValueError(f"{address!r} is TLS. Mend: tls=rpc.server_tls(certificate, key)")
    async with Vat.running() as vat:
        server = Server(vat, client, Ledger() if ledger is None else ledger)
        make = partial(protocol, server._accept)
        if place.socket:
            server._listening = await loop.create_unix_server(make, place.socket)
        else:
            server._listening = await loop.create_server(make, place.host, place.port, ssl=tls)
        try:
            yield server
        finally:
            await server._close()


def remote(capability: Any, client: type[C], *, ledger: Ledger | None = None) -> C:
    """Return a client of one of pycapnp's capabilities; it owns a reference: `close` it.

    For programs that have pycapnp connections of their own, inside of `capnp.kj_loop()`.
    """
    crossing = Vat.current().crossing(Ledger() if ledger is None else ledger)
    return crossing.adopt(capability, client)


def exported(client: Client, *, ledger: Ledger | None = None) -> Any:
    """Return pycapnp's client of a capability of ours: for a field of a message, or an argument.

    For programs that have pycapnp connections of their own, inside of `capnp.kj_loop()`.
    """
    return Vat.current().crossing(Ledger() if ledger is None else ledger).offer(client)


def server(client: Client, *, ledger: Ledger | None = None) -> Served:
    """Return pycapnp's server of a capability of ours: for `capnp.TwoPartyServer(stream, bootstrap=...)`.

    Over such a connection every failure is `failed` to a peer: pycapnp sends no kinds.
    """
    return Vat.current().crossing(Ledger() if ledger is None else ledger).serve(client)
