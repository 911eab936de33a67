"""How a socket behaves: kept here until there is one, and asked of it from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from capwit.caps.net import KeepAlive, NetworkError, SocketOptions, TcpOptions, UdpSocketClient
from capwit.caps.using import tcp_options, value

from .network import refused
from .steps import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.caps.net import TcpClient
    from capwit.preview2.context import Handler

_SECOND: Final = 1_000_000_000
# What is told of a socket that is not there yet, and that nobody has set: what Linux does.
_DEFAULTS: Final = TcpOptions(
    SocketOptions(64, 65536, 65536), KeepAlive(False, 7200 * _SECOND, 75 * _SECOND, 9)
)


class Option(NamedTuple):
    """One of the options: the part of `TcpOptions` that it is in, and its name there."""

    part: str
    name: str


# In what units Linux keeps an option of a socket, and how many of them at most.
_UNITS: Final = {"idle": (_SECOND, 32767), "interval": (_SECOND, 32767), "count": (1, 127)}


# By the WIT's names.
TCP: Final = {
    "keep-alive-enabled": Option("keep_alive", "enabled"),
    "keep-alive-idle-time": Option("keep_alive", "idle"),
    "keep-alive-interval": Option("keep_alive", "interval"),
    "keep-alive-count": Option("keep_alive", "count"),
    "hop-limit": Option("socket", "hop_limit"),
    "receive-buffer-size": Option("socket", "receive_buffer"),
    "send-buffer-size": Option("socket", "send_buffer"),
}
UDP: Final = {
    "unicast-hop-limit": Option("socket", "hop_limit"),
    "receive-buffer-size": Option("socket", "receive_buffer"),
    "send-buffer-size": Option("socket", "send_buffer"),
}


def option_handlers(resource: str, options: Mapping[str, Option]) -> dict[str, Handler]:
    """Return what serves the options of a kind of socket, and its family, by the functions' labels."""

    def get(option: Option) -> Handler:
        return lambda _, socket: socket.get(option)

    def set_(option: Option) -> Handler:
        return lambda _, socket, given: socket.set(option, given)

    return {
        f"[method]{resource}.address-family": lambda _, socket: socket.family,
        **{f"[method]{resource}.{name}": get(option) for name, option in options.items()},
        **{f"[method]{resource}.set-{name}": set_(option) for name, option in options.items()},
    }


class Options:
    """The options of one socket."""

    def __init__(self) -> None:
        """Begin with what sockets do by themselves."""
        self.wanted = tcp_options()  # what a socket is made with

    async def get(self, option: Option, socket: TcpClient | UdpSocketClient | None) -> Any:
        """Return one: of a socket, or as it is going to be."""
        if socket is not None:
            return _get(await _asked(socket), option)
        return _get(self.wanted, option) or _get(_DEFAULTS, option)

    async def set(self, option: Option, given: int, socket: TcpClient | UdpSocketClient | None) -> None:
        """Set one.

        Raises:
            WasiError: it is 0, or the socket does not take it.
        """
        if given == 0 and not isinstance(given, bool):
            raise refused(NetworkError.INVALID_ARGUMENT)
        if socket is None:
            self.wanted = _set(self.wanted, option, _rounded(option, given))
            return
        changed = _set(replace(await _asked(socket), socket=SocketOptions(0, 0, 0)), option, given)
        with told():
            await _tell(socket, changed)


def _rounded(option: Option, given: int) -> int:
    """Return what a socket would make of a value."""
    if option.name not in _UNITS:
        return given
    unit, most = _UNITS[option.name]
    return min(-(-given // unit), most) * unit


def _get(options: TcpOptions, option: Option) -> Any:
    return getattr(getattr(options, option.part), option.name)


def _set(options: TcpOptions, option: Option, given: int) -> TcpOptions:
    changed: dict[str, Any] = {option.part: replace(getattr(options, option.part), **{option.name: given})}
    return replace(options, **changed)


async def _asked(socket: TcpClient | UdpSocketClient) -> TcpOptions:
    with told():
        if isinstance(socket, UdpSocketClient):
            return replace(_DEFAULTS, socket=await socket.options())
        return await socket.options()


async def _tell(socket: TcpClient | UdpSocketClient, options: TcpOptions) -> None:
    if isinstance(socket, UdpSocketClient):
        value(await socket.set_options(options.socket))
    else:
        value(await socket.set_options(options))
