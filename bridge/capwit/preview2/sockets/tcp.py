"""`wasi:sockets/tcp`: one resource for what the capabilities have three of, as far as it has come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from capwit.caps.net import TCP_LISTENER, BoundTcpClient, NetworkError, TcpListenerClient, TcpSocketClient
from capwit.caps.using import value
from capwit.preview2.context import ask, by
from capwit.preview2.errors import WasiError
from capwit.preview2.poll import Pollable
from capwit.preview2.streams import InputStream, OutputStream
from capwit.preview2.waits import Background, Readiness

from .network import refused
from .options import TCP, Options, option_handlers
from .steps import Steps, told
from .words import address_case, own_address, peer_address

if TYPE_CHECKING:
    from capwit.bridge.binding import Method
    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants

    from .network import InstanceNetwork
    from .options import Option
    from .words import Address

_ACCEPTABLE: Final[Method[None]] = TCP_LISTENER.methods["acceptable"]
_Held: TypeAlias = BoundTcpClient | TcpListenerClient | TcpSocketClient
_LARGEST_BACKLOG: Final = 2**32 - 1
# With these the socket may be used further, as if nothing had been tried.
_HARMLESS: Final = (NetworkError.ACCESS_DENIED.value, NetworkError.INVALID_ARGUMENT.value)


class TcpSocket:
    """A TCP socket: unbound, bound, connected or listening; or of no use any more."""

    wit_resource: ClassVar = "wasi:sockets/tcp.tcp-socket"

    def __init__(self, family: str, held: _Held | None = None) -> None:
        """Begin unbound, or with what has been accepted."""
        self.family = family
        self._held = held  # as far as it has come
        self._over = False  # it was to connect, and could not
        self._steps = Steps()
        self._options = Options()
        self._backlog = 0
        self._acceptable: Readiness[None] | None = None
        self._streams: tuple[InputStream, OutputStream] | None = None
        self._ending: Background[None] | None = None

    def _check(self, *kinds: type) -> None:
        """Check that no step is under way, and what the socket has come to be.

        Raises:
            WasiError: one is, or it is something else.
        """
        self._steps.check()
        self._check_held(*kinds)

    def _check_held(self, *kinds: type) -> None:
        if self._over or not isinstance(self._held, kinds):
            raise refused(NetworkError.INVALID_STATE)

    def _check_not_connecting(self) -> None:
        """Check that the socket is not the network's at the moment.

        Raises:
            WasiError: it is.
        """
        if self._steps.goes_on("connect"):
            raise refused(NetworkError.INVALID_STATE)

    # -- Steps

    def start_bind(self, network: InstanceNetwork, address: Address) -> None:
        """Begin to take an address."""
        self._check(type(None))
        local = own_address(address, self.family, unicast=True)
        self._steps.start("bind", _bound(network, local, self._options))

    async def finish_bind(self) -> None:
        """Go on with the address."""
        self._held = await self._steps.finish("bind")

    def start_connect(self, network: InstanceNetwork, address: Address) -> None:
        """Begin to connect."""
        self._check(type(None), BoundTcpClient)
        peer = peer_address(address, self.family, unicast=True)
        assert not isinstance(self._held, TcpListenerClient | TcpSocketClient)
        self._steps.start("connect", _connected(network, peer, self._options, self._held))

    async def finish_connect(self) -> tuple[InputStream, OutputStream]:
        """Go on with the connection."""
        tried = self._steps.goes_on("connect")
        try:
            self._held = connection = await self._steps.finish("connect")
        except WasiError as error:
            self._over = tried and not self._steps.goes_on("connect") and error.value not in _HARMLESS
            raise
        return self._open(connection)

    def _open(self, connection: TcpSocketClient) -> tuple[InputStream, OutputStream]:
        self._streams = InputStream(connection), OutputStream(connection)
        return self._streams

    def start_listen(self) -> None:
        """Begin to listen."""
        self._check(BoundTcpClient)
        assert isinstance(self._held, BoundTcpClient)
        self._steps.start("listen", _listening(self._held, self._backlog))

    async def finish_listen(self) -> None:
        """Go on with the listener."""
        self._held = listener = await self._steps.finish("listen")
        self._acceptable = Readiness(lambda: ask(listener, _ACCEPTABLE))

    async def accept(self) -> tuple[TcpSocket, InputStream, OutputStream]:
        """Take a connection that has come in."""
        self._check_held(TcpListenerClient)
        assert isinstance(self._held, TcpListenerClient) and self._acceptable is not None
        self._acceptable.forget()
        with told():
            connection = value(await self._held.accept(False))
        accepted = TcpSocket(self.family, connection)
        return accepted, *accepted._open(connection)

    # -- What it is

    async def local_address(self) -> Address:
        """Return its own address."""
        if self._held is None:
            raise refused(NetworkError.INVALID_STATE)
        with told():
            return address_case(await self._held.local_address())

    async def remote_address(self) -> Address:
        """Return the peer's address."""
        if not isinstance(self._held, TcpSocketClient):
            raise refused(NetworkError.INVALID_STATE)
        with told():
            return address_case(await self._held.remote_address())

    def is_listening(self) -> bool:
        """Return whether it listens."""
        return isinstance(self._held, TcpListenerClient)

    # -- Options

    def set_backlog(self, size: int) -> None:
        """Set how many connections may wait to be accepted: a hint, which a listener takes no more."""
        if not size:
            raise refused(NetworkError.INVALID_ARGUMENT)
        self._check_not_connecting()
        if isinstance(self._held, TcpSocketClient):
            raise refused(NetworkError.INVALID_STATE)
        self._backlog = min(size, _LARGEST_BACKLOG)

    async def get(self, option: Option) -> Any:
        """Return an option."""
        self._check_not_connecting()
        return await self._options.get(option, self._held)

    async def set(self, option: Option, given: int) -> None:
        """Set an option."""
        self._check_not_connecting()
        await self._options.set(option, given, self._held)

    # -- Waiting, and the end

    def subscribe(self) -> Pollable:
        """Return what is ready once a step can be finished, or a connection be accepted."""
        return Pollable(self._waiting)

    def _waiting(self) -> Background[Any] | None:
        waiting = self._steps.waiting()
        if waiting is None and self._acceptable is not None:
            return self._acceptable.waiting()
        return waiting

    async def shutdown(self, type: str) -> None:
        """End one half of the connection, or both; what was written goes out before."""
        self._check_held(TcpSocketClient)
        assert isinstance(self._held, TcpSocketClient) and self._streams is not None
        source, sink = self._streams
        if type in ("receive", "both"):
            with told():
                value(await self._held.shutdown(True, False))
            source.close()
        if type in ("send", "both"):
            sink.close()
            self._ending = Background(self._held.end())
            await asyncio.sleep(0)  # where nothing is under way, it is over at once


async def _bound(network: InstanceNetwork, at: Any, options: Options) -> BoundTcpClient:
    return value(await network.granted().bind_tcp(at, options.wanted))


async def _connected(
    network: InstanceNetwork, to: Any, options: Options, bound: BoundTcpClient | None
) -> TcpSocketClient:
    if bound is None:
        return value(await network.granted().connect(to, options.wanted))
    return value(await bound.connect(to))


async def _listening(bound: BoundTcpClient, backlog: int) -> TcpListenerClient:
    return value(await bound.listen(backlog))


# -- The functions


def _create(grants: WasiGrants, family: str) -> TcpSocket:
    if grants.network is None:
        raise refused(NetworkError.ACCESS_DENIED)
    return TcpSocket(family)


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:sockets/tcp-create-socket": {"create-tcp-socket": _create},
    "wasi:sockets/tcp": {
        "[method]tcp-socket.start-bind": by(TcpSocket.start_bind),
        "[method]tcp-socket.finish-bind": by(TcpSocket.finish_bind),
        "[method]tcp-socket.start-connect": by(TcpSocket.start_connect),
        "[method]tcp-socket.finish-connect": by(TcpSocket.finish_connect),
        "[method]tcp-socket.start-listen": by(TcpSocket.start_listen),
        "[method]tcp-socket.finish-listen": by(TcpSocket.finish_listen),
        "[method]tcp-socket.accept": by(TcpSocket.accept),
        "[method]tcp-socket.local-address": by(TcpSocket.local_address),
        "[method]tcp-socket.remote-address": by(TcpSocket.remote_address),
        "[method]tcp-socket.is-listening": by(TcpSocket.is_listening),
        "[method]tcp-socket.set-listen-backlog-size": by(TcpSocket.set_backlog),
        "[method]tcp-socket.subscribe": by(TcpSocket.subscribe),
        "[method]tcp-socket.shutdown": by(TcpSocket.shutdown),
        **option_handlers("tcp-socket", TCP),
    },
}
