"""An application behind hypercorn: HTTP/1.1 and, where a client speaks it, HTTP/2; with TLS or without."""

from __future__ import annotations

import asyncio
import logging
import socket
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.door import Door
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from .asgi import AsgiApp, Message, Receive, Send

_HANDSHAKE: Final = 10.0  # seconds for TLS
_CLOSING: Final = 5.0  # seconds for connections to close once all requests have ended
_UNDER_WAY: Final = 200  # requests of one connection, with those that it has reset
_CUTTING: Final = 0.5  # seconds for what was asked for to end once its connection is cut
_log = logging.getLogger("capwit.http")


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
    clients = _Clients(app, listening, connections, tls)
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


class _Requests(WorkerContext):
    """The requests of one connection that are under way: with too many, it is cut.

    hypercorn bounds the streams of HTTP/2 that are open. One that its client has reset is none, though its
    request has not ended, and costs the client 26 bytes.
    See https://www.cve.org/CVERecord?id=CVE-2023-44487
    """

    def __init__(self, terminated: Any, cut: Callable[[], None]) -> None:
        super().__init__(None)
        self.terminated = terminated
        self._cut = cut
        self._under_way = 0

    async def mark_request(self) -> None:
        """hypercorn has begun one."""
        self._under_way += 1
        if self._under_way > _UNDER_WAY:
            _log.warning("a connection was cut: %d requests of it have not ended", self._under_way)
            self._cut()
            raise ConnectionAbortedError

    def counted(self, app: AsgiApp) -> ASGIWrapper:
        """Return the application for this connection."""

        async def answer(scope: Message, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            finally:
                self._under_way -= 1

        return ASGIWrapper(answer)  # type: ignore[arg-type]


class _Clients:
    """Whoever is connected to a socket: each is served by hypercorn's own code for one connection."""

    def __init__(self, app: AsgiApp, listening: socket.socket, most: int, tls: ssl.SSLContext | None) -> None:
        self._config = Config()
        self._config.include_server_header = False
        self._config.accesslog = None
        self._config.errorlog = None  # the application tells of its errors itself
        self._tls = tls
        if tls is not None:
            tls.set_alpn_protocols(self._config.alpn_protocols)
        self._config.h2_max_concurrent_streams = _UNDER_WAY // 2
        self._app = app
        self._leaving = WorkerContext.event_class()
        self._most = most
        self._tasks: dict[asyncio.Task[None], asyncio.WriteTransport | None] = {}
        self._door = Door(listening, self._accept)

    def _accept(self, connection: socket.socket) -> None:
        task = asyncio.ensure_future(self._serve(connection))
        self._tasks[task] = None
        task.add_done_callback(partial(self._gone, connection))
        if len(self._tasks) == self._most:
            self._door.hold()

    def _gone(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        if len(self._tasks) == self._most:
            self._door.open()
        del self._tasks[task]
        connection.close()  # of one that was cut before it was looked at
        if not task.cancelled() and (error := task.exception()) is not None:
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            _log.error(
                "a connection could not be served: %s: %s", type(error).__name__, error,
                exc_info=error if _log.isEnabledFor(logging.DEBUG) else None,
            )  # fmt: skip

    async def _serve(self, connection: socket.socket) -> None:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        made: dict[str, Any] = {"ssl": self._tls}
        if self._tls is not None:
            made |= {"ssl_handshake_timeout": _HANDSHAKE, "ssl_shutdown_timeout": _HANDSHAKE}
        try:
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, **made)
        except OSError:  # it has gone, or speaks no TLS, or not in time
            return
        self._tasks[task] = transport
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            requests = _Requests(self._leaving, transport.abort)
            app = requests.counted(self._app)
            await TCPServer(app, loop, self._config, requests, {}, reader, writer)
        except* OSError:
            pass  # it has gone
        finally:
            transport.abort()

    async def leave(self) -> None:
        """Take nobody any more, and let go those that are there: each once it has its answers."""
        self._door.shut()
        await self._leaving.set()
        for task, transport in self._tasks.items():
            if transport is None:  # nothing of it has come yet
                task.cancel()

    async def gone(self) -> None:
        """Wait until nobody is there."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def cut(self) -> None:
        """Take nobody any more, and cut those that are there, whatever is still to be sent."""
        self._door.shut()
        for transport in self._tasks.values():
            if transport is not None:
                transport.abort()  # so that what they have asked for ends
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CUTTING)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
