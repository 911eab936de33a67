"""Streams of bytes inside this process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from capwit.bridge.errors import CapError, ErrorKind

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable


class _Pipe:
    """Bytes on their way, and who waits for some or for room."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.data = bytearray()
        self.ended = False
        self.unread = False  # nobody will read any more
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def room(self) -> int:
        return self.capacity - len(self.data)

    async def change(self) -> None:
        """Wait until something changes."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            with suppress(ValueError):  # it has changed meanwhile
                self._waiting.remove(waiter)
            raise

    def changed(self) -> None:
        """Something has changed."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.get_loop().call_soon(_wake, waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class PipeSource:
    """The `ByteSource` of a pipe. Without references to it nobody reads the pipe."""

    def __init__(self, pipe: _Pipe) -> None:
        """Read a pipe: `make_pipe` makes one."""
        self._pipe = pipe

    def __del__(self) -> None:
        """Tell the other end."""
        self._pipe.unread = True
        self._pipe.data.clear()
        self._pipe.changed()

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Return bytes, at once if there are any."""
        return self._take(limit) if self._is_readable or not limit else self._read_later(limit)

    def readable(self) -> MaybeAwaitable[None]:
        """Wait until there are bytes, or an end."""
        return None if self._is_readable else self._wait()

    @property
    def _is_readable(self) -> bool:
        return bool(self._pipe.data) or self._pipe.ended

    async def _wait(self) -> None:
        while not self._is_readable:
            await self._pipe.change()

    async def _read_later(self, limit: int) -> bytes:
        await self._wait()
        return self._take(limit)

    def _take(self, limit: int) -> bytes:
        data = bytes(self._pipe.data[:limit])
        if data:
            del self._pipe.data[:limit]
            self._pipe.changed()
        return data


class PipeSink:
    """The `ByteSink` of a pipe. It ends with the last reference to it, if not before."""

    def __init__(self, pipe: _Pipe) -> None:
        """Write to a pipe: `make_pipe` makes one."""
        self._pipe = pipe
        self._lock = asyncio.Lock()

    def __del__(self) -> None:
        """Tell the other end."""
        self.end()

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Take all of `data`, at once if there is room.

        Raises:
            CapError: `disconnected` where nobody reads any more, `failed` after `end`.
        """
        self._check()
        if self._lock.locked() or len(data) > self._pipe.room:
            return self._write_later(bytes(data))
        self._put(data)
        return None

    async def _write_later(self, data: bytes) -> None:
        async with self._lock:  # those who wait are served in order, each as a whole
            while data:
                while not self._pipe.room:
                    await self._pipe.change()
                    self._check()
                part, data = data[: self._pipe.room], data[self._pipe.room :]
                self._put(part)

    def _put(self, data: bytes) -> None:
        if data:
            self._pipe.data += data
            self._pipe.changed()

    def _check(self) -> None:
        if self._pipe.ended:
            raise CapError(ErrorKind.FAILED, "the stream was ended")
        if self._pipe.unread:
            raise CapError(ErrorKind.DISCONNECTED, "nobody reads the stream any more")

    def writable(self) -> MaybeAwaitable[int]:
        """Return how much there is room for, once there is any."""
        self._check()
        return self._pipe.room or self._room_later()

    async def _room_later(self) -> int:
        while not self._pipe.room:
            await self._pipe.change()
            self._check()
        return self._pipe.room

    async def flush(self) -> None:
        """Wait until all that was written is in the pipe."""
        async with self._lock:
            pass

    def end(self) -> None:
        """Let the other end see the end, behind what was written."""
        if not self._pipe.ended:
            self._pipe.ended = True
            self._pipe.changed()


def make_pipe(capacity: int = 65536) -> tuple[PipeSource, PipeSink]:
    """Return the two ends of a pipe that holds up to `capacity` bytes."""
    pipe = _Pipe(capacity)
    return PipeSource(pipe), PipeSink(pipe)


class MemorySource:
    """A `ByteSource` of given bytes."""

    def __init__(self, data: bytes = b"") -> None:
        """Give `data`, and end."""
        self._left = memoryview(bytes(data))

    def read(self, limit: int) -> bytes:
        """Return the next bytes."""
        data, self._left = self._left[:limit], self._left[limit:]
        return bytes(data)

    def readable(self) -> None:
        """Return: nothing is waited for."""


class MemorySink:
    """A `ByteSink` that keeps what is written, up to a limit in bytes.

    Attributes:
        data: what was written.
        ended: whether that is all.
    """

    def __init__(self, limit: int = 1024 * 1024) -> None:
        """Start empty."""
        self.data = bytearray()
        self.ended = False
        self._limit = limit

    def write(self, data: bytes) -> None:
        """Keep `data`.

        Raises:
            CapError: `exhausted` where that is more than may be kept, `failed` after `end`.
        """
        if self.ended:
            raise CapError(ErrorKind.FAILED, "the stream was ended")
        if len(self.data) + len(data) > self._limit:
            raise CapError(ErrorKind.EXHAUSTED, f"more than {self._limit} bytes")
        self.data += data

    def writable(self) -> int:
        """Return what may still be kept; 1 where that is nothing: a `write` fails, but does not wait."""
        return max(1, self._limit - len(self.data))

    def flush(self) -> None:
        """Return: what was written is here."""

    def end(self) -> None:
        """Note the end."""
        self.ended = True
