"""Streams of bytes that the process was started with: its terminal, its standard input and output."""

from __future__ import annotations

import asyncio
import errno
import os
import select
import stat
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind

from .streams import TerminalSize

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable

_MOST: Final = 65536  # bytes of one read
_REGULAR_BUDGET: Final = 1024 * 1024  # of one write to a file, which never waits for anybody
_MEMORY: Final = 1  # the major number of /dev/null and its kin
_PAUSE: Final = 0.01  # seconds until what is ready, and takes nothing all the same, is tried again


def may_wait(fd: int) -> bool:
    """Return whether a write to a descriptor may have to wait for somebody, as for the reader of a pipe."""
    found = os.fstat(fd)
    if stat.S_ISCHR(found.st_mode):
        return os.major(found.st_rdev) != _MEMORY
    return not stat.S_ISREG(found.st_mode)


class _Descriptor:
    """A descriptor of the process, which others may use too: it is neither closed nor changed."""

    def __init__(self, fd: int, events: int) -> None:
        self.fd = fd
        self._poll = select.poll()
        self._poll.register(fd, events)
        self._reads = events == select.POLLIN

    @property
    def ready(self) -> bool:
        """Whether the next call would not wait; so it is where the call fails."""
        return bool(self._poll.poll(0))

    async def wait(self) -> None:
        """Wait until it is ready."""
        loop = asyncio.get_running_loop()
        while not self.ready:
            fd = os.dup(self.fd)  # a loop has one watcher a descriptor, and somebody else may wait as well
            event = asyncio.Event()
            add, remove = (
                (loop.add_reader, loop.remove_reader)
                if self._reads
                else (loop.add_writer, loop.remove_writer)
            )
            add(fd, event.set)
            try:
                await event.wait()
            finally:
                remove(fd)
                os.close(fd)


def _cap_error(error: OSError) -> CapError:
    if error.errno in (errno.EPIPE, errno.ECONNRESET, errno.EIO):
        return CapError(ErrorKind.DISCONNECTED, "there is nobody at the other end any more")
    return CapError(ErrorKind.FAILED, f"the stream failed: {error.strerror}")


class DescriptorSource:
    """A `ByteSource` on a file descriptor, which stays its owner's."""

    def __init__(self, fd: int = 0) -> None:
        """Read `fd`: standard input by default."""
        self._descriptor = _Descriptor(fd, select.POLLIN)

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Return bytes, at once if there are any.

        Raises:
            CapError: `disconnected` where a terminal is gone, `failed` where it cannot be read.
        """
        if not limit:
            return b""
        return self._read(limit) if self._descriptor.ready else self._read_later(limit)

    def _read(self, limit: int) -> bytes:
        try:
            return os.read(self._descriptor.fd, min(limit, _MOST))
        except OSError as error:
            raise _cap_error(error) from None

    async def _read_later(self, limit: int) -> bytes:
        await self._descriptor.wait()
        return self._read(limit)

    def readable(self) -> MaybeAwaitable[None]:
        """Wait until there are bytes, or an end."""
        return None if self._descriptor.ready else self._descriptor.wait()


def _opened_again(fd: int) -> int | None:
    """Open a terminal again, so that its writes do not wait.

    One that is ready may have room for a single byte. Who else writes to it must not find it non-blocking.
    """
    if not os.isatty(fd):
        return None
    try:
        return os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:  # one of another user's, as after su
        return None


class DescriptorSink:
    """A `ByteSink` on a file descriptor, which stays its owner's unless told: `end` does not close it."""

    _owned: int | None = None

    def __init__(self, fd: int = 1, *, owned: bool = False) -> None:
        """Write to `fd`: standard output by default. `owned`: whether it is closed with the sink."""
        self._owned = fd if owned else _opened_again(fd)
        self._descriptor = _Descriptor(fd if self._owned is None else self._owned, select.POLLOUT)
        # A pipe that is ready has room for this much; a write of more might wait, and all else with it.
        self._budget = select.PIPE_BUF if may_wait(fd) else _REGULAR_BUDGET
        self._lock = asyncio.Lock()
        self._ended = False

    def __del__(self) -> None:
        """Close what is its own."""
        if self._owned is not None:
            os.close(self._owned)

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Take all of `data`, at once if the other side is as fast.

        Raises:
            CapError: `disconnected` where nobody reads any more, `failed` where it cannot be written.
        """
        self._check()
        if self._lock.locked():
            return self._write_later(bytes(data))
        left = self._write(memoryview(data))
        return self._write_later(bytes(left)) if left else None

    def _write(self, data: memoryview) -> memoryview:
        """Write as long as that does not wait, and return what is left."""
        try:
            while data and self._descriptor.ready:
                data = data[os.write(self._descriptor.fd, data[: self._budget]) :]
        except BlockingIOError:  # a descriptor that somebody else has set so
            return data
        except OSError as error:
            raise _cap_error(error) from None
        return data

    async def _write_later(self, data: bytes) -> None:
        async with self._lock:  # those who wait are served in order, each as a whole
            left = memoryview(data)
            while left:
                await self._descriptor.wait()
                rest = self._write(left)
                if len(rest) == len(left):  # a terminal may have room, but not for the end of a line
                    await asyncio.sleep(_PAUSE)
                left = rest

    def _check(self) -> None:
        if self._ended:
            raise CapError(ErrorKind.FAILED, "the stream was ended")

    def writable(self) -> MaybeAwaitable[int]:
        """Return how much can be written without waiting, once that is anything."""
        self._check()
        return self._budget if self._descriptor.ready else self._room_later()

    async def _room_later(self) -> int:
        await self._descriptor.wait()
        return self._budget

    async def flush(self) -> None:
        """Wait until the operating system has all that was written."""
        async with self._lock:
            pass

    def end(self) -> None:
        """Refuse to write more."""
        self._ended = True


class Terminal:
    """A `TerminalSession` on the standard input and output of this process, or on other descriptors."""

    def __init__(self, input: int = 0, output: int = 1) -> None:
        """Read one descriptor, write to the other."""
        self._source = DescriptorSource(input)
        self._sink = DescriptorSink(output)
        self._input = input
        self._output = output

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Return what was typed."""
        return self._source.read(limit)

    def readable(self) -> MaybeAwaitable[None]:
        """Wait until something was typed."""
        return self._source.readable()

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Show `data`."""
        return self._sink.write(data)

    def writable(self) -> MaybeAwaitable[int]:
        """Return how much can be shown without waiting."""
        return self._sink.writable()

    def flush(self) -> MaybeAwaitable[None]:
        """Wait until all was shown."""
        return self._sink.flush()

    def end(self) -> None:
        """Refuse to show more."""
        self._sink.end()

    def is_terminal(self) -> bool:
        """Return whether both ends are a terminal."""
        return os.isatty(self._input) and os.isatty(self._output)

    def size(self) -> TerminalSize:
        """Return the size of the terminal."""
        try:
            columns, rows = os.get_terminal_size(self._output)
        except OSError:
            return TerminalSize(0, 0)
        return TerminalSize(columns, rows)
