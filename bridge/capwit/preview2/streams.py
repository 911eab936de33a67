"""`wasi:io/streams` and `wasi:io/error`: bytes from a `ByteSource`, and to a `ByteSink` or a `Console`.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/io
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, ClassVar, Final, NoReturn, TypeVar, cast

from capwit.bridge.errors import CapError, ErrorKind, InstanceEnded
from capwit.caps.standard import CONSOLE
from capwit.caps.streams import BYTE_SINK, BYTE_SOURCE

from .context import Handler, answer, ask, by
from .errors import WasiError
from .poll import Pollable
from .waits import Background, Readiness

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge.binding import MaybeAwaitable, Method
    from capwit.caps.standard import Console
    from capwit.caps.streams import ByteSink, ByteSource

    from .grants import WasiGrants

T = TypeVar("T")

_READ: Final[Method[bytes]] = BYTE_SOURCE.methods["read"]
_READABLE: Final[Method[None]] = BYTE_SOURCE.methods["readable"]
_WRITE: Final[Method[None]] = BYTE_SINK.methods["write"]
_WRITABLE: Final[Method[int]] = BYTE_SINK.methods["writable"]
_FLUSH: Final[Method[None]] = BYTE_SINK.methods["flush"]
_CONSOLE_WRITE: Final[Method[None]] = CONSOLE.methods["write"]

_CLOSED: Final = ("closed", None)
# How many bytes a guest may write at once: they cost host memory that no limit of the guest sees. As much as
# other runtimes offer, because guests get less wrong: an unbuffered Python loses the rest of a short write.
_WRITE_BUDGET: Final = 1024 * 1024

# How many bytes a guest may read at once: as much as it may write, for the same reason.
_READ_BUDGET: Final = _WRITE_BUDGET

# How many bytes the WIT allows in a write that flushes.
_FLUSHED_BUDGET: Final = 4096


class StreamError:
    """What went wrong with a stream, as a guest may print it.

    Attributes:
        text: the words.
        cause: the exception, for whoever knows more of it: a file system, HTTP.
    """

    wit_resource: ClassVar = "wasi:io/error.error"

    def __init__(self, text: str, cause: CapError | None = None) -> None:
        """Keep the words."""
        self.text = text
        self.cause = cause


def failed(error: CapError) -> WasiError:
    """Return the error of a stream whose capability has failed."""
    return WasiError(("last-operation-failed", StreamError(str(error), error)))


class InputStream:
    """A `wasi:io` input stream of the bytes of a source.

    A source that answers at once is asked whenever the guest asks; one that answers later (on another
    machine, say) is waited for in the background, so that a `read` never waits for bytes.

    Attributes:
        keeps: what must live as long as the stream.
    """

    wit_resource: ClassVar = "wasi:io/streams.input-stream"

    def __init__(self, source: ByteSource | None) -> None:
        """Read from `source`; without one, the stream is closed."""
        self.keeps: object = None
        self._source = source
        self._readable = Readiness(lambda: None if source is None else ask(source, _READABLE))
        self._pollable = Pollable(self._readable.waiting)

    async def read(self, length: int) -> bytes:
        """Return at most `length` bytes, none if there are none yet.

        Raises:
            WasiError: the source is at its end, or fails.
        """
        if self._source is not None and length and not await self._pollable.ready():
            return b""
        return await self.blocking_read(length)

    async def blocking_read(self, length: int) -> bytes:
        """Return at most `length` bytes, and at least one unless that is 0.

        Raises:
            WasiError: the source is at its end, or fails.
        """
        if self._source is None:
            raise WasiError(_CLOSED)
        if not length:
            return b""
        limit = min(length, _READ_BUDGET)
        self._readable.forget()
        try:
            data = await answer(ask(self._source, _READ, limit))
            if not isinstance(data, bytes) or len(data) > limit:
                given = f"{len(data)} bytes" if isinstance(data, bytes) else f"a {type(data).__name__}"
                raise CapError(ErrorKind.FAILED, f"the source gave {given}, and was asked for {limit}")
        except CapError as error:
            self._source = None
            raise failed(error) from error
        if not data:
            self._source = None
            raise WasiError(_CLOSED)
        return data

    def close(self) -> None:
        """Read no more: the stream is closed."""
        self._source = None

    def subscribe(self) -> Pollable:
        """Return what is ready once there are bytes, or an end."""
        return Pollable(self._waiting)

    def _waiting(self) -> Background[None] | None:
        return None if self._source is None else self._readable.waiting()


class ConsoleSink:
    """A `ByteSink` that writes to a console, which is taken to keep nobody waiting for long."""

    def __init__(self, console: Console) -> None:
        """Write to `console`."""
        self._console = console

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Write all of `data`."""
        return ask(self._console, _CONSOLE_WRITE, data)

    def writable(self) -> int:
        """Return how much to write at once."""
        return _WRITE_BUDGET

    def flush(self) -> None:
        """Return: a write is over when the console has it."""

    def end(self) -> None:
        """Leave the console to others."""


def _as_sink(sink: ByteSink | Console) -> ByteSink:
    return cast("ByteSink", sink) if hasattr(sink, "writable") else ConsoleSink(sink)


class OutputStream:
    """A `wasi:io` output stream: bytes to a sink or a console, or to nowhere when it is not granted.

    A write that the sink cannot take at once goes on in the background; until it is done the guest has no
    budget to write more.

    Attributes:
        keeps: what must live as long as the stream.
    """

    wit_resource: ClassVar = "wasi:io/streams.output-stream"

    def __init__(self, sink: ByteSink | Console | None) -> None:
        """Write to `sink`."""
        self.keeps: object = None
        self._sink = found = None if sink is None else _as_sink(sink)
        self._writable = Readiness(lambda: 0 if found is None else ask(found, _WRITABLE))
        self._work: Background[None] | None = None  # a write or a flush that is under way
        self._permit = 0  # what may still be written of what check-write has said

    def _waiting(self) -> Background[None] | Background[int] | None:
        if self._sink is None:
            return None
        if self._work is not None:
            if not self._work.done:
                return self._work
            try:
                self._work.result()
            except Exception:
                return None  # the next call tells of it
        return self._writable.waiting()

    def subscribe(self) -> Pollable:
        """Return what is ready once some bytes can be written, or an error can be told."""
        return Pollable(self._waiting)

    async def check_write(self) -> int:
        """Return how many bytes may be written next; 0 while the sink has no room.

        Raises:
            WasiError: it is closed, or what was written before has failed.
        """
        self._check()
        if self._waiting() is not None:
            await asyncio.sleep(0)  # what is ready at once says so in its first step; and others may go on
            if self._waiting() is not None:
                self._permit = 0
                return 0
            self._check()
        room = self._guarded(self._writable.take)
        if not isinstance(room, int) or room < 1:
            self._fail(CapError(ErrorKind.FAILED, f"the sink has room for {room!r} bytes"))
        self._permit = min(room, _WRITE_BUDGET)
        return self._permit

    async def write(self, data: bytes) -> None:
        """Write bytes, in order, as many as `check_write` allowed at most. It does not wait for the sink.

        Raises:
            InstanceEnded: the guest writes more.
            WasiError: it is closed, or fails.
        """
        await self._admit(len(data), "bytes")
        self._begin(data)

    async def write_zeroes(self, length: int) -> None:
        """Write zeroes, as `write` does."""
        await self._admit(length, "zeroes")
        self._begin(bytes(length))

    async def _admit(self, length: int, what: str) -> None:
        if length > self._permit:
            allowed = await self.check_write()  # it may have asked long ago, or for nothing at all
            if length > allowed:
                raise InstanceEnded(
                    f"the guest wrote {length} {what} at once where check-write allowed {allowed}"
                )
        self._check()
        self._permit -= length

    def _begin(self, data: bytes) -> None:
        if data and self._sink is not None:
            sink = self._sink
            self._go_on(self._guarded(lambda: ask(sink, _WRITE, data)))

    def flush(self) -> None:
        """Ask for all that was written to go on to wherever it goes; `check_write` allows 0 until then."""
        self._check()
        self._permit = 0
        sink = self._sink
        assert sink is not None
        if self._work is None:
            self._go_on(self._guarded(lambda: ask(sink, _FLUSH)))
        else:
            self._work = Background(_then_flush(self._work, sink))

    def _go_on(self, work: MaybeAwaitable[None]) -> None:
        if isinstance(work, Awaitable):
            self._work = Background(work)

    async def blocking_flush(self) -> None:
        """Flush, and wait for that."""
        await self._settle()
        await self._do(_FLUSH)

    async def blocking_write(self, data: bytes) -> None:
        """Write bytes, flush, and wait for both.

        Raises:
            InstanceEnded: they are more than the WIT allows.
            WasiError: it is closed, or fails.
        """
        self._check_flushed(len(data))
        await self._settle()
        if data:
            await self._do(_WRITE, data)
        await self._do(_FLUSH)

    async def blocking_write_zeroes(self, length: int) -> None:
        """Write zeroes, as `blocking_write` does."""
        self._check_flushed(length)
        await self.blocking_write(bytes(length))

    async def _do(self, method: Method[None], *arguments: bytes) -> None:
        assert self._sink is not None
        self._permit = 0
        try:
            await answer(ask(self._sink, method, *arguments))
        except CapError as error:
            self._fail(error)

    def _check_flushed(self, length: int) -> None:
        if length > _FLUSHED_BUDGET:
            raise InstanceEnded(
                f"the guest wrote {length} bytes in a write that flushes, where the most is {_FLUSHED_BUDGET}"
            )

    async def splice(self, source: InputStream, length: int) -> int:
        """Write what there is to read, as far as that may be written; returns how much it was."""
        length = min(length, await self.check_write())
        data = await source.read(length)
        if data:
            await self.write(data)
        return len(data)

    async def blocking_splice(self, source: InputStream, length: int) -> int:
        """Wait until something can be read and written, then write it; returns how much it was."""
        if length:
            await self.subscribe().block()
            await source.subscribe().block()
        return await self.splice(source, length)

    # -- How it ends

    def close(self) -> None:
        """Write no more: the stream is closed. What was written goes on to the sink."""
        self._sink = None

    async def _settle(self) -> None:
        """Wait for what is under way."""
        if self._work is not None:
            await self._work.over()
        self._check()

    def _check(self) -> None:
        """Raise what has become of the stream, if that is an error."""
        if self._sink is None:
            raise WasiError(_CLOSED)
        if self._work is not None and self._work.done:
            work, self._work = self._work, None
            self._guarded(work.result)

    def _guarded(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except CapError as error:
            self._fail(error)

    def _fail(self, error: CapError) -> NoReturn:
        self._sink = None
        raise failed(error) from error


async def _then_flush(work: Background[None], sink: ByteSink) -> None:
    await work.over()
    work.result()
    await answer(ask(sink, _FLUSH))


async def _skip(_: WasiGrants, stream: InputStream, length: int) -> int:
    return len(await stream.read(length))


async def _blocking_skip(_: WasiGrants, stream: InputStream, length: int) -> int:
    return len(await stream.blocking_read(length))


def _debug_string(_: WasiGrants, error: StreamError) -> str:
    return error.text


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:io/error": {"[method]error.to-debug-string": _debug_string},
    "wasi:io/streams": {
        "[method]input-stream.read": by(InputStream.read),
        "[method]input-stream.blocking-read": by(InputStream.blocking_read),
        "[method]input-stream.skip": _skip,
        "[method]input-stream.blocking-skip": _blocking_skip,
        "[method]input-stream.subscribe": by(InputStream.subscribe),
        "[method]output-stream.check-write": by(OutputStream.check_write),
        "[method]output-stream.write": by(OutputStream.write),
        "[method]output-stream.blocking-write-and-flush": by(OutputStream.blocking_write),
        "[method]output-stream.flush": by(OutputStream.flush),
        "[method]output-stream.blocking-flush": by(OutputStream.blocking_flush),
        "[method]output-stream.subscribe": by(OutputStream.subscribe),
        "[method]output-stream.write-zeroes": by(OutputStream.write_zeroes),
        "[method]output-stream.blocking-write-zeroes-and-flush": by(OutputStream.blocking_write_zeroes),
        "[method]output-stream.splice": by(OutputStream.splice),
        "[method]output-stream.blocking-splice": by(OutputStream.blocking_splice),
    },
}
