"""What a network answers: `OSError`s become the `error` of an answer here, and nowhere else."""

from __future__ import annotations

import errno
import socket
from collections.abc import Awaitable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Final, Generic, ParamSpec, TypeVar

from .net import (
    Answer,
    AnswerDone,
    AnswerError,
    BindAnswer,
    BindAnswerBound,
    BindAnswerError,
    BoundTcpClient,
    Datagram,
    DatagramAnswer,
    DatagramAnswerDatagram,
    DatagramAnswerError,
    IpAddress,
    ListenAnswer,
    ListenAnswerError,
    ListenAnswerListener,
    NetworkError,
    ReceiveAnswer,
    ReceiveAnswerData,
    ReceiveAnswerError,
    ResolveAnswer,
    ResolveAnswerAddresses,
    ResolveAnswerError,
    SendAnswer,
    SendAnswerCount,
    SendAnswerError,
    TcpAnswer,
    TcpAnswerError,
    TcpAnswerSocket,
    TcpListenerClient,
    TcpSocketClient,
    UdpAnswer,
    UdpAnswerError,
    UdpAnswerSocket,
    UdpSocketClient,
)
from .using import NetworkRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge.binding import MaybeAwaitable

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")

# What is not here is `unknown`.
_ERRORS: Final = {
    errno.EACCES: NetworkError.ACCESS_DENIED,
    errno.EPERM: NetworkError.ACCESS_DENIED,
    errno.EADDRINUSE: NetworkError.ADDRESS_IN_USE,
    errno.EADDRNOTAVAIL: NetworkError.ADDRESS_NOT_BINDABLE,
    errno.EAFNOSUPPORT: NetworkError.NOT_SUPPORTED,
    errno.EAGAIN: NetworkError.WOULD_BLOCK,
    errno.EALREADY: NetworkError.CONCURRENCY_CONFLICT,
    errno.ECONNABORTED: NetworkError.CONNECTION_ABORTED,
    errno.ECONNREFUSED: NetworkError.CONNECTION_REFUSED,
    errno.ECONNRESET: NetworkError.CONNECTION_RESET,
    errno.EDESTADDRREQ: NetworkError.INVALID_ARGUMENT,
    errno.EHOSTDOWN: NetworkError.REMOTE_UNREACHABLE,
    errno.EHOSTUNREACH: NetworkError.REMOTE_UNREACHABLE,
    errno.EINVAL: NetworkError.INVALID_ARGUMENT,
    errno.EISCONN: NetworkError.INVALID_STATE,
    errno.EMFILE: NetworkError.NEW_SOCKET_LIMIT,
    errno.EMSGSIZE: NetworkError.DATAGRAM_TOO_LARGE,
    errno.ENETDOWN: NetworkError.REMOTE_UNREACHABLE,
    errno.ENETUNREACH: NetworkError.REMOTE_UNREACHABLE,
    errno.ENFILE: NetworkError.NEW_SOCKET_LIMIT,
    errno.ENOBUFS: NetworkError.OUT_OF_MEMORY,
    errno.ENOMEM: NetworkError.OUT_OF_MEMORY,
    errno.ENONET: NetworkError.REMOTE_UNREACHABLE,
    errno.ENOTCONN: NetworkError.INVALID_STATE,
    errno.EOPNOTSUPP: NetworkError.NOT_SUPPORTED,
    errno.EPIPE: NetworkError.CONNECTION_RESET,
    errno.EPROTONOSUPPORT: NetworkError.NOT_SUPPORTED,
    errno.ETIMEDOUT: NetworkError.TIMEOUT,
}
_RESOLVER_ERRORS: Final = {
    socket.EAI_NONAME: NetworkError.NAME_UNRESOLVABLE,
    socket.EAI_NODATA: NetworkError.NAME_UNRESOLVABLE,
    socket.EAI_ADDRFAMILY: NetworkError.NAME_UNRESOLVABLE,
    socket.EAI_AGAIN: NetworkError.TEMPORARY_RESOLVER_FAILURE,
    socket.EAI_MEMORY: NetworkError.OUT_OF_MEMORY,
}


def network_error(error: OSError | NetworkRefused) -> NetworkError:
    """Return what is answered for an error."""
    match error:
        case NetworkRefused():
            return error.error
        case socket.gaierror():
            return _RESOLVER_ERRORS.get(error.errno or 0, NetworkError.PERMANENT_RESOLVER_FAILURE)
        case _:
            return _ERRORS.get(error.errno or 0, NetworkError.UNKNOWN)


class _Answering(Generic[R, A]):
    """Makes a method that returns a value, at once or later, or raises `OSError`, into one that answers."""

    def __init__(self, good: Callable[[R], A], bad: Callable[[NetworkError], A]) -> None:
        self._good = good
        self._bad = bad

    def __call__(self, method: Callable[P, MaybeAwaitable[R]]) -> Callable[P, MaybeAwaitable[A]]:
        good, bad = self._good, self._bad

        async def later(result: Awaitable[R]) -> A:
            try:
                return good(await result)
            except (OSError, NetworkRefused) as error:
                return bad(network_error(error))

        @wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> MaybeAwaitable[A]:
            try:
                result = method(*args, **kwargs)
            except (OSError, NetworkRefused) as error:
                return bad(network_error(error))
            return later(result) if isinstance(result, Awaitable) else good(result)

        return call


_DONE: Final = AnswerDone()

answer: Final = _Answering[None, Answer](lambda _: _DONE, AnswerError)
receive_answer: Final = _Answering[bytes, ReceiveAnswer](ReceiveAnswerData, ReceiveAnswerError)
send_answer: Final = _Answering[int, SendAnswer](SendAnswerCount, SendAnswerError)
tcp_answer: Final = _Answering[TcpSocketClient, TcpAnswer](TcpAnswerSocket, TcpAnswerError)
listen_answer: Final = _Answering[TcpListenerClient, ListenAnswer](ListenAnswerListener, ListenAnswerError)
bind_answer: Final = _Answering[BoundTcpClient, BindAnswer](BindAnswerBound, BindAnswerError)
udp_answer: Final = _Answering[UdpSocketClient, UdpAnswer](UdpAnswerSocket, UdpAnswerError)
datagram_answer: Final = _Answering[Datagram, DatagramAnswer](DatagramAnswerDatagram, DatagramAnswerError)
resolve_answer: Final = _Answering[Sequence[IpAddress], ResolveAnswer](
    ResolveAnswerAddresses, ResolveAnswerError
)
