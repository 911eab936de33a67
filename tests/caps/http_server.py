"""Servers for tests that say, byte by byte, what a test has them say."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable


class Peer:
    """One connection of a client, as the server has it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def head(self) -> list[str]:
        """Read the lines of a request's head."""
        text = await self.reader.readuntil(b"\r\n\r\n")
        return text.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")

    async def chunked(self) -> tuple[bytes, list[str]]:
        """Read a chunked body: its content, and its trailers."""
        content = b""
        while length := int(await self.reader.readline(), 16):
            content += await self.reader.readexactly(length)
            await self.reader.readexactly(2)
        trailers = []
        while line := (await self.reader.readline()).strip():
            trailers.append(line.decode())
        return content, trailers

    async def say(self, text: bytes) -> None:
        """Write bytes."""
        self.writer.write(text)
        await self.writer.drain()

    async def ok(self, content: bytes = b"fine") -> None:
        """Write a short response."""
        await self.say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(content), content))

    async def gone(self) -> bool:
        """Wait until the client has closed the connection; returns whether it has sent nothing more."""
        with suppress(ConnectionError):
            return await self.reader.read() == b""
        return True


class Server:
    """A server, and how many connections it was asked for."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(
    talk: Callable[[Peer], Awaitable[Any]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """Serve connections by a function, until the scope ends: by then it must be done with all of them."""
    found = Server()
    tasks: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        found.connections += 1
        try:
            await talk(Peer(reader, writer))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the client has gone, or the test is over
        finally:
            writer.transport.abort()
            tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
