"""The standard capabilities of this machine, and harmless ones for tests."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

from capwit.bridge.errors import CapError, ErrorKind, GrantError
from capwit.bridge.launch import check_texts
from capwit.bridge.target import never_waits

from .standard import EnvVar, Instant
from .terminal import DescriptorSink, may_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from capwit.bridge.binding import MaybeAwaitable

_SECOND = 1_000_000_000


class StreamConsole:
    """A `Console` on a binary stream: the process's standard output by default."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        """Write to a stream that others may write to as well: each write is flushed."""
        self._stream = stream
        self._sink: tuple[BinaryIO, DescriptorSink] | None = None

    @property
    def write(self) -> Callable[[bytes], MaybeAwaitable[None]]:
        """What writes all of its argument: at once to a file, and to a pipe or a terminal as it is read.

        Calling it raises `CapError`: `disconnected` where nobody reads the stream any more, `failed` where
        it is full.
        """
        try:
            waits = may_wait(self._target().fileno())
        except (AttributeError, OSError, ValueError):  # a stream in memory, or one that is closed
            waits = False
        return self._write_as_read if waits else self._write

    def _target(self) -> BinaryIO:
        return sys.stdout.buffer if self._stream is None else self._stream

    @never_waits
    def _write(self, data: bytes) -> None:
        try:
            stream = self._target()
            stream.write(data)
            stream.flush()
        except OSError as error:
            raise _unwritten(error) from None

    def _write_as_read(self, data: bytes) -> MaybeAwaitable[None]:
        stream = self._target()
        try:
            stream.flush()  # what the host has written before comes before
        except OSError as error:
            raise _unwritten(error) from None
        if self._sink is None or self._sink[0] is not stream:
            self._sink = stream, DescriptorSink(stream.fileno())
        return self._sink[1].write(data)


def _unwritten(error: OSError) -> CapError:
    if isinstance(error, BrokenPipeError):
        return CapError(ErrorKind.DISCONNECTED, "nobody reads the output any more")
    return CapError(ErrorKind.FAILED, f"the output cannot be written: {error.strerror}")


class MemoryConsole:
    """A `Console` that keeps what is written, up to a limit in bytes."""

    def __init__(self, limit: int = 1024 * 1024) -> None:
        """Start empty."""
        self._data = bytearray()
        self._limit = limit

    @never_waits
    def write(self, data: bytes) -> None:
        """Keep `data`; what goes over the limit is let go."""
        self._data += data[: self._limit - len(self._data)]

    @property
    def text(self) -> str:
        """What was written, as text."""
        return self._data.decode("utf-8", "replace")


class Launch:
    """`LaunchParameters` that were fixed when the instance was made."""

    def __init__(self, args: Sequence[str] = (), env: Mapping[str, str] | None = None) -> None:
        """Fix the arguments (the program's name first) and the environment.

        Raises:
            GrantError: they are more than a program may be started with.
        """
        self._args = list(args)
        self._env = [EnvVar(name, value) for name, value in (env or {}).items()]
        for key, what, texts in (
            ("args", "arguments", self._args),
            ("env", "variables", [f"{each.name}={each.value}" for each in self._env]),
        ):
            try:
                check_texts(what, texts)
            except ValueError as error:
                raise GrantError(f"{key}: {error}") from None

    @never_waits
    def args(self) -> Sequence[str]:
        """Return the arguments."""
        return self._args

    @never_waits
    def env(self) -> Sequence[EnvVar]:
        """Return the environment."""
        return self._env


class SystemTimer:
    """The machine's monotonic clock, in steps of `resolution` nanoseconds.

    Fine clocks are a side channel between tenants, so the steps are coarse unless asked for.
    """

    def __init__(self, resolution: int = 1_000_000) -> None:
        """Count from now."""
        self._resolution = max(1, resolution)
        self._zero = time.monotonic_ns()

    @never_waits
    def now(self) -> int:
        """Return the nanoseconds since this timer was made."""
        elapsed = time.monotonic_ns() - self._zero
        return elapsed - elapsed % self._resolution

    @never_waits
    def resolution(self) -> int:
        """Return the nanoseconds between two ticks."""
        return self._resolution

    async def sleep_until(self, deadline: int) -> None:
        """Wait until `now` is at or past `deadline`."""
        while (left := deadline - (time.monotonic_ns() - self._zero)) > 0 or self.now() < deadline:  # noqa: ASYNC110 - time passes by itself
            await asyncio.sleep(max(left, self._resolution) / _SECOND)


class SteppedTimer:
    """A `Timer` that only sleeping moves on, for reproducible runs: whoever sleeps is awake at once."""

    def __init__(self, now: int = 0) -> None:
        """Stand at `now`, in nanoseconds."""
        self._now = now

    @never_waits
    def now(self) -> int:
        """Return where it stands."""
        return self._now

    @never_waits
    def resolution(self) -> int:
        """Return 0: it does not tick."""
        return 0

    async def sleep_until(self, deadline: int) -> None:
        """Stand at `deadline`, where that is later."""
        await asyncio.sleep(0)  # one who sleeps for ever leaves the loop to others all the same
        self._now = max(self._now, deadline)


class SystemWallClock:
    """The machine's time of day, in steps of `resolution` nanoseconds (below a second)."""

    def __init__(self, resolution: int = 1_000_000) -> None:
        """Tell the time in steps of `resolution`."""
        self._resolution = min(max(1, resolution), _SECOND - 1)

    @never_waits
    def now(self) -> Instant:
        """Return the present time."""
        now = time.time_ns()
        return Instant(*divmod(now - now % self._resolution, _SECOND))

    @never_waits
    def resolution(self) -> Instant:
        """Return the distance between two ticks."""
        return Instant(0, self._resolution)


class FixedClock:
    """A `WallClock` that stands still."""

    def __init__(self, seconds: int, nanoseconds: int = 0) -> None:
        """Stand at a time counted from 1970-01-01T00:00:00Z."""
        self._now = Instant(seconds, nanoseconds)

    @never_waits
    def now(self) -> Instant:
        """Return the time."""
        return self._now

    @never_waits
    def resolution(self) -> Instant:
        """Return one nanosecond."""
        return Instant(0, 1)


class SystemEntropy:
    """The operating system's entropy."""

    @never_waits
    def fill(self, length: int) -> bytes:
        """Return `length` random bytes."""
        return os.urandom(length)


class SeededEntropy:
    """Bytes that depend on a seed alone: for tests and reproducible runs, never for secrets."""

    def __init__(self, seed: int) -> None:
        """Start the sequence of a seed."""
        self._random = random.Random(seed)  # noqa: S311 - reproducible is what it is for

    @never_waits
    def fill(self, length: int) -> bytes:
        """Return the next `length` bytes."""
        return self._random.randbytes(length)
