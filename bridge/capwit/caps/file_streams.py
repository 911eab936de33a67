"""Streams over files, here or elsewhere: a file has no position, so the stream keeps one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, overload

from capwit.bridge.errors import CapError, ErrorKind

from .directory import LocalFile
from .using import answer, value

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable

    from .files import File, ReadAnswer, WriteAnswer

_BUDGET: Final = 1024 * 1024  # of one write, as much as of one read


class FileSource:
    """A `ByteSource` that reads a file from a position on. It ends where the file does by then."""

    def __init__(self, file: File, offset: int = 0) -> None:
        """Read `file` from `offset` on."""
        self._file = file
        self._offset = offset
        self._lock = asyncio.Lock()  # who waits for a file elsewhere is served in order

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Return the next bytes, at once if the file is one of this process.

        Raises:
            FileRefused: the file cannot be read.
        """
        if isinstance(self._file, LocalFile):
            return self._take(self._file.read(self._offset, limit))
        return self._read_later(limit)

    async def _read_later(self, limit: int) -> bytes:
        async with self._lock:
            return self._take(await answer(self._file.read(self._offset, limit)))

    def _take(self, read: ReadAnswer) -> bytes:
        data = value(read)
        self._offset += len(data)
        return data

    def readable(self) -> None:
        """Return: a file keeps nobody waiting."""


class FileSink:
    """A `ByteSink` that writes a file from a position on, or at its end."""

    def __init__(self, file: File, offset: int | None = None) -> None:
        """Write `file` from `offset` on; without one, append to it."""
        self._file = file
        self._offset = offset
        self._ended = False
        self._lock = asyncio.Lock()

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Write all of `data`, at once if the file is one of this process.

        Raises:
            FileRefused: it cannot be written, or not all of it.
            CapError: `failed` after `end`.
        """
        if self._ended:
            raise CapError(ErrorKind.FAILED, "the stream was ended")
        if not isinstance(self._file, LocalFile):
            return self._write_later(data)
        while data:
            data = self._rest(data, self._put(self._file, data))
        return None

    async def _write_later(self, data: bytes) -> None:
        async with self._lock:
            while data:
                data = self._rest(data, await answer(self._put(self._file, data)))

    @overload
    def _put(self, file: LocalFile, data: bytes) -> WriteAnswer: ...
    @overload
    def _put(self, file: File, data: bytes) -> MaybeAwaitable[WriteAnswer]: ...
    def _put(self, file: File | LocalFile, data: bytes) -> MaybeAwaitable[WriteAnswer]:
        return file.append(data) if self._offset is None else file.write(self._offset, data)

    def _rest(self, data: bytes, written: WriteAnswer) -> bytes:
        """Return what is left to write."""
        count = value(written)
        if not count:
            raise CapError(ErrorKind.FAILED, "the file takes nothing, and does not say why")
        if self._offset is not None:
            self._offset += count
        return data[count:]

    def writable(self) -> int:
        """Return how much to write at once: a file keeps nobody waiting."""
        return _BUDGET

    async def flush(self) -> None:
        """Wait until the file has all that was written: that is not yet the medium."""
        async with self._lock:
            pass

    def end(self) -> None:
        """Refuse to write more."""
        self._ended = True
