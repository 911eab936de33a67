"""Lines to peers, which are connected to when they are needed, and again after they were lost.

```python
async with rpc.line("capnp://127.0.0.1:9000", ledger=host.ledger, reconnect=30) as line:
    async with await line.open(BucketClient, "store.open:accounts") as bucket: ...
```
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from capwit.bridge.capability import HOST, Client, OwnedCapability
from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.ledger import Event, Ledger
from capwit.bridge.peers import PeerAddress, Step, parse_steps
from capwit.engine.steps import forget

from .connection import Connection
from .dial import KEEPALIVE, TIMEOUT, Dial
from .probe import check_is
from .remote import OfPeer, Remote
from .steps import walk, way_to
from .tls import client_tls
from .vat import Vat

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from capwit.bridge.binding import Method

C = TypeVar("C", bound=Client)

_PAUSES: Final = (0.05, 0.1, 0.2, 0.5, 1.0)  # seconds between attempts; the last one for all that follow


class Line:
    """A line to a process, which is connected to when one of its capabilities is opened.

    Attributes:
        dial: how.
        ledger: every reference to the peer's capabilities, and every one of ours that it holds.
        reconnect: seconds that a call waits for a connection that was lost to be had again; 0: none is made.
    """

    def __init__(self, vat: Vat, dial: Dial, ledger: Ledger, reconnect: float = 0.0) -> None:
        """Connect to nothing yet."""
        self.dial = dial
        self.ledger = ledger
        self.reconnect = reconnect
        self.vat = vat
        self._connection: Connection | None = None
        self._connecting: asyncio.Task[Connection] | None = None
        self._watching: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def connection(self) -> Connection | None:
        """The connection that there is at the moment."""
        return self._connection

    async def open(self, client: type[C], steps: str | Sequence[Step] = ()) -> C:
        """Return a client of what the peer offers, or of what some steps lead to from there: `close` it.

        The peer is asked whether it is one. With `reconnect` the client is one of whatever is there at the
        time of a call; what was had through it over a connection that was lost stays `disconnected`.

        Raises:
            ValueError: a step is no method, or returns something else.
            CapError: the peer cannot be reached (`disconnected`), offers something else
                (`unimplemented`), or a step has failed.
        """
        way = parse_steps(steps) if isinstance(steps, str) else tuple(steps)
        methods = way_to(client.interface, way)
        found = await self.find(await self.connected(), client, methods, way)
        if not self.reconnect:
            return found
        standing = Standing(self, client, methods, way, found)
        owned = OwnedCapability(
            client, str(client.interface), standing, self.ledger, Event.KEEP, HOST, parent=_number(found)
        )
        return client.owning(owned)

    async def find(
        self, connection: Connection, client: type[C], methods: Sequence[Method[Any]], way: Sequence[Step]
    ) -> C:
        """Return a client of what some steps lead to over a connection; its peer has said that it is one.

        Raises:
            CapError: it is not to be had.
        """
        first = methods[0].interface.client if methods else client
        try:
            async with asyncio.timeout(self.dial.timeout):
                found = await walk(connection.bootstrap(first), methods, way)
                async with found:
                    if isinstance(found.target, Remote):
                        await check_is(found.target.capability, client.interface)
                    return found._as(client)
        except TimeoutError:
            raise self._error(ErrorKind.DISCONNECTED, f"no answer in {self.dial.timeout:g} s") from None
        except CapError as error:
            raise self._error(error.kind, error.reason) from None

    def _error(self, kind: ErrorKind, why: str) -> CapError:
        return CapError(kind, f"{self.dial.address}: {why}")

    async def connected(self) -> Connection:
        """Return the connection, which is made if there is none.

        Raises:
            CapError: there is none to be had.
        """
        if self._connection is not None:
            return self._connection
        if self._closed:
            raise self._error(ErrorKind.DISCONNECTED, "the connection is closed")
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(forget)
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> Connection:
        made = self._connection = await Connection.dialled(self.dial, self.vat, self.ledger)
        watch = asyncio.ensure_future(self._watch(made))
        self._watching.add(watch)
        watch.add_done_callback(self._watching.discard)
        return made

    async def _watch(self, connection: Connection) -> None:
        await connection.closed()
        if self._connection is connection:
            self._connection = None
        connection.close()

    async def again(
        self, client: type[C], methods: Sequence[Method[Any]], way: Sequence[Step]
    ) -> tuple[Connection, C]:
        """Return a client over a connection that is made again, if need be by several attempts.

        Raises:
            CapError: there is none to be had in time.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + self.reconnect
        attempt = 0
        while True:
            try:
                connection = await self.connected()
                return connection, await self.find(connection, client, methods, way)
            except CapError as error:
                pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
                if error.kind is not ErrorKind.DISCONNECTED or self._closed or loop.time() + pause > until:
                    raise
            attempt += 1
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Close the connection: calls that wait fail as `disconnected`."""
        self._closed = True
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        for watch in list(self._watching):
            watch.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Standing(OfPeer):
    """What a peer offers, over whatever connection there is: the target of a grant that outlasts one."""

    def __init__(
        self,
        line: Line,
        client: type[Client],
        methods: Sequence[Method[Any]],
        way: Sequence[Step],
        now: Client,
    ) -> None:
        """Stand for what some steps lead to, which `now` is at the moment."""
        super().__init__()
        self.vat = line.vat
        self._line = line
        self._client = client
        self._methods = methods
        self._way = way
        self._now: Client | None = now
        self._over = line.connection
        self._opening: asyncio.Task[Client] | None = None

    @property
    def identity(self) -> object:
        """Itself: which object it is may be another one after each connection."""
        return self

    @property
    def capability(self) -> Any:
        """pycapnp's client of what there is now.

        Raises:
            CapError: there is no connection (`disconnected`).
        """
        now = self._current()
        if now is None:
            raise CapError(ErrorKind.DISCONNECTED, f"{self._line.dial.address}: the connection was lost")
        target = now.target
        assert isinstance(target, Remote)
        return target.capability

    def _current(self) -> Client | None:
        if self._now is None or self._over is None or self._over is not self._line.connection:
            return None
        return self._now

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call what there is now, or what there is once the peer is connected to again."""
        now = self._current()
        return self._later(method, arguments) if now is None else now.target.invoke(method, arguments)

    async def _later(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        if self._opening is None or self._opening.done():
            self._opening = asyncio.ensure_future(self._open())
            self._opening.add_done_callback(forget)
        now = await asyncio.shield(self._opening)
        result = now.target.invoke(method, arguments)
        return await result if hasattr(result, "__await__") else result

    async def _open(self) -> Client:
        before, self._now = self._now, None
        if before is not None:
            await before.close()
        connection, now = await self._line.again(self._client, self._methods, self._way)
        if not self._references:
            await now.close()
            raise CapError(ErrorKind.DISCONNECTED, "the reference to a peer's capability was released")
        self._over, self._now = connection, now
        return now

    def drop(self) -> None:
        """Let go what there is now."""
        now, self._now = self._now, None
        if now is not None and now.owned is not None and now.owned.live:
            now.owned.end(Event.RELEASE, "released")


@asynccontextmanager
async def line(
    address: str,
    *,
    ledger: Ledger | None = None,
    tls: ssl.SSLContext | None = None,
    reconnect: float = 0.0,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - of the connecting, not of the scope
    keepalive: float = KEEPALIVE,
) -> AsyncIterator[Line]:
    """Give a line to a peer at `capnp://host:port`, `capnps://host:port` or `unix:/path`, for a scope.

    It is connected to when the first of its capabilities is opened. With `reconnect`, a call of such a one
    waits as many seconds for a connection that was lost to be had again; all else is as `connect` has it.

    Raises:
        ValueError: the address is none of these.
    """
    place = PeerAddress.parse(address)
    dial = Dial(place, client_tls() if place.tls and tls is None else tls, timeout, keepalive)
    async with dialling(dial, Ledger() if ledger is None else ledger, reconnect) as made:
        yield made


@asynccontextmanager
async def dialling(dial: Dial, ledger: Ledger, reconnect: float = 0.0) -> AsyncIterator[Line]:
    """Give a line to a peer that is connected to in a certain way, for a scope."""
    async with Vat.running() as vat:
        made = Line(vat, dial, ledger, reconnect)
        try:
            yield made
        finally:
            await made.close()


def _number(client: Client) -> int:
    return client.owned.handle if client.owned is not None else 0
