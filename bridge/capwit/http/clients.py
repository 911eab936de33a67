"""The clients of an HTTP server: how many there are, and how long they may stay without a word."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.door import Door
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config

if TYPE_CHECKING:
    import socket
    import ssl

    from .asgi import AsgiApp, Message, Receive, Send

_HANDSHAKE: Final = 10.0  # seconds for TLS
_SILENCE: Final = 60.0  # seconds for which a client may ask for nothing, and take nothing of its answers
_UNDER_WAY: Final = 200  # requests of one connection, with those that it has reset
_CUTTING: Final = 0.5  # seconds for what was asked for to end once its connection is cut
_log = logging.getLogger("capwit.http")


class Clients:
    """Whoever is connected to a socket: each is served by hypercorn's own code for one connection."""

    def __init__(self, app: AsgiApp, listening: socket.socket, most: int, tls: ssl.SSLContext | None) -> None:
        """Take up to `most` of them at one time, from now on."""
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
        self._tasks: dict[asyncio.Task[None], _Client | None] = {}
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
        client = self._tasks[task] = _Client(self._app, transport, self._leaving)
        app = ASGIWrapper(client.answer)  # type: ignore[arg-type]
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            await TCPServer(app, loop, self._config, client, {}, reader, writer)
        except* OSError:
            pass  # it has gone
        finally:
            client.cut()

    async def leave(self) -> None:
        """Take nobody any more, and let go those that are there: each once it has its answers."""
        self._door.shut()
        await self._leaving.set()
        for task, client in self._tasks.items():
            if client is None:  # nothing of it has come yet
                task.cancel()

    async def gone(self) -> None:
        """Wait until nobody is there."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def cut(self) -> None:
        """Take nobody any more, and cut those that are there, whatever is still to be sent."""
        self._door.shut()
        for client in self._tasks.values():
            if client is not None:
                client.cut()  # so that what they have asked for ends
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CUTTING)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


class _Client(WorkerContext):
    """One connection, which is cut where it asks for too much at once, or keeps the server waiting for long.

    hypercorn bounds the streams of HTTP/2 that are open. One that its client has reset is none, though its
    request has not ended, and costs the client 26 bytes.
    See https://www.cve.org/CVERecord?id=CVE-2023-44487

    hypercorn also ends most of those that are idle. It waits for good for those that do not read their
    answers, and for HTTP/2 in the clear, or whose requests were all reset.
    """

    def __init__(self, app: AsgiApp, transport: asyncio.WriteTransport, leaving: Any) -> None:
        super().__init__(None)
        self.terminated = leaving
        self._app = app
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._under_way = 0
        self._busy = 0  # requests that wait for the application, and not for the client
        self._moved = self._loop.time()
        self._timer = self._loop.call_later(_SILENCE, self._look)

    async def mark_request(self) -> None:
        """hypercorn has begun one."""
        if self._transport.is_closing():  # HTTP/1.1: sent at once with others, by a client that has gone
            raise ConnectionAbortedError
        self._under_way += 1
        if self._under_way > _UNDER_WAY:
            _log.warning("a connection was cut: %d requests of it have not ended", self._under_way)
            self.cut()
            raise ConnectionAbortedError

    async def answer(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def sent(message: Message) -> None:
            self._turn(-1)
            try:
                await send(message)
            finally:
                self._turn(1)

        self._turn(1)
        try:
            await self._app(scope, receive, sent)
        finally:
            self._turn(-1)
            self._under_way -= 1

    def _turn(self, by: int) -> None:
        self._busy += by
        self._moved = self._loop.time()

    def _look(self) -> None:
        left = _SILENCE if self._busy else self._moved + _SILENCE - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self.cut()

    def cut(self) -> None:
        """End it, whatever is still to be sent."""
        self._timer.cancel()
        self._transport.abort()
