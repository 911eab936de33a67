"""An application behind hypercorn: HTTP/1.1 and, where a client speaks it, HTTP/2; with TLS or without."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from hypercorn.asyncio import serve
from hypercorn.config import Config

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from .asgi import AsgiApp, Message, Receive, Send

_CLOSING: Final = 5.0  # seconds for connections to close once all requests have ended
_CUTTING: Final = 0.5  # the same, where it is to end at once


class _Config(Config):
    """What hypercorn is told, with TLS by a context that is there already."""

    tls: ssl.SSLContext | None = None

    @property
    def ssl_enabled(self) -> bool:
        return self.tls is not None

    def create_ssl_context(self) -> ssl.SSLContext | None:
        if self.tls is not None:
            self.tls.set_alpn_protocols(self.alpn_protocols)
        return self.tls


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
    at_once: Callable[[], Awaitable[Any]] | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve an application on a socket, which is closed at the end, until `until` returns.

    Then nothing new is taken. Whoever serves ends what is under way after `grace` seconds, by closing the
    endpoint: the server itself waits for that, and then cuts the clients that do not read their answers. It
    waits for nobody any more once `at_once` returns.
    """
    answering: set[asyncio.Task[Any]] = set()
    loop = asyncio.get_running_loop()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        if scope["type"] == "http":
            answering.add(task)
        try:
            await app(scope, receive, send)
        finally:
            answering.discard(task)

    def cut() -> None:
        for task in answering:
            task.cancel()

    async def stopped() -> None:
        await until()
        # The server, once it cuts a connection, waits until that has taken what was sent. So first nothing is
        # sent any more: otherwise it waits for good.
        loop.call_later(grace + _CLOSING / 2, cut)

    config = _Config()
    config.tls = tls
    config.bind = [f"fd://{listening.detach()}"]
    config.graceful_timeout = grace + _CLOSING
    config.include_server_header = False
    config.accesslog = None
    config.errorlog = None  # the application tells of its errors itself
    serving = asyncio.ensure_future(
        serve(answer, config, shutdown_trigger=stopped, mode="asgi")  # type: ignore[arg-type]
    )
    hurrying = asyncio.ensure_future((at_once or asyncio.Event().wait)())
    try:
        await asyncio.wait((serving, hurrying), return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            cut()
            await asyncio.wait((serving,), timeout=_CUTTING)
    finally:
        hurrying.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
