"""A capability for all who connect, each with its own: what it takes up is bounded, and ends with it.

```python
listening = Listening(PeerAddress.parse("127.0.0.1:9000"))
async with Service(RunnerClient, open, listening, ledger=ledger) as service:
    await stop.wait()
    await service.drain(10.0)
```
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, TypeAlias

from capwit.bridge.door import Door
from capwit.bridge.errors import CapError, EngineError
from capwit.bridge.ledger import Ledger
from capwit.bridge.peers import PeerAddress
from capwit.bridge.serve import as_cap_error
from capwit.bridge.target import Gone

from .connection import Connection
from .gate import Gate
from .keepalive import settle
from .listening import Listening
from .peer import Bounds, Load, Peer
from .schema import Schemas
from .vat import Vat

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from capwit.bridge.binding import Method
    from capwit.bridge.capability import Client

    # Gives a client its capability, for as long as it is connected.
    Open: TypeAlias = Callable[[Peer], AbstractAsyncContextManager[Client]]

_HANDSHAKE: Final = 10.0  # seconds for TLS
_GONE: Final = 120.0  # seconds until a client counts as gone whose machine is
_log = logging.getLogger("capwit.rpc")


class Service:
    """Serves whoever connects, each by a capability that is opened for it.

    Attributes:
        ledger: every reference that a client holds.
        bounds: what clients may take up.
        served: how many clients there have been that sent a message.
        refused: how many were cut because there were too many.
    """

    def __init__(
        self,
        client: type[Client],
        open: Open,
        listening: Listening,
        *,
        ledger: Ledger,
        bounds: Bounds | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Serve what `open` gives, a capability of the class `client`, to all who connect."""
        self.ledger = ledger
        self.bounds = Bounds() if bounds is None else bounds
        self.served = 0
        self.refused = 0
        self._client = client
        self._open = open
        self._listening = listening
        self._tls = tls
        self._load = Load(self.bounds.all_calls)
        self._peers: dict[asyncio.Task[None], Peer | None] = {}
        self._doors: list[Door] = []
        self._closed = asyncio.Event()
        self._stack = AsyncExitStack()
        self._vat: Vat | None = None

    async def __aenter__(self) -> Self:
        """Begin to take clients.

        Raises:
            LoadError: the bridge file of what is served is missing, or is another module's.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self._listening.close)
            Schemas.of_interface(self._client.interface)  # else each client would find out
            self._vat = await stack.enter_async_context(Vat.running())
            stack.push_async_callback(self._end)
            self._doors = [Door(each, self._accept) for each in self._listening.sockets]
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cut all who are connected, and end what was opened for them."""
        await self._stack.aclose()

    @property
    def address(self) -> str:
        """Where it listens: `127.0.0.1:9000` or `unix:/path`."""
        return self._listening.address.plain

    @property
    def port(self) -> int:
        """The TCP port that it listens at."""
        return self._listening.address.port

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._peers)

    @property
    def calls(self) -> int:
        """How many calls are under way, with those whose callers have gone."""
        return self._load.calls

    async def closed(self) -> None:
        """Wait until it takes nobody any more."""
        await self._closed.wait()

    async def drain(self, grace: float) -> None:
        """Take no more clients, and let go those that are: each once none of its calls is under way.

        Those that have one after `grace` seconds are cut.
        """
        self._take_no_more()
        for peer in self._peers.values():
            if peer is not None:
                peer.leave()
        if self._peers:
            await asyncio.wait(self._peers, timeout=grace)
        await self._cut()

    def _take_no_more(self) -> None:
        self._closed.set()
        for door in self._doors:
            door.shut()

    async def _cut(self) -> None:
        tasks = list(self._peers)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _end(self) -> None:
        self._take_no_more()
        await self._cut()

    # -- One client --

    def _accept(self, connection: socket.socket) -> None:
        if len(self._peers) >= self.bounds.clients:
            self.refused += 1
            connection.close()
            return
        task = asyncio.ensure_future(self._serve(connection))
        self._peers[task] = None
        task.add_done_callback(partial(self._gone, connection))

    def _gone(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        del self._peers[task]
        connection.close()  # also of one that was cut before it was looked at
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a client could not be served", exc_info=error)

    async def _serve(self, connection: socket.socket) -> None:
        task = asyncio.current_task()
        assert task is not None
        gate = await self._gate(connection)
        if gate is None:
            return
        told = "a client"
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(gate.began.wait(), self.bounds.patience)
            if not gate.began.is_set() or gate.lost.is_set():
                return
            peer = self._peers[task] = self._peer(gate)
            told = peer.name
            self.served += 1
            async with AsyncExitStack() as stack:
                client = await self._opened(peer, stack)
                await self._speak(gate, peer, client)
        finally:
            gate.cut()
            if gate.why:
                _log.warning("%s was cut: %s", told, gate.why)

    async def _gate(self, connection: socket.socket) -> Gate | None:
        """Return a connection's gate, or None if it ends before it is one: no TLS, or not in time."""
        made: dict[str, Any] = {"ssl": self._tls}
        if self._tls is not None:
            made |= {"ssl_handshake_timeout": _HANDSHAKE, "ssl_shutdown_timeout": _HANDSHAKE}
        connect = asyncio.get_running_loop().connect_accepted_socket
        try:
            settle(connection, _GONE)
            _, gate = await connect(partial(Gate, self.bounds.patience), connection, **made)
        except OSError:
            return None
        return gate

    def _peer(self, gate: Gate) -> Peer:
        place = gate.about("peername")
        address = f"{place[0]}:{place[1]}" if isinstance(place, tuple) else ""
        tls = gate.about("ssl_object")
        shown = {} if tls is None else tls.getpeercert() or {}
        return Peer(self.ledger.name_holder("client"), self.bounds, self._load, address, shown)

    async def _opened(self, peer: Peer, stack: AsyncExitStack) -> Client:
        """Return what a client is given; where that fails, what tells it so."""
        try:
            return await stack.enter_async_context(self._open(peer))
        except (CapError, EngineError) as error:
            _log.warning("%s: nothing could be opened for it: %s", peer.name, error)
            return self._client._of(_Refused(as_cap_error(str(self._client.interface), error)))

    async def _speak(self, gate: Gate, peer: Peer, client: Client) -> None:
        assert self._vat is not None
        connection = Connection(
            self._vat, gate, self.ledger, peer, offered=client, longest=self.bounds.message
        )
        ends = [
            asyncio.ensure_future(each) for each in (connection.closed(), gate.lost.wait(), _left(gate, peer))
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ends:
                each.cancel()
            connection.close()


@asynccontextmanager
async def serve(
    client: Client,
    address: str,
    *,
    ledger: Ledger | None = None,
    tls: ssl.SSLContext | None = None,
    bounds: Bounds | None = None,
) -> AsyncIterator[Service]:
    """Offer one capability to all who connect to `host:port` or `unix:/path`, for a scope.

    `client` is one of any capability: `StoreClient(MyStore())`, a resource that a guest exports, one that
    lives elsewhere. Port 0 is any that is free: `port` tells which. With `tls`, what `server_tls`
    returns, TCP is TLS. `bounds` are what clients may take up.

    Raises:
        ValueError: the address is neither, or `capnps:` and there is no `tls`.
        OSError: it cannot be listened on.
    """
    place = PeerAddress.parse(address)
    if place.tls and tls is None:
        raise ValueError(f"{address!r} is TLS. Mend: tls=rpc.server_tls(certificate, key)")
    entered = Ledger() if ledger is None else ledger
    offering = Service(
        type(client),
        lambda peer: nullcontext(client),
        Listening(place),
        ledger=entered,
        bounds=bounds,
        tls=tls,
    )
    async with offering:
        yield offering


class _Refused(Gone):
    """What a client is given for which nothing could be opened: each call says why."""

    def __init__(self, error: CapError) -> None:
        super().__init__(error.reason)
        self._error = error

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> NoReturn:
        raise self._error


async def _left(gate: Gate, peer: Peer) -> None:
    """Return once a client may go: none of its calls is under way, and all is answered."""
    await peer.left.wait()
    while True:
        # What a call has returned goes through several tasks until it is sent.
        for _ in range(20):
            await asyncio.sleep(0)
        if not peer.load.calls and gate.flushed:
            return
        await asyncio.sleep(0.01)
