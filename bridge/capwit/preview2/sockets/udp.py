"""`wasi:sockets/udp`: datagrams, as two streams of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from capwit.bridge.errors import CapError, InstanceEnded
from capwit.caps.net import UDP_SOCKET, NetworkError, Peer, PeerAddress, PeerNone, UdpSocketClient
from capwit.caps.using import NetworkRefused, value
from capwit.preview2.context import ask, by
from capwit.preview2.errors import WasiError
from capwit.preview2.poll import Pollable
from capwit.preview2.waits import Readiness

from .network import failed, refused
from .options import UDP, Options, option_handlers
from .steps import Steps, told
from .words import address_case, own_address, peer_address

if TYPE_CHECKING:
    from capwit.bridge.binding import Method
    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants

    from .network import InstanceNetwork
    from .options import Option
    from .words import Address

_READABLE: Final[Method[None]] = UDP_SOCKET.methods["readable"]
_WRITABLE: Final[Method[None]] = UDP_SOCKET.methods["writable"]
# How many datagrams one call carries at most: they are host memory until the guest has them.
_MOST_AT_ONCE: Final = 16
_LARGEST: Final = 65535


class UdpSocket:
    """A UDP socket: unbound or bound."""

    wit_resource: ClassVar = "wasi:sockets/udp.udp-socket"

    def __init__(self, family: str) -> None:
        """Begin unbound."""
        self.family = family
        self._bound: UdpSocketClient | None = None
        self._steps = Steps()
        self._options = Options()
        self._streams = 0  # how many pairs there have been

    def start_bind(self, network: InstanceNetwork, address: Address) -> None:
        """Begin to take an address."""
        self._steps.check()
        if self._bound is not None:
            raise refused(NetworkError.INVALID_STATE)
        local = own_address(address, self.family)
        self._steps.start("bind", _bound(network, local, self._options))

    async def finish_bind(self) -> None:
        """Go on with the address."""
        self._bound = await self._steps.finish("bind")

    async def stream(self, remote: Address | None) -> tuple[Incoming, Outgoing]:
        """Speak to one peer, or to whoever is named with each datagram; earlier streams are over."""
        bound = self._get()
        peer: Peer = PeerNone() if remote is None else PeerAddress(peer_address(remote, self.family))
        with told():
            value(await bound.connect(peer))
        self._streams += 1
        pair = Pair(self, bound, self._streams)
        return Incoming(pair), Outgoing(pair)

    def _get(self) -> UdpSocketClient:
        if self._bound is None:
            raise refused(NetworkError.INVALID_STATE)
        return self._bound

    def is_current(self, pair: int) -> bool:
        """Return whether there has been no other pair of streams since."""
        return pair == self._streams

    async def local_address(self) -> Address:
        """Return its own address."""
        with told():
            return address_case(await self._get().local_address())

    async def remote_address(self) -> Address:
        """Return the peer's address."""
        with told():
            peer = await self._get().remote_address()
        match peer:
            case PeerAddress(address):
                return address_case(address)
            case PeerNone():
                raise refused(NetworkError.INVALID_STATE)

    async def get(self, option: Option) -> Any:
        """Return an option."""
        return await self._options.get(option, self._bound)

    async def set(self, option: Option, given: int) -> None:
        """Set an option."""
        await self._options.set(option, given, self._bound)

    def subscribe(self) -> Pollable:
        """Return what is ready once a step can be finished."""
        return Pollable(self._steps.waiting)


class Pair:
    """What the two streams of a socket have in common."""

    def __init__(self, socket: UdpSocket, bound: UdpSocketClient, number: int) -> None:
        """Stand on a bound socket."""
        self.family = socket.family
        self._socket = socket
        self._bound = bound
        self._number = number

    @property
    def bound(self) -> UdpSocketClient:
        """The socket.

        Raises:
            WasiError: there are other streams since.
        """
        if not self._socket.is_current(self._number):
            raise refused(NetworkError.INVALID_STATE)
        return self._bound


class Incoming:
    """The datagrams that come in."""

    wit_resource: ClassVar = "wasi:sockets/udp.incoming-datagram-stream"

    def __init__(self, pair: Pair) -> None:
        """Receive them."""
        self._pair = pair
        bound = pair.bound
        self._readable = Readiness(lambda: ask(bound, _READABLE))

    async def receive(self, most: int) -> list[dict[str, Any]]:
        """Return what has come in, none if there is nothing."""
        bound = self._pair.bound
        received: list[dict[str, Any]] = []
        self._readable.forget()
        while len(received) < min(most, _MOST_AT_ONCE):
            try:
                datagram = value(await bound.receive(_LARGEST, False, False))
            except CapError as error:
                if received or (
                    isinstance(error, NetworkRefused) and error.error is NetworkError.WOULD_BLOCK
                ):
                    break
                raise failed(error) from error
            received.append({"data": datagram.data, "remote-address": address_case(datagram.sender)})
        return received

    def subscribe(self) -> Pollable:
        """Return what is ready once something has come in."""
        return Pollable(self._readable.waiting)


class Outgoing:
    """The datagrams that go out."""

    wit_resource: ClassVar = "wasi:sockets/udp.outgoing-datagram-stream"

    def __init__(self, pair: Pair) -> None:
        """Send them."""
        self._pair = pair
        bound = pair.bound
        self._writable = Readiness(lambda: ask(bound, _WRITABLE))
        self._permit = 0

    async def check_send(self) -> int:
        """Return how many may be sent next; 0 while there is no room."""
        assert self._pair.bound
        self._permit = _MOST_AT_ONCE if await Pollable(self._writable.waiting).ready() else 0
        return self._permit

    async def send(self, datagrams: list[dict[str, Any]]) -> int:
        """Send some, as many as `check_send` allowed at most; returns how many are on their way."""
        if len(datagrams) > self._permit:
            raise InstanceEnded(
                f"the guest sent {len(datagrams)} datagrams at once where check-send allowed {self._permit}"
            )
        bound = self._pair.bound
        self._writable.forget()
        for sent, datagram in enumerate(datagrams):
            try:
                await self._send(bound, datagram["data"], datagram["remote-address"])
            except (CapError, WasiError) as error:
                if sent or (isinstance(error, NetworkRefused) and error.error is NetworkError.WOULD_BLOCK):
                    return sent
                raise failed(error) if isinstance(error, CapError) else error from None
            self._permit -= 1
        return len(datagrams)

    async def _send(self, bound: UdpSocketClient, data: bytes, remote: Address | None) -> None:
        to: Peer = PeerNone() if remote is None else PeerAddress(peer_address(remote, self._pair.family))
        value(await bound.send(data, to, False))

    def subscribe(self) -> Pollable:
        """Return what is ready once there is room."""
        return Pollable(self._writable.waiting)


async def _bound(network: InstanceNetwork, at: Any, options: Options) -> UdpSocketClient:
    return value(await network.granted().bind_udp(at, options.wanted.socket))


# -- The functions


def _create(grants: WasiGrants, family: str) -> UdpSocket:
    if grants.network is None:
        raise refused(NetworkError.ACCESS_DENIED)
    return UdpSocket(family)


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:sockets/udp-create-socket": {"create-udp-socket": _create},
    "wasi:sockets/udp": {
        "[method]udp-socket.start-bind": by(UdpSocket.start_bind),
        "[method]udp-socket.finish-bind": by(UdpSocket.finish_bind),
        "[method]udp-socket.stream": by(UdpSocket.stream),
        "[method]udp-socket.local-address": by(UdpSocket.local_address),
        "[method]udp-socket.remote-address": by(UdpSocket.remote_address),
        "[method]udp-socket.subscribe": by(UdpSocket.subscribe),
        **option_handlers("udp-socket", UDP),
        "[method]incoming-datagram-stream.receive": by(Incoming.receive),
        "[method]incoming-datagram-stream.subscribe": by(Incoming.subscribe),
        "[method]outgoing-datagram-stream.check-send": by(Outgoing.check_send),
        "[method]outgoing-datagram-stream.send": by(Outgoing.send),
        "[method]outgoing-datagram-stream.subscribe": by(Outgoing.subscribe),
    },
}
