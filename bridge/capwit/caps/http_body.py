"""Content of messages that is made in this process: by somebody who writes it, or out of given bytes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind

from .http import EndingError, EndingTrailers, HeaderField, HttpError
from .http_headers import failure
from .pipe import MemorySource, make_pipe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from capwit.bridge.binding import MaybeAwaitable

    from .http import BodyClient, Ending, HttpFailure
    from .pipe import PipeSink, PipeSource

# How far a writer is ahead of a reader: enough for both to go on, and memory of each message.
_CAPACITY: Final = 256 * 1024


class PipedBody:
    """The `Body` of a pipe: whoever writes it says how it ends. Without references to it nobody reads it."""

    def __init__(self, source: PipeSource, ending: asyncio.Future[Ending]) -> None:
        """Read a pipe: `make_body` makes one."""
        self._source = source
        self._ending = ending

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Return bytes, at once if there are any."""
        data = self._source.read(limit)
        return self._checked(data, limit) if isinstance(data, bytes) else self._wait(data, limit)

    async def _wait(self, data: Awaitable[bytes], limit: int) -> bytes:
        return self._checked(await data, limit)

    def _checked(self, data: bytes, limit: int) -> bytes:
        if not data and limit and self._ending.done():
            ending = self._ending.result()
            if isinstance(ending, EndingError):
                why = ending.value.error.value
                raise CapError(ErrorKind.DISCONNECTED, f"the content is not whole: {why}")
        return data

    def readable(self) -> MaybeAwaitable[None]:
        """Wait until there are bytes, or an end."""
        return self._source.readable()

    async def ending(self) -> Ending:
        """Return how it ended, once it has."""
        return await asyncio.shield(self._ending)


class BodyWriter:
    """The `ByteSink` that a body is written to. Let go before it is finished, the body is not whole.

    Attributes:
        size: how many bytes were written.
    """

    def __init__(self, sink: PipeSink, ending: asyncio.Future[Ending], length: int | None) -> None:
        """Write to a pipe: `make_body` makes one."""
        self._sink = sink
        self._ending = ending
        self._length = length
        self.size = 0

    def __del__(self) -> None:
        """Tell whoever reads that there will be no more, and that this is not all."""
        with suppress(RuntimeError):  # the loop is gone, and so is whoever reads
            self.fail(failure(HttpError.HTTP_PROTOCOL_ERROR))

    @property
    def is_whole(self) -> bool:
        """Whether all is there that was told."""
        return self._length is None or self.size == self._length

    @property
    def is_too_long(self) -> bool:
        """Whether there has been more than was told."""
        return self._length is not None and self.size > self._length

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Take all of `data`.

        Raises:
            CapError: `disconnected` where nobody reads any more; `failed` after the end, and where it is more
                than was told.
        """
        self.size += len(data)
        if self.is_too_long:
            told = f"the content is longer than the {self._length} bytes that were told"
            raise CapError(ErrorKind.FAILED, told)
        return self._sink.write(data)

    def writable(self) -> MaybeAwaitable[int]:
        """Return how much there is room for, once there is any."""
        return self._sink.writable()

    def flush(self) -> MaybeAwaitable[None]:
        """Wait until all that was written is on its way."""
        return self._sink.flush()

    def end(self) -> None:
        """Say that this is all, if it is as much as was told."""
        if self.is_whole:
            self.finish()
        else:
            self.fail(failure(HttpError.HTTP_PROTOCOL_ERROR))

    def finish(self, trailers: Sequence[HeaderField] = ()) -> None:
        """Say that this is all, and what follows it."""
        self._end(EndingTrailers(list(trailers)))

    def fail(self, why: HttpFailure) -> None:
        """Say that there will be no more, and why. Once it is finished, this does nothing."""
        self._end(EndingError(why))

    def _end(self, ending: Ending) -> None:
        if not self._ending.done():
            self._ending.set_result(ending)
            self._sink.end()


def make_body(length: int | None = None, capacity: int = _CAPACITY) -> tuple[PipedBody, BodyWriter]:
    """Return a body, and what it is written to; more than `length` bytes are not taken, if that was told."""
    source, sink = make_pipe(capacity)
    ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
    return PipedBody(source, ending), BodyWriter(sink, ending, length)


async def pour(body: BodyClient, writer: BodyWriter) -> None:
    """Write content as it comes, and end it as it ends.

    Raises:
        CapError: nobody reads it any more, or nobody knows how it has ended.
    """
    while data := await _read(body):
        waits = writer.write(data)
        if waits is not None:
            await waits
    match await body.ending():
        case EndingTrailers(trailers):
            writer.finish(trailers)
        case EndingError(why):
            writer.fail(why)


async def _read(body: BodyClient) -> bytes:
    try:
        return await body.read(_CAPACITY)
    except CapError:  # how it has ended is told by `ending`
        return b""


class MemoryBody:
    """A `Body` of given bytes."""

    def __init__(self, data: bytes = b"", trailers: Sequence[HeaderField] = ()) -> None:
        """Give `data`, and end with `trailers`."""
        self._source = MemorySource(data)
        self._trailers = list(trailers)

    def read(self, limit: int) -> bytes:
        """Return the next bytes."""
        return self._source.read(limit)

    def readable(self) -> None:
        """Return: nothing is waited for."""

    def ending(self) -> Ending:
        """Return the trailers."""
        return EndingTrailers(self._trailers)
