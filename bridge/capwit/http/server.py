"""An application behind hypercorn: HTTP/1.1 and, where a client speaks it, HTTP/2."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

from hypercorn.asyncio import serve
from hypercorn.config import Config

if TYPE_CHECKING:
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


def address_of(listening: socket.socket) -> str:
    """Return where a socket listens, as a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def run_server(
    app: AsgiApp, listening: socket.socket, until: Callable[[], Awaitable[Any]], grace: float = 10.0
) -> None:
    """Serve an application on a socket, which is closed at the end, until `until` returns.

    Then nothing new is taken. Whoever serves ends what is under way after `grace` seconds, by closing the
    endpoint: the server itself only waits for that.
    """
    config = Config()
    config.bind = [f"fd://{listening.detach()}"]
    config.graceful_timeout = grace + _CLOSING
    config.include_server_header = False
    config.accesslog = None
    config.errorlog = None  # the application tells of its errors itself
    await serve(app, config, shutdown_trigger=until, mode="asgi")  # type: ignore[arg-type]
