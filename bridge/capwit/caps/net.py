"""Host bindings for `capwit:net@0.1.0`.

The network, as a program is granted it: the peers that it may reach, the local addresses that it may use,
the names that it may look up, and sockets that are open already. WASI's two previews stand on these
interfaces, so whoever implements them, here or on another machine, serves every WASI program.

Addresses are numbers, names are a `Resolver`'s. A `Network` holds each address against what it allows where
it is used, so that no answer of a name server widens it; one that it does not allow is `accessDenied`. An
IPv4 address that is written as an IPv6 one (`::ffff:127.0.0.1`) is `invalidArgument` everywhere.

A socket lives as long as somebody holds it. The last reference closes it, without waiting for the peer.

How a call fails. What a network says is a case of the answer, `error`. An error of the call itself
(revoked, disconnected, ...) says that nobody knows what became of it.

Written by `capwit generate` from net.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable
from capwit.caps import streams

wit.check_format(__name__, 1)


class NetworkError(Enum):
    """Why a network refuses. The names are those of WASI 0.2."""

    UNKNOWN = "unknown"
    """Something else."""
    ACCESS_DENIED = "access-denied"
    """The address or name is not allowed."""
    NOT_SUPPORTED = "not-supported"
    """The network cannot do this."""
    INVALID_ARGUMENT = "invalid-argument"
    """An argument makes no sense."""
    OUT_OF_MEMORY = "out-of-memory"
    """There is no memory left."""
    TIMEOUT = "timeout"
    """The peer did not answer in time."""
    CONCURRENCY_CONFLICT = "concurrency-conflict"
    """It is being done already."""
    NOT_IN_PROGRESS = "not-in-progress"
    """It was not begun, or has ended."""
    WOULD_BLOCK = "would-block"
    """It would have to wait, and is not to."""
    INVALID_STATE = "invalid-state"
    """The socket is not in a state for this."""
    NEW_SOCKET_LIMIT = "new-socket-limit"
    """As many sockets are open as may be at once."""
    ADDRESS_NOT_BINDABLE = "address-not-bindable"
    """It is no address of this machine."""
    ADDRESS_IN_USE = "address-in-use"
    """Somebody else uses the address, or there is no port left."""
    REMOTE_UNREACHABLE = "remote-unreachable"
    """No way leads to the peer."""
    CONNECTION_REFUSED = "connection-refused"
    """Nobody listens there."""
    CONNECTION_RESET = "connection-reset"
    """The peer has ended the connection in the middle."""
    CONNECTION_ABORTED = "connection-aborted"
    """The connection was ended on this side."""
    DATAGRAM_TOO_LARGE = "datagram-too-large"
    """More than one datagram can carry."""
    NAME_UNRESOLVABLE = "name-unresolvable"
    """The name does not exist, or has no address."""
    TEMPORARY_RESOLVER_FAILURE = "temporary-resolver-failure"
    """The name servers do not answer now."""
    PERMANENT_RESOLVER_FAILURE = "permanent-resolver-failure"
    """The name servers cannot answer."""


@dataclass(frozen=True, slots=True)
class Ipv6Address:
    """An IPv6 address: its 128 bits as two numbers."""

    high: int
    low: int


@dataclass(frozen=True, slots=True)
class IpAddressIpv4:
    """127.0.0.1 is 0x7f000001."""

    value: int


@dataclass(frozen=True, slots=True)
class IpAddressIpv6:
    """Never an IPv4 address in another form."""

    value: Ipv6Address


IpAddress: TypeAlias = IpAddressIpv4 | IpAddressIpv6
"""An IP address."""


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """One end of a connection."""

    ip: IpAddress
    port: int
    flow: int
    """The flow label of an IPv6 address; else 0."""
    scope: int
    """The scope of an IPv6 address; else 0."""


@dataclass(frozen=True, slots=True)
class PeerNone:
    """Nobody in particular; where it is connected, that peer."""


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """The one at this address."""

    value: SocketAddress


Peer: TypeAlias = PeerNone | PeerAddress
"""Whom a socket speaks to."""


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """How a socket behaves. What is 0 stays as it is, or is the implementer's choice; a number that is too large
    or too small is brought into range without a word. What is in force has no 0.
    """

    hop_limit: int
    """How many routers a packet may pass."""
    receive_buffer: int
    """Bytes that wait to be received."""
    send_buffer: int
    """Bytes that wait to be sent."""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """How TCP finds out that a peer is gone which says nothing. Zeroes are as in `SocketOptions`."""

    enabled: bool
    """Whether it asks."""
    idle: int
    """Nanoseconds of silence before it asks first."""
    interval: int
    """Nanoseconds between two questions."""
    count: int
    """How often it asks before it gives up."""


@dataclass(frozen=True, slots=True)
class TcpOptions:
    """How TCP behaves."""

    socket: SocketOptions
    keep_alive: KeepAlive


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """`done` of `Answer`."""


@dataclass(frozen=True, slots=True)
class AnswerError:
    """`error` of `Answer`."""

    value: NetworkError


Answer: TypeAlias = AnswerDone | AnswerError
"""What was done, or why it was not."""


@dataclass(frozen=True, slots=True)
class ReceiveAnswerData:
    """`data` of `ReceiveAnswer`."""

    value: bytes


@dataclass(frozen=True, slots=True)
class ReceiveAnswerError:
    """`error` of `ReceiveAnswer`."""

    value: NetworkError


ReceiveAnswer: TypeAlias = ReceiveAnswerData | ReceiveAnswerError
"""What was received."""


@dataclass(frozen=True, slots=True)
class SendAnswerCount:
    """`count` of `SendAnswer`."""

    value: int


@dataclass(frozen=True, slots=True)
class SendAnswerError:
    """`error` of `SendAnswer`."""

    value: NetworkError


SendAnswer: TypeAlias = SendAnswerCount | SendAnswerError
"""How much was sent."""


@dataclass(frozen=True, slots=True)
class TcpAnswerSocket:
    """`socket` of `TcpAnswer`."""

    value: TcpSocketClient


@dataclass(frozen=True, slots=True)
class TcpAnswerError:
    """`error` of `TcpAnswer`."""

    value: NetworkError


TcpAnswer: TypeAlias = TcpAnswerSocket | TcpAnswerError
"""A connection."""


@dataclass(frozen=True, slots=True)
class ListenAnswerListener:
    """`listener` of `ListenAnswer`."""

    value: TcpListenerClient


@dataclass(frozen=True, slots=True)
class ListenAnswerError:
    """`error` of `ListenAnswer`."""

    value: NetworkError


ListenAnswer: TypeAlias = ListenAnswerListener | ListenAnswerError
"""A listener."""


@dataclass(frozen=True, slots=True)
class BindAnswerBound:
    """`bound` of `BindAnswer`."""

    value: BoundTcpClient


@dataclass(frozen=True, slots=True)
class BindAnswerError:
    """`error` of `BindAnswer`."""

    value: NetworkError


BindAnswer: TypeAlias = BindAnswerBound | BindAnswerError
"""An address that TCP has taken."""


@dataclass(frozen=True, slots=True)
class UdpAnswerSocket:
    """`socket` of `UdpAnswer`."""

    value: UdpSocketClient


@dataclass(frozen=True, slots=True)
class UdpAnswerError:
    """`error` of `UdpAnswer`."""

    value: NetworkError


UdpAnswer: TypeAlias = UdpAnswerSocket | UdpAnswerError
"""A socket for datagrams."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """What came in one piece."""

    data: bytes
    sender: SocketAddress
    truncated: bool
    """There was more than `data`, which is lost."""


@dataclass(frozen=True, slots=True)
class DatagramAnswerDatagram:
    """`datagram` of `DatagramAnswer`."""

    value: Datagram


@dataclass(frozen=True, slots=True)
class DatagramAnswerError:
    """`error` of `DatagramAnswer`."""

    value: NetworkError


DatagramAnswer: TypeAlias = DatagramAnswerDatagram | DatagramAnswerError
"""A datagram."""


@dataclass(frozen=True, slots=True)
class ResolveAnswerAddresses:
    """`addresses` of `ResolveAnswer`."""

    value: Sequence[IpAddress]


@dataclass(frozen=True, slots=True)
class ResolveAnswerError:
    """`error` of `ResolveAnswer`."""

    value: NetworkError


ResolveAnswer: TypeAlias = ResolveAnswerAddresses | ResolveAnswerError
"""The addresses of a name."""


class Network(Protocol):
    """The peers that may be reached, and the local addresses that may be used."""

    def connect(self, to: SocketAddress, options: TcpOptions) -> MaybeAwaitable[TcpAnswer]:
        """Connects to a peer by TCP; waits for it."""

    def listen(self, at: SocketAddress, backlog: int, options: TcpOptions) -> MaybeAwaitable[ListenAnswer]:
        """Listens for TCP at a local address; port 0 is any that is free, a `backlog` of 0 the implementer's choice."""

    def bind_tcp(self, at: SocketAddress, options: TcpOptions) -> MaybeAwaitable[BindAnswer]:
        """Takes a local address for TCP, before it is settled whether it connects or listens."""

    def bind_udp(self, at: SocketAddress, options: SocketOptions) -> MaybeAwaitable[UdpAnswer]:
        """Takes a local address for datagrams. Where `at` is no address that may be listened at, but is unspecified
        and its port 0, the socket is one to ask peers from: it hears those alone that may be reached.
        """


class Tcp(Protocol):
    """What sockets of TCP have in common."""

    def local_address(self) -> MaybeAwaitable[SocketAddress]:
        """Its own address, with the port that it was given."""

    def options(self) -> MaybeAwaitable[TcpOptions]:
        """How it behaves."""

    def set_options(self, options: TcpOptions) -> MaybeAwaitable[Answer]:
        """Sets how it behaves. What a listener accepts from then on behaves so, too."""


class BoundTcp(Tcp, Protocol):
    """A local address that was taken. It becomes one connection or one listener; then it is `invalidState`."""

    def connect(self, to: SocketAddress) -> MaybeAwaitable[TcpAnswer]:
        """Connects from here; waits for the peer."""

    def listen(self, backlog: int) -> MaybeAwaitable[ListenAnswer]:
        """Listens here."""


class TcpListener(Tcp, Protocol):
    """Where connections come in."""

    def accept(self, wait: bool) -> MaybeAwaitable[TcpAnswer]:
        """The next connection. Where there is none it waits, or is `wouldBlock` without `wait`."""

    def acceptable(self) -> MaybeAwaitable[None]:
        """Returns once `accept` would not wait."""


class TcpSocket(streams.ByteSource, Tcp, streams.ByteSink, Protocol):
    """A connection. As a source and a sink it is the same stream of bytes, and a failure is the call's own:
    `disconnected` once the connection is gone. `end` ends the sending half, `readable` and `writable` tell
    of `receive` and `send`, too.
    """

    def receive(self, limit: int, peek: bool, wait: bool) -> MaybeAwaitable[ReceiveAnswer]:
        """Between one byte and `limit`; none exactly if `limit` is 0 or the peer has ended its half. With `peek` they
        are received again the next time. Where there are none it waits, or is `wouldBlock` without `wait`. An
        implementer gives at most 1 MiB at once.
        """

    def send(self, data: bytes, wait: bool) -> MaybeAwaitable[SendAnswer]:
        """Sends a beginning of `data`: at least one byte unless it is empty. Where there is no room it waits, or is
        `wouldBlock` without `wait`.
        """

    def shutdown(self, receive: bool, send: bool) -> MaybeAwaitable[Answer]:
        """Ends either half, or both. What comes in afterwards is not received; the peer sees the end of what was sent."""

    def remote_address(self) -> MaybeAwaitable[SocketAddress]:
        """The peer's address."""


class UdpSocket(Protocol):
    """A local address for datagrams."""

    def receive(self, limit: int, peek: bool, wait: bool) -> MaybeAwaitable[DatagramAnswer]:
        """The next datagram, and at most `limit` bytes of it. With `peek` it is received again the next time. Where
        there is none it waits, or is `wouldBlock` without `wait`.
        """

    def send(self, data: bytes, to: Peer, wait: bool) -> MaybeAwaitable[Answer]:
        """Sends a datagram: to an address, or to the peer that the socket is connected to (`invalidArgument` without
        one). Where there is no room it waits, or is `wouldBlock` without `wait`.
        """

    def connect(self, to: Peer) -> MaybeAwaitable[Answer]:
        """Speaks to one peer alone from now on, and hears no other; or to whoever may be reached."""

    def readable(self) -> MaybeAwaitable[None]:
        """Returns once `receive` would not wait."""

    def writable(self) -> MaybeAwaitable[None]:
        """Returns once `send` would not wait."""

    def local_address(self) -> MaybeAwaitable[SocketAddress]:
        """Its own address, with the port that it was given."""

    def remote_address(self) -> MaybeAwaitable[Peer]:
        """Whom it is connected to."""

    def options(self) -> MaybeAwaitable[SocketOptions]:
        """How it behaves."""

    def set_options(self, options: SocketOptions) -> MaybeAwaitable[Answer]:
        """Sets how it behaves."""


class Resolver(Protocol):
    """The names that may be looked up."""

    def resolve(self, name: str) -> MaybeAwaitable[ResolveAnswer]:
        """The addresses of a name, the best one first; an address that is written as text is itself. A name that is
        not allowed is `accessDenied`, one that none can have `invalidArgument`.
        """


class NetworkClient(wit.Client):
    """`Network`, wherever it lives."""

    async def connect(self, to: SocketAddress, options: TcpOptions) -> TcpAnswer:
        """Connects to a peer by TCP; waits for it."""
        return await self._call(_NETWORK_CONNECT, to, options)

    async def listen(self, at: SocketAddress, backlog: int, options: TcpOptions) -> ListenAnswer:
        """Listens for TCP at a local address; port 0 is any that is free, a `backlog` of 0 the implementer's choice."""
        return await self._call(_NETWORK_LISTEN, at, backlog, options)

    async def bind_tcp(self, at: SocketAddress, options: TcpOptions) -> BindAnswer:
        """Takes a local address for TCP, before it is settled whether it connects or listens."""
        return await self._call(_NETWORK_BIND_TCP, at, options)

    async def bind_udp(self, at: SocketAddress, options: SocketOptions) -> UdpAnswer:
        """Takes a local address for datagrams. Where `at` is no address that may be listened at, but is unspecified
        and its port 0, the socket is one to ask peers from: it hears those alone that may be reached.
        """
        return await self._call(_NETWORK_BIND_UDP, at, options)


class TcpClient(wit.Client):
    """`Tcp`, wherever it lives."""

    async def local_address(self) -> SocketAddress:
        """Its own address, with the port that it was given."""
        return await self._call(_TCP_LOCAL_ADDRESS)

    async def options(self) -> TcpOptions:
        """How it behaves."""
        return await self._call(_TCP_OPTIONS)

    async def set_options(self, options: TcpOptions) -> Answer:
        """Sets how it behaves. What a listener accepts from then on behaves so, too."""
        return await self._call(_TCP_SET_OPTIONS, options)


class BoundTcpClient(TcpClient):
    """`BoundTcp`, wherever it lives."""

    async def connect(self, to: SocketAddress) -> TcpAnswer:
        """Connects from here; waits for the peer."""
        return await self._call(_BOUND_TCP_CONNECT, to)

    async def listen(self, backlog: int) -> ListenAnswer:
        """Listens here."""
        return await self._call(_BOUND_TCP_LISTEN, backlog)

    def as_tcp(self) -> TcpClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(TcpClient)


class TcpListenerClient(TcpClient):
    """`TcpListener`, wherever it lives."""

    async def accept(self, wait: bool) -> TcpAnswer:
        """The next connection. Where there is none it waits, or is `wouldBlock` without `wait`."""
        return await self._call(_TCP_LISTENER_ACCEPT, wait)

    async def acceptable(self) -> None:
        """Returns once `accept` would not wait."""
        await self._call(_TCP_LISTENER_ACCEPTABLE)

    def as_tcp(self) -> TcpClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(TcpClient)


class TcpSocketClient(streams.ByteSourceClient, TcpClient, streams.ByteSinkClient):
    """`TcpSocket`, wherever it lives."""

    async def receive(self, limit: int, peek: bool, wait: bool) -> ReceiveAnswer:
        """Between one byte and `limit`; none exactly if `limit` is 0 or the peer has ended its half. With `peek` they
        are received again the next time. Where there are none it waits, or is `wouldBlock` without `wait`. An
        implementer gives at most 1 MiB at once.
        """
        return await self._call(_TCP_SOCKET_RECEIVE, limit, peek, wait)

    async def send(self, data: bytes, wait: bool) -> SendAnswer:
        """Sends a beginning of `data`: at least one byte unless it is empty. Where there is no room it waits, or is
        `wouldBlock` without `wait`.
        """
        return await self._call(_TCP_SOCKET_SEND, data, wait)

    async def shutdown(self, receive: bool, send: bool) -> Answer:
        """Ends either half, or both. What comes in afterwards is not received; the peer sees the end of what was sent."""
        return await self._call(_TCP_SOCKET_SHUTDOWN, receive, send)

    async def remote_address(self) -> SocketAddress:
        """The peer's address."""
        return await self._call(_TCP_SOCKET_REMOTE_ADDRESS)

    def as_tcp(self) -> TcpClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(TcpClient)

    def as_byte_source(self) -> streams.ByteSourceClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(streams.ByteSourceClient)

    def as_byte_sink(self) -> streams.ByteSinkClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(streams.ByteSinkClient)


class UdpSocketClient(wit.Client):
    """`UdpSocket`, wherever it lives."""

    async def receive(self, limit: int, peek: bool, wait: bool) -> DatagramAnswer:
        """The next datagram, and at most `limit` bytes of it. With `peek` it is received again the next time. Where
        there is none it waits, or is `wouldBlock` without `wait`.
        """
        return await self._call(_UDP_SOCKET_RECEIVE, limit, peek, wait)

    async def send(self, data: bytes, to: Peer, wait: bool) -> Answer:
        """Sends a datagram: to an address, or to the peer that the socket is connected to (`invalidArgument` without
        one). Where there is no room it waits, or is `wouldBlock` without `wait`.
        """
        return await self._call(_UDP_SOCKET_SEND, data, to, wait)

    async def connect(self, to: Peer) -> Answer:
        """Speaks to one peer alone from now on, and hears no other; or to whoever may be reached."""
        return await self._call(_UDP_SOCKET_CONNECT, to)

    async def readable(self) -> None:
        """Returns once `receive` would not wait."""
        await self._call(_UDP_SOCKET_READABLE)

    async def writable(self) -> None:
        """Returns once `send` would not wait."""
        await self._call(_UDP_SOCKET_WRITABLE)

    async def local_address(self) -> SocketAddress:
        """Its own address, with the port that it was given."""
        return await self._call(_UDP_SOCKET_LOCAL_ADDRESS)

    async def remote_address(self) -> Peer:
        """Whom it is connected to."""
        return await self._call(_UDP_SOCKET_REMOTE_ADDRESS)

    async def options(self) -> SocketOptions:
        """How it behaves."""
        return await self._call(_UDP_SOCKET_OPTIONS)

    async def set_options(self, options: SocketOptions) -> Answer:
        """Sets how it behaves."""
        return await self._call(_UDP_SOCKET_SET_OPTIONS, options)


class ResolverClient(wit.Client):
    """`Resolver`, wherever it lives."""

    async def resolve(self, name: str) -> ResolveAnswer:
        """The addresses of a name, the best one first; an address that is written as text is itself. A name that is
        not allowed is `accessDenied`, one that none can have `invalidArgument`.
        """
        return await self._call(_RESOLVER_RESOLVE, name)


# The bridge's tables: WIT names and types.
NETWORK = wit.Interface(NetworkClient, "capwit:net/net@0.1.0", "network", 0xAEE874C0B65ACFD2)
TCP = wit.Interface(TcpClient, "capwit:net/net@0.1.0", "tcp", 0xE5596EB1EBCFE00E)
BOUND_TCP = wit.Interface(
    BoundTcpClient,
    "capwit:net/net@0.1.0",
    "bound-tcp",
    0xEB5BD248624F35CA,
    extends=(TCP,),
)
TCP_LISTENER = wit.Interface(
    TcpListenerClient,
    "capwit:net/net@0.1.0",
    "tcp-listener",
    0xDB4606D1D6188765,
    extends=(TCP,),
)
TCP_SOCKET = wit.Interface(
    TcpSocketClient,
    "capwit:net/net@0.1.0",
    "tcp-socket",
    0xA37F8FD4BA1732A0,
    extends=(streams.BYTE_SOURCE, TCP, streams.BYTE_SINK),
)
UDP_SOCKET = wit.Interface(UdpSocketClient, "capwit:net/net@0.1.0", "udp-socket", 0x9E00918A892E8CA9)
RESOLVER = wit.Interface(ResolverClient, "capwit:net/net@0.1.0", "resolver", 0x8ED0AE3B8F7C29D8)
NETWORK_ERROR = wit.Enum(
    (
        "unknown",
        "access-denied",
        "not-supported",
        "invalid-argument",
        "out-of-memory",
        "timeout",
        "concurrency-conflict",
        "not-in-progress",
        "would-block",
        "invalid-state",
        "new-socket-limit",
        "address-not-bindable",
        "address-in-use",
        "remote-unreachable",
        "connection-refused",
        "connection-reset",
        "connection-aborted",
        "datagram-too-large",
        "name-unresolvable",
        "temporary-resolver-failure",
        "permanent-resolver-failure",
    ),
    NetworkError,
    "network-error",
)
IPV6_ADDRESS = wit.Record(
    (wit.Field("high", wit.U64, "high"), wit.Field("low", wit.U64, "low")),
    Ipv6Address,
    "ipv6-address",
)
IP_ADDRESS = wit.Variant(
    (wit.Case("ipv4", wit.U32, IpAddressIpv4), wit.Case("ipv6", IPV6_ADDRESS, IpAddressIpv6)),
    "ip-address",
)
SOCKET_ADDRESS = wit.Record(
    (
        wit.Field("ip", IP_ADDRESS, "ip"),
        wit.Field("port", wit.U16, "port"),
        wit.Field("flow", wit.U32, "flow"),
        wit.Field("scope", wit.U32, "scope"),
    ),
    SocketAddress,
    "socket-address",
)
PEER = wit.Variant(
    (wit.Case("none", None, PeerNone), wit.Case("address", SOCKET_ADDRESS, PeerAddress)),
    "peer",
)
SOCKET_OPTIONS = wit.Record(
    (
        wit.Field("hop-limit", wit.U8, "hop_limit"),
        wit.Field("receive-buffer", wit.U64, "receive_buffer"),
        wit.Field("send-buffer", wit.U64, "send_buffer"),
    ),
    SocketOptions,
    "socket-options",
)
KEEP_ALIVE = wit.Record(
    (
        wit.Field("enabled", wit.BOOL, "enabled"),
        wit.Field("idle", wit.U64, "idle"),
        wit.Field("interval", wit.U64, "interval"),
        wit.Field("count", wit.U32, "count"),
    ),
    KeepAlive,
    "keep-alive",
)
TCP_OPTIONS = wit.Record(
    (wit.Field("socket", SOCKET_OPTIONS, "socket"), wit.Field("keep-alive", KEEP_ALIVE, "keep_alive")),
    TcpOptions,
    "tcp-options",
)
ANSWER = wit.Variant(
    (wit.Case("done", None, AnswerDone), wit.Case("error", NETWORK_ERROR, AnswerError)),
    "answer",
)
RECEIVE_ANSWER = wit.Variant(
    (wit.Case("data", wit.BYTES, ReceiveAnswerData), wit.Case("error", NETWORK_ERROR, ReceiveAnswerError)),
    "receive-answer",
)
SEND_ANSWER = wit.Variant(
    (wit.Case("count", wit.U64, SendAnswerCount), wit.Case("error", NETWORK_ERROR, SendAnswerError)),
    "send-answer",
)
TCP_ANSWER = wit.Variant(
    (wit.Case("socket", TCP_SOCKET.own, TcpAnswerSocket), wit.Case("error", NETWORK_ERROR, TcpAnswerError)),
    "tcp-answer",
)
LISTEN_ANSWER = wit.Variant(
    (
        wit.Case("listener", TCP_LISTENER.own, ListenAnswerListener),
        wit.Case("error", NETWORK_ERROR, ListenAnswerError),
    ),
    "listen-answer",
)
BIND_ANSWER = wit.Variant(
    (wit.Case("bound", BOUND_TCP.own, BindAnswerBound), wit.Case("error", NETWORK_ERROR, BindAnswerError)),
    "bind-answer",
)
UDP_ANSWER = wit.Variant(
    (wit.Case("socket", UDP_SOCKET.own, UdpAnswerSocket), wit.Case("error", NETWORK_ERROR, UdpAnswerError)),
    "udp-answer",
)
DATAGRAM = wit.Record(
    (
        wit.Field("data", wit.BYTES, "data"),
        wit.Field("sender", SOCKET_ADDRESS, "sender"),
        wit.Field("truncated", wit.BOOL, "truncated"),
    ),
    Datagram,
    "datagram",
)
DATAGRAM_ANSWER = wit.Variant(
    (
        wit.Case("datagram", DATAGRAM, DatagramAnswerDatagram),
        wit.Case("error", NETWORK_ERROR, DatagramAnswerError),
    ),
    "datagram-answer",
)
RESOLVE_ANSWER = wit.Variant(
    (
        wit.Case("addresses", wit.List(IP_ADDRESS), ResolveAnswerAddresses),
        wit.Case("error", NETWORK_ERROR, ResolveAnswerError),
    ),
    "resolve-answer",
)
_NETWORK_CONNECT: wit.Method[TcpAnswer] = NETWORK.method(
    "connect",
    "connect",
    {"to": SOCKET_ADDRESS, "options": TCP_OPTIONS},
    TCP_ANSWER,
)
_NETWORK_LISTEN: wit.Method[ListenAnswer] = NETWORK.method(
    "listen",
    "listen",
    {"at": SOCKET_ADDRESS, "backlog": wit.U32, "options": TCP_OPTIONS},
    LISTEN_ANSWER,
)
_NETWORK_BIND_TCP: wit.Method[BindAnswer] = NETWORK.method(
    "bind-tcp",
    "bind_tcp",
    {"at": SOCKET_ADDRESS, "options": TCP_OPTIONS},
    BIND_ANSWER,
)
_NETWORK_BIND_UDP: wit.Method[UdpAnswer] = NETWORK.method(
    "bind-udp",
    "bind_udp",
    {"at": SOCKET_ADDRESS, "options": SOCKET_OPTIONS},
    UDP_ANSWER,
)
_TCP_LOCAL_ADDRESS: wit.Method[SocketAddress] = TCP.method(
    "local-address",
    "local_address",
    {},
    SOCKET_ADDRESS,
)
_TCP_OPTIONS: wit.Method[TcpOptions] = TCP.method("options", "options", {}, TCP_OPTIONS)
_TCP_SET_OPTIONS: wit.Method[Answer] = TCP.method(
    "set-options",
    "set_options",
    {"options": TCP_OPTIONS},
    ANSWER,
)
_BOUND_TCP_CONNECT: wit.Method[TcpAnswer] = BOUND_TCP.method(
    "connect",
    "connect",
    {"to": SOCKET_ADDRESS},
    TCP_ANSWER,
)
_BOUND_TCP_LISTEN: wit.Method[ListenAnswer] = BOUND_TCP.method(
    "listen",
    "listen",
    {"backlog": wit.U32},
    LISTEN_ANSWER,
)
_TCP_LISTENER_ACCEPT: wit.Method[TcpAnswer] = TCP_LISTENER.method(
    "accept",
    "accept",
    {"wait": wit.BOOL},
    TCP_ANSWER,
)
_TCP_LISTENER_ACCEPTABLE: wit.Method[None] = TCP_LISTENER.method("acceptable", "acceptable", {}, None)
_TCP_SOCKET_RECEIVE: wit.Method[ReceiveAnswer] = TCP_SOCKET.method(
    "receive",
    "receive",
    {"limit": wit.U32, "peek": wit.BOOL, "wait": wit.BOOL},
    RECEIVE_ANSWER,
)
_TCP_SOCKET_SEND: wit.Method[SendAnswer] = TCP_SOCKET.method(
    "send",
    "send",
    {"data": wit.BYTES, "wait": wit.BOOL},
    SEND_ANSWER,
)
_TCP_SOCKET_SHUTDOWN: wit.Method[Answer] = TCP_SOCKET.method(
    "shutdown",
    "shutdown",
    {"receive": wit.BOOL, "send": wit.BOOL},
    ANSWER,
)
_TCP_SOCKET_REMOTE_ADDRESS: wit.Method[SocketAddress] = TCP_SOCKET.method(
    "remote-address",
    "remote_address",
    {},
    SOCKET_ADDRESS,
)
_UDP_SOCKET_RECEIVE: wit.Method[DatagramAnswer] = UDP_SOCKET.method(
    "receive",
    "receive",
    {"limit": wit.U32, "peek": wit.BOOL, "wait": wit.BOOL},
    DATAGRAM_ANSWER,
)
_UDP_SOCKET_SEND: wit.Method[Answer] = UDP_SOCKET.method(
    "send",
    "send",
    {"data": wit.BYTES, "to": PEER, "wait": wit.BOOL},
    ANSWER,
)
_UDP_SOCKET_CONNECT: wit.Method[Answer] = UDP_SOCKET.method("connect", "connect", {"to": PEER}, ANSWER)
_UDP_SOCKET_READABLE: wit.Method[None] = UDP_SOCKET.method("readable", "readable", {}, None)
_UDP_SOCKET_WRITABLE: wit.Method[None] = UDP_SOCKET.method("writable", "writable", {}, None)
_UDP_SOCKET_LOCAL_ADDRESS: wit.Method[SocketAddress] = UDP_SOCKET.method(
    "local-address",
    "local_address",
    {},
    SOCKET_ADDRESS,
)
_UDP_SOCKET_REMOTE_ADDRESS: wit.Method[Peer] = UDP_SOCKET.method("remote-address", "remote_address", {}, PEER)
_UDP_SOCKET_OPTIONS: wit.Method[SocketOptions] = UDP_SOCKET.method("options", "options", {}, SOCKET_OPTIONS)
_UDP_SOCKET_SET_OPTIONS: wit.Method[Answer] = UDP_SOCKET.method(
    "set-options",
    "set_options",
    {"options": SOCKET_OPTIONS},
    ANSWER,
)
_RESOLVER_RESOLVE: wit.Method[ResolveAnswer] = RESOLVER.method(
    "resolve",
    "resolve",
    {"name": wit.STRING},
    RESOLVE_ANSWER,
)
BINDINGS = wit.Bindings(
    package="capwit:net@0.1.0",
    interface="net",
    interfaces=(NETWORK, TCP, BOUND_TCP, TCP_LISTENER, TCP_SOCKET, UDP_SOCKET, RESOLVER),
    schema=wit.SchemaFile(__name__, "net.bridge.json", 0xC9D43A86E2B7105F),
)
