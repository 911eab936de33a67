"""Connections: a peer's capabilities for us, and ours for it.

```python
async with rpc.connect("127.0.0.1:9000", ledger=host.ledger) as connection:
    store = connection.bootstrap(StoreClient)
    ...
```
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import capnp
from capwit.bridge.capability import Client
from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.ledger import Ledger
from capwit.bridge.peers import PeerAddress

from .crossing import PEER
from .dial import KEEPALIVE, TIMEOUT, Dial
from .message import DEEPEST
from .peer import Bounds, Peer
from .served import Server
from .tls import client_tls
from .vat import Vat

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from .gate import Gate

C = TypeVar("C", bound=Client)

BOUNDS: Final = Bounds()
"""What a peer may take up that we have connected to, or a child."""


class Connection:
    """A connection to a peer.

    Attributes:
        ledger: every reference to the peer's capabilities, and every one of ours that it holds.
    """

    def __init__(
        self,
        vat: Vat,
        gate: Gate,
        ledger: Ledger,
        peer: Peer | None = None,
        *,
        offered: Client | None = None,
        longest: int = BOUNDS.message,
    ) -> None:
        """Speak through a gate, to a peer that is offered something, or that offers something itself.

        What it takes up is bounded where a `peer` is given; a message of it has as many bytes as `longest`.
        """
        self.ledger = ledger
        self._vat = vat
        self._peer = peer
        self._stream = gate.open()
        limits = {"traversal_limit_in_words": longest // 8, "nesting_limit": DEEPEST}
        if offered is None:
            self._system = capnp.TwoPartyClient(self._stream, **limits)
        else:
            served = Server(vat.crossing(ledger, peer).serve(offered))
            self._system = capnp.TwoPartyServer(self._stream, bootstrap=served, **limits)

    @classmethod
    async def dialled(cls, dial: Dial, vat: Vat, ledger: Ledger) -> Connection:
        """Return a new connection to a peer. Raises `CapError`: there is none to be had."""
        return cls(vat, await dial.connect(), ledger, Peer(PEER, BOUNDS))

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
        return self._vat.crossing(self.ledger, self._peer).adopt(capability, client)

    async def closed(self) -> None:
        """Wait until the peer is gone."""
        with suppress(capnp.KjException, RuntimeError):  # it is closed on our side
            await self._system.on_disconnect()

    def close(self) -> None:
        """Close the connection: calls that wait fail as `disconnected`."""
        self._system.close()
        self._stream.close()
        if self._peer is not None:
            self._peer.gone()


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


def server(client: Client, *, ledger: Ledger | None = None) -> Server:
    """Return pycapnp's server of a capability of ours: for `capnp.TwoPartyServer(stream, bootstrap=...)`.

    Over such a connection every failure is `failed` to a peer: pycapnp sends no kinds.
    """
    return Server(Vat.current().crossing(Ledger() if ledger is None else ledger).serve(client))
