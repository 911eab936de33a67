"""Connecting to a peer: by which addresses, in what time, and how it is noticed that it is gone."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.bridge.addresses import admitted
from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.holdings import EVERYWHERE

from .wire import Outgoing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from capwit.bridge.addresses import AddressRule
    from capwit.bridge.peers import PeerAddress

TIMEOUT: Final = 10.0
KEEPALIVE: Final = 60.0
_LONGEST: Final = 32_767.0  # seconds: Linux waits no longer before it asks
_PROBES: Final = 3  # that stay unanswered before a peer counts as gone


async def names_of_the_machine(name: str) -> list[str]:
    """Return the addresses that a name has. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Dial:
    """How a peer is connected to.

    Attributes:
        address: where it listens.
        tls: who it must be, and who we are.
        timeout: seconds that it may take, until the peer has answered once.
        keepalive: seconds after which a peer that has vanished without a word counts as gone;
            nine hours at most.
        reach: the addresses that its name may stand for.
        find: what looks its name up.
        links: whether the path of a Unix socket may lead through links. That of a manifest may not: links
            were resolved when it was found to be given, and one that is there now is later than that.
    """

    address: PeerAddress
    tls: ssl.SSLContext | None = None
    timeout: float = TIMEOUT
    keepalive: float = KEEPALIVE
    reach: Sequence[AddressRule] = EVERYWHERE
    find: Callable[[str], Awaitable[list[str]]] = names_of_the_machine
    links: bool = True

    async def connect(self) -> Any:
        """Return pycapnp's stream of a new connection.

        Raises:
            CapError: there is none to be had (`disconnected`), or only beyond `reach` (`denied`).
        """
        streams: list[Any] = []
        make = partial(protocol, streams.append, self.keepalive)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.timeout):
                if self.address.socket and self.links:
                    await loop.create_unix_connection(make, self.address.socket)
                elif self.address.socket:
                    with _without_links(self.address) as path:
                        await loop.create_unix_connection(make, path)
                else:
                    await self._by_tcp(make)
        except TimeoutError:
            raise self._failed(f"no connection after {self.timeout:g} s") from None
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise self._failed(_told(error)) from None
        [stream] = streams
        return stream

    async def _by_tcp(self, make: Callable[[], Any]) -> None:
        loop = asyncio.get_running_loop()
        address = self.address
        found = [address.host] if address.ip is not None else await self.find(address.host)
        allowed = [each for each in found if admitted(self.reach, ip_address(each), address.port)]
        if not allowed:
            raise CapError(
                ErrorKind.DENIED,
                f"{address}: it is at {', '.join(found) or 'no address'}, which the host does not give",
            )
        for number, each in enumerate(allowed, 1):
            try:
                await loop.create_connection(
                    make,
                    each,
                    address.port,
                    ssl=self.tls,
                    server_hostname=address.host if self.tls is not None else None,
                )
            except OSError:
                if number == len(allowed):
                    raise
            else:
                return

    def _failed(self, why: str) -> CapError:
        return CapError(ErrorKind.DISCONNECTED, f"{self.address}: {why}")


@contextmanager
def _without_links(address: PeerAddress) -> Iterator[str]:
    """Give a path by which a Unix socket can be connected to whatever becomes of its own path, for a scope.

    Raises:
        OSError: there is none.
        CapError: a link is there (`denied`).
    """
    at = os.open("/", os.O_PATH)
    try:
        for name in address.socket.strip("/").split("/"):
            below = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
            if stat.S_ISLNK(os.fstat(at).st_mode):
                raise CapError(
                    ErrorKind.DENIED, f"{address}: {name!r} has become a link, which the host does not give"
                )
        yield f"/proc/self/fd/{at}"
    finally:
        os.close(at)


def _watch(transport: asyncio.BaseTransport, keepalive: float) -> None:
    """Let the kernel notice that a TCP connection's peer is gone, also where it has said nothing."""
    connected: socket.socket | None = transport.get_extra_info("socket")
    if connected is None or connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    keepalive = min(keepalive, _LONGEST)
    idle, interval = max(1, round(keepalive / 2)), max(1, round(keepalive / 2 / _PROBES))
    for level, option, value in (
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", idle),
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", interval),
        (socket.IPPROTO_TCP, "TCP_KEEPCNT", _PROBES),
        # For what was sent and is not acknowledged, where it would be sent again for a quarter of an hour.
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", max(1000, round(keepalive * 1000))),
    ):
        if hasattr(socket, option):  # the last one is Linux's
            connected.setsockopt(level, getattr(socket, option), value)


def protocol(connected: Callable[[Any], None], keepalive: float = KEEPALIVE) -> Any:
    """Return pycapnp's end of a connection, for asyncio: `connected` gets the stream."""
    made: Any = None

    def accept(stream: Any) -> None:
        _watch(made.transport, keepalive)
        made.transport = Outgoing(made.transport)
        connected(stream)

    made = capnp.AsyncIoStream._connect(accept)
    return made


def _told(error: OSError | UnicodeError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
    number = getattr(error, "errno", None)
    return os.strerror(number) if number and number > 0 else str(getattr(error, "strerror", None) or error)
