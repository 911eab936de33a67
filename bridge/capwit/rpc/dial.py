"""Connecting to a peer: by which addresses, in what time, and how it is noticed that it is gone."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from capwit.bridge.addresses import admitted
from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.holdings import EVERYWHERE

from .gate import Gate
from .keepalive import LONGEST, settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from capwit.bridge.addresses import AddressRule
    from capwit.bridge.peers import PeerAddress

TIMEOUT: Final = 10.0
KEEPALIVE: Final = 60.0


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
        keepalive: seconds after which a peer counts as gone that has vanished without a word, reads nothing
            of what it is sent, or does not finish a message; nine hours at most.
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

    async def connect(self) -> Gate:
        """Return a new connection.

        Raises:
            CapError: there is none to be had (`disconnected`), or only beyond `reach` (`denied`).
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.timeout):
                if self.address.socket and self.links:
                    _, gate = await loop.create_unix_connection(self._gate, self.address.socket)
                elif self.address.socket:
                    with _without_links(self.address) as path:
                        _, gate = await loop.create_unix_connection(self._gate, path)
                else:
                    gate = await self._by_tcp()
                    settle(gate.about("socket"), self.keepalive)
        except TimeoutError:
            raise self._failed(f"no connection after {self.timeout:g} s") from None
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise self._failed(_told(error)) from None
        return gate

    def _gate(self) -> Gate:
        return Gate(max(1.0, min(self.keepalive, LONGEST)))

    async def _by_tcp(self) -> Gate:
        loop = asyncio.get_running_loop()
        address = self.address
        found = [address.host] if address.ip is not None else await self.find(address.host)
        allowed = [each for each in found if admitted(self.reach, ip_address(each), address.port)]
        failed: OSError | None = None
        for each in allowed:
            try:
                _, gate = await loop.create_connection(
                    self._gate,
                    each,
                    address.port,
                    ssl=self.tls,
                    server_hostname=address.host if self.tls is not None else None,
                )
            except OSError as error:
                failed = error
            else:
                return gate
        if failed is not None:
            raise failed
        raise CapError(
            ErrorKind.DENIED,
            f"{address}: it is at {', '.join(found) or 'no address'}, which the host does not give",
        )

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


def _told(error: OSError | UnicodeError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
    number = getattr(error, "errno", None)
    return os.strerror(number) if number and number > 0 else str(getattr(error, "strerror", None) or error)
