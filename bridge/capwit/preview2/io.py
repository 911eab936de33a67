"""`wasi:io`: errors, pollables and streams.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/io
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeAlias

from capwit.bridge.errors import CapError, InstanceEnded, Limit, LimitExceeded

from .context import Handler, answer
from .errors import WasiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from capwit.caps.standard import Console, Timer

    from .grants import WasiGrants

_CLOSED: Final = ("closed", None)
# How many bytes a guest may write at once: they cost host memory that no limit of the guest sees. As much as
# other runtimes offer, because guests get less wrong: an unbuffered Python loses the rest of a short write.
_WRITE_BUDGET: Final = 1024 * 1024

# How many bytes a guest may read at once: as much as it may write, for the same reason.
_READ_BUDGET: Final = _WRITE_BUDGET

# How many pollables one call may wait for: each is a task of the host.
_MOST_POLLABLES: Final = 10_000


class Pollable:
    """Something a guest can wait for; this one is always ready."""

    wit_resource: ClassVar = "wasi:io/poll.pollable"

    async def ready(self) -> bool:
        """Return whether the wait is over."""
        return True

    async def block(self) -> None:
        """Wait."""


class TimerPollable(Pollable):
    """Ready at a deadline of a timer, in its nanoseconds."""

    def __init__(self, timer: Timer, deadline: int) -> None:
        """Wait for `deadline`."""
        self._timer = timer
        self._deadline = deadline

    async def ready(self) -> bool:
        """Return whether the deadline has passed."""
        return await answer(self._timer.now()) >= self._deadline

    async def block(self) -> None:
        """Wait for the deadline."""
        await answer(self._timer.sleep_until(self._deadline))


class StreamError:
    """What went wrong with a stream, as a guest may print it."""

    wit_resource: ClassVar = "wasi:io/error.error"

    def __init__(self, text: str) -> None:
        """Keep the words."""
        self.text = text


class ByteSource(Protocol):
    """Somewhere that bytes come from."""

    def read(self, limit: int) -> bytes | Awaitable[bytes]:
        """Return at least one byte and at most `limit`, or none at the end."""


class InputStream:
    """A `wasi:io` input stream of the bytes of a source. A read waits for as long as the source has none."""

    wit_resource: ClassVar = "wasi:io/streams.input-stream"

    def __init__(self, source: ByteSource) -> None:
        """Read from `source`."""
        self._source = source

    async def read(self, length: int) -> bytes:
        """Return at most `length` bytes, and at least one unless that is 0.

        Raises:
            WasiError: the source is at its end, or fails.
        """
        if not length:
            return b""
        limit = min(length, _READ_BUDGET)
        try:
            data = await answer(self._source.read(limit))
        except CapError as error:
            raise WasiError(("last-operation-failed", StreamError(str(error)))) from error
        if not data:
            raise WasiError(_CLOSED)
        if len(data) > limit:
            raise WasiError(
                ("last-operation-failed", StreamError("the source gave more than it was asked for"))
            )
        return data


class ClosedInput:
    """A standard input with nothing in it."""

    wit_resource: ClassVar = InputStream.wit_resource

    async def read(self, length: int) -> bytes:
        """Refuse: it is at its end."""
        raise WasiError(_CLOSED)


class OutputStream:
    """A `wasi:io` output stream: bytes to a console, or to nowhere when it is not granted."""

    wit_resource: ClassVar = "wasi:io/streams.output-stream"

    def __init__(self, console: Console | None) -> None:
        """Write to `console`."""
        self._console = console

    def check_write(self) -> int:
        """Return how many bytes may be written next."""
        if self._console is None:
            raise WasiError(_CLOSED)
        return _WRITE_BUDGET

    async def write(self, data: bytes) -> None:
        """Write bytes, in order."""
        if self._console is None:
            raise WasiError(_CLOSED)
        if len(data) > _WRITE_BUDGET:
            raise InstanceEnded(
                f"the guest wrote {len(data)} bytes at once where check-write allowed {_WRITE_BUDGET}"
            )
        try:
            await answer(self._console.write(data))
        except CapError as error:
            raise WasiError(("last-operation-failed", StreamError(str(error)))) from error


Input: TypeAlias = InputStream | ClosedInput


async def _block(_: WasiGrants, pollable: Pollable) -> None:
    await pollable.block()


async def _ready(_: WasiGrants, pollable: Pollable) -> bool:
    return await pollable.ready()


async def _poll(_: WasiGrants, pollables: Sequence[Pollable]) -> list[int]:
    if not pollables:
        raise InstanceEnded("wasi:io/poll#poll was called with nothing to wait for")
    if len(pollables) > _MOST_POLLABLES:
        raise LimitExceeded(
            Limit.ARGUMENTS, f"wasi:io/poll#poll: {len(pollables)} pollables, the most is {_MOST_POLLABLES}"
        )
    ready = [i for i, pollable in enumerate(pollables) if await pollable.ready()]
    if ready:
        return ready
    waits = {pollable: asyncio.ensure_future(pollable.block()) for pollable in pollables}
    try:
        await asyncio.wait(waits.values(), return_when=asyncio.FIRST_COMPLETED)
        for wait in waits.values():
            if wait.done():
                wait.result()
        return [i for i, pollable in enumerate(pollables) if waits[pollable].done()]
    finally:
        for wait in waits.values():
            wait.cancel()


async def _read(_: WasiGrants, stream: Input, length: int) -> bytes:
    return await stream.read(length)


async def _skip(_: WasiGrants, stream: Input, length: int) -> int:
    return len(await stream.read(length))


def _subscribe(_: WasiGrants, stream: object) -> Pollable:
    return Pollable()


def _check_write(_: WasiGrants, stream: OutputStream) -> int:
    return stream.check_write()


async def _write(_: WasiGrants, stream: OutputStream, data: bytes) -> None:
    await stream.write(data)


async def _write_zeroes(_: WasiGrants, stream: OutputStream, length: int) -> None:
    if length > _WRITE_BUDGET:
        raise InstanceEnded(
            f"the guest wrote {length} zeroes at once where check-write allowed {_WRITE_BUDGET}"
        )
    await stream.write(bytes(length))


def _flush(_: WasiGrants, stream: OutputStream) -> None:
    stream.check_write()


async def _splice(_: WasiGrants, stream: OutputStream, source: Input, length: int) -> int:
    data = await source.read(min(length, stream.check_write()))
    await stream.write(data)
    return len(data)


def _debug_string(_: WasiGrants, error: StreamError) -> str:
    return error.text


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:io/error": {"[method]error.to-debug-string": _debug_string},
    "wasi:io/poll": {
        "poll": _poll,
        "[method]pollable.ready": _ready,
        "[method]pollable.block": _block,
    },
    "wasi:io/streams": {
        "[method]input-stream.read": _read,
        "[method]input-stream.blocking-read": _read,
        "[method]input-stream.skip": _skip,
        "[method]input-stream.blocking-skip": _skip,
        "[method]input-stream.subscribe": _subscribe,
        "[method]output-stream.check-write": _check_write,
        "[method]output-stream.write": _write,
        "[method]output-stream.blocking-write-and-flush": _write,
        "[method]output-stream.flush": _flush,
        "[method]output-stream.blocking-flush": _flush,
        "[method]output-stream.subscribe": _subscribe,
        "[method]output-stream.write-zeroes": _write_zeroes,
        "[method]output-stream.blocking-write-zeroes-and-flush": _write_zeroes,
        "[method]output-stream.splice": _splice,
        "[method]output-stream.blocking-splice": _splice,
    },
}


def stdio(grants: WasiGrants) -> tuple[Any, OutputStream, OutputStream]:
    """Return standard input, output and error on an instance's grants."""
    return ClosedInput(), OutputStream(grants.stdout), OutputStream(grants.stderr or grants.stdout)
