"""An application behind hypercorn: HTTP/1.1 and, where a client speaks it, HTTP/2; with TLS or without."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final

from .clients import Clients

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from .asgi import AsgiApp

_CLOSING: Final = 5.0  # seconds for connections to close once all requests have ended


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 is any that is free.

    Raises:
        OSError: the address is none of this machine's, or taken.
    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(1024)
    except OSError:
        found.close()
        raise
    found.setblocking(False)
    return found


def address_of(listening: socket.socket, *, tls: bool = False) -> str:
    """Return where a socket listens, as a URL."""
    host, port = listening.getsockname()[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


async def run_server(
    app: AsgiApp,
    listening: socket.socket,
    until: Callable[[], Awaitable[Any]],
    grace: float = 10.0,
    *,
    connections: int = 1000,
    at_once: Callable[[], Awaitable[Any]] | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve an application on a socket, which is closed at the end, until `until` returns.

    There are up to `connections` at one time: further ones wait in the socket's backlog.

    At the end nothing new is taken. Whoever serves ends what is under way after `grace` seconds, by closing
    the endpoint: the server itself waits for that, and then cuts the clients that do not read their answers.
    It waits for nobody any more once `at_once` returns.
    """
    clients = Clients(app, listening, connections, tls)
    stopping = asyncio.ensure_future(until())
    hurrying = asyncio.ensure_future((at_once or asyncio.Event().wait)())
    leaving: asyncio.Future[None] | None = None
    try:
        await asyncio.wait((stopping, hurrying), return_when=asyncio.FIRST_COMPLETED)
        await clients.leave()
        leaving = asyncio.ensure_future(clients.gone())
        await asyncio.wait((leaving, hurrying), timeout=grace + _CLOSING, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (stopping, hurrying, leaving):
            if each is not None:
                each.cancel()
        await clients.cut()
