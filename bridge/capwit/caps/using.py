"""For host code that uses directories and sockets: flags with defaults, answers as values or exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from capwit.bridge.capability import Client
from capwit.bridge.errors import CapError, ErrorKind

from . import net
from .files import (
    AnswerDone,
    AnswerError,
    FileError,
    ListAnswerError,
    OpenAnswerError,
    OpenFlags,
    ReadAnswerError,
    StatAnswerError,
    TargetAnswerError,
    WriteAnswerError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from capwit.bridge.binding import MaybeAwaitable, Method
    from typing_extensions import TypeIs

    from .files import (
        Answer,
        DirectoryClient,
        Entry,
        FileClient,
        ListAnswer,
        OpenAnswer,
        ReadAnswer,
        Stat,
        StatAnswer,
        TargetAnswer,
        WriteAnswer,
    )

T = TypeVar("T")

# What a caller is told who does not know file systems; the others are `failed`.
_KINDS: Final = {
    FileError.ACCESS: ErrorKind.DENIED,
    FileError.NOT_PERMITTED: ErrorKind.DENIED,
    FileError.READ_ONLY: ErrorKind.DENIED,
    FileError.INSUFFICIENT_MEMORY: ErrorKind.EXHAUSTED,
    FileError.INSUFFICIENT_SPACE: ErrorKind.EXHAUSTED,
    FileError.QUOTA: ErrorKind.EXHAUSTED,
    FileError.TOO_MANY_OPEN: ErrorKind.EXHAUSTED,
    FileError.UNSUPPORTED: ErrorKind.UNIMPLEMENTED,
}
_NETWORK_KINDS: Final = {
    net.NetworkError.ACCESS_DENIED: ErrorKind.DENIED,
    net.NetworkError.CONNECTION_ABORTED: ErrorKind.DISCONNECTED,
    net.NetworkError.CONNECTION_RESET: ErrorKind.DISCONNECTED,
    net.NetworkError.NEW_SOCKET_LIMIT: ErrorKind.EXHAUSTED,
    net.NetworkError.NOT_SUPPORTED: ErrorKind.UNIMPLEMENTED,
    net.NetworkError.OUT_OF_MEMORY: ErrorKind.EXHAUSTED,
    net.NetworkError.TIMEOUT: ErrorKind.DISCONNECTED,
    net.NetworkError.WOULD_BLOCK: ErrorKind.OVERLOADED,
}
_NETWORK_ERRORS: Final = (
    net.AnswerError,
    net.BindAnswerError,
    net.DatagramAnswerError,
    net.ListenAnswerError,
    net.ReceiveAnswerError,
    net.ResolveAnswerError,
    net.SendAnswerError,
    net.TcpAnswerError,
    net.UdpAnswerError,
)
_ERRORS: Final = (
    AnswerError,
    ListAnswerError,
    OpenAnswerError,
    ReadAnswerError,
    StatAnswerError,
    TargetAnswerError,
    WriteAnswerError,
)


class FileRefused(CapError):  # noqa: N818 - it is an answer
    """A file system refuses. A capability that lets it pass answers with a `cap-error` that says so.

    Attributes:
        error: why.
    """

    def __init__(self, error: FileError) -> None:
        """Refuse with an error."""
        super().__init__(_KINDS.get(error, ErrorKind.FAILED), f"the file system says {error.value}")
        self.error = error


class NetworkRefused(CapError):  # noqa: N818 - it is an answer
    """A network refuses. A capability that lets it pass answers with a `cap-error` that says so.

    Attributes:
        error: why.
    """

    def __init__(self, error: net.NetworkError) -> None:
        """Refuse with an error."""
        super().__init__(_NETWORK_KINDS.get(error, ErrorKind.FAILED), f"the network says {error.value}")
        self.error = error


def ask(capability: object, method: Method[T], *arguments: Any) -> MaybeAwaitable[T]:
    """Call a method that carries no capability: returns its result, or an awaitable where it must wait.

    A client's own methods make a coroutine for each call, which costs more than most of these calls do.
    """
    if isinstance(capability, Client):
        result: MaybeAwaitable[T] = capability.target.invoke(method, arguments)
    else:
        result = getattr(capability, method.attribute)(*arguments)
    return result


def waits(value: MaybeAwaitable[T]) -> TypeIs[Awaitable[T]]:
    """Return whether a method's answer is still to come; `isinstance` would take as long as many a method."""
    return hasattr(value, "__await__")


async def answer(value: MaybeAwaitable[T]) -> T:
    """Return what a capability's method answered, at once or later."""
    return await value if waits(value) else value


@overload
def value(answer: Answer | net.Answer) -> None: ...
@overload
def value(answer: ReadAnswer | net.ReceiveAnswer) -> bytes: ...
@overload
def value(answer: WriteAnswer | net.SendAnswer) -> int: ...
@overload
def value(answer: StatAnswer) -> Stat: ...
@overload
def value(answer: OpenAnswer) -> FileClient | DirectoryClient: ...
@overload
def value(answer: ListAnswer) -> Sequence[Entry]: ...
@overload
def value(answer: TargetAnswer) -> str: ...
@overload
def value(answer: net.TcpAnswer) -> net.TcpSocketClient: ...
@overload
def value(answer: net.ListenAnswer) -> net.TcpListenerClient: ...
@overload
def value(answer: net.BindAnswer) -> net.BoundTcpClient: ...
@overload
def value(answer: net.UdpAnswer) -> net.UdpSocketClient: ...
@overload
def value(answer: net.DatagramAnswer) -> net.Datagram: ...
@overload
def value(answer: net.ResolveAnswer) -> Sequence[net.IpAddress]: ...
def value(answer: Any) -> Any:
    """Return what an answer holds.

    Raises:
        FileRefused, NetworkRefused: that is an error.
    """
    if isinstance(answer, _ERRORS):
        raise FileRefused(answer.value)
    if isinstance(answer, _NETWORK_ERRORS):
        raise NetworkRefused(answer.value)
    return None if isinstance(answer, AnswerDone | net.AnswerDone) else answer.value


def open_flags(
    *,
    read: bool = True,
    write: bool = False,
    mutate: bool = False,
    create: bool = False,
    exclusive: bool = False,
    truncate: bool = False,
    directory: bool = False,
    follow: bool = True,
) -> OpenFlags:
    """Return flags that say how to open: to read what a path leads to, and what else is named."""
    return OpenFlags(read, write, mutate, create, exclusive, truncate, directory, follow)


def tcp_options(
    *,
    hop_limit: int = 0,
    receive_buffer: int = 0,
    send_buffer: int = 0,
    keep_alive: net.KeepAlive = net.KeepAlive(False, 0, 0, 0),  # noqa: B008 - it is frozen
) -> net.TcpOptions:
    """Return how a socket of TCP behaves: as it would by itself, but for what is named."""
    return net.TcpOptions(net.SocketOptions(hop_limit, receive_buffer, send_buffer), keep_alive)
