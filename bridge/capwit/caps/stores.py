"""Content-addressed blobs: in memory, or in any directory, here or elsewhere."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind

from .files import DirectoryClient, FileClient, FileError
from .store import (
    BlobPartAbsent,
    BlobPartData,
    BlobSizeAbsent,
    BlobSizeBytes,
    StoreClient,
    UploadClient,
)
from .using import FileRefused, open_flags, value

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from .files import Directory
    from .store import BlobPart, BlobSize, Store

HASH_SIZE: Final = 32  # bytes of a SHA-256
MOST_PART: Final = 1024 * 1024  # bytes of one answer
_FARTHEST: Final = 2**62  # no file has a byte there, and file systems differ in what they say of it
_OVERHEAD: Final = 128  # bytes that a blob in memory costs besides its own, about
_MOST_BLOB: Final = 64 * 1024 * 1024


def _check(hash: bytes) -> None:
    if len(hash) != HASH_SIZE:
        raise CapError(ErrorKind.FAILED, f"a SHA-256 has {HASH_SIZE} bytes, this has {len(hash)}")


class UploadMemory:
    """The bytes that the uploads of one store may keep in memory, however many they are."""

    def __init__(self, limit: int) -> None:
        """Have `limit` bytes."""
        self.left = limit


class CollectedUpload:
    """An `Upload` that keeps the parts in memory until their end."""

    def __init__(self, put: Callable[[bytes], Coroutine[None, None, bytes]], memory: UploadMemory) -> None:
        """Collect bytes for `put`, as long as there is memory."""
        self._put = put
        self._memory = memory
        self._data: bytearray | None = bytearray()

    def __del__(self) -> None:
        """Give back the memory of a blob that nobody has finished."""
        self._memory.left += len(self._data or b"")

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            CapError: `exhausted` where they are too many, `failed` where the blob is finished.
        """
        collected = self._unfinished()
        if len(data) > self._memory.left:
            raise CapError(ErrorKind.EXHAUSTED, "the blobs on their way are more than the store takes")
        self._memory.left -= len(data)
        collected += data

    async def finish(self) -> bytes:
        """Keep the blob, and return its hash."""
        data, self._data = bytes(self._unfinished()), None
        self._memory.left += len(data)
        return await self._put(data)

    def _unfinished(self) -> bytearray:
        if self._data is None:
            raise CapError(ErrorKind.FAILED, "the blob is finished")
        return self._data


class MemoryStore:
    """A `Store` in memory."""

    def __init__(self, limit: int = _MOST_BLOB) -> None:
        """Hold up to `limit` bytes in all, each blob counted with 128 more."""
        self._left = limit
        self._memory = UploadMemory(limit)
        self._blobs: dict[bytes, bytes] = {}

    def put(self, data: bytes) -> bytes:
        """Keep a blob, and return its hash.

        Raises:
            CapError: `exhausted` where there is no room.
        """
        hash = sha256(data).digest()
        if hash not in self._blobs:
            cost = len(data) + _OVERHEAD
            if cost > self._left:
                raise CapError(ErrorKind.EXHAUSTED, "the store is full")
            self._left -= cost
            self._blobs[hash] = bytes(data)
        return hash

    async def _put(self, data: bytes) -> bytes:
        return self.put(data)

    def upload(self) -> UploadClient:
        """Begin a blob that is written in parts."""
        return UploadClient(CollectedUpload(self._put, self._memory))

    def has(self, hash: bytes) -> bool:
        """Return whether there is a blob."""
        _check(hash)
        return hash in self._blobs

    def size(self, hash: bytes) -> BlobSize:
        """Return how large a blob is."""
        return BlobSizeBytes(len(self._blobs[hash])) if self.has(hash) else BlobSizeAbsent()

    def get(self, hash: bytes, offset: int, length: int) -> BlobPart:
        """Return part of a blob."""
        if not self.has(hash):
            return BlobPartAbsent()
        return BlobPartData(self._blobs[hash][offset : offset + min(length, MOST_PART)])


class DirectoryStore:
    """A `Store` in a directory, which nobody else should write to: each blob is a file, named by its hash."""

    def __init__(self, directory: Directory, limit: int = _MOST_BLOB) -> None:
        """Keep blobs of up to `limit` bytes."""
        self._directory = DirectoryClient(directory)
        self._limit = limit
        self._memory = UploadMemory(limit)

    async def put(self, data: bytes) -> bytes:
        """Keep a blob, and return its hash.

        Raises:
            CapError: `exhausted` where there is no room, `denied` where the directory is for reading only.
        """
        if len(data) > self._limit:
            raise CapError(ErrorKind.EXHAUSTED, f"a blob of more than {self._limit} bytes")
        hash = sha256(data).digest()
        if not await self.has(hash):
            await self._write(hash.hex(), data)
        return hash

    async def _write(self, name: str, data: bytes) -> None:
        part = f".{secrets.token_hex(8)}.part"  # a blob is there as a whole, or not at all
        flags = open_flags(write=True, mutate=True, create=True, exclusive=True)
        file = value(await self._directory.open(part, flags))
        assert isinstance(file, FileClient)
        try:
            async with file:
                left = memoryview(data)
                while left:
                    offset = len(data) - len(left)
                    left = left[value(await file.write(offset, bytes(left[:MOST_PART]))) :]
            value(await self._directory.rename(part, self._directory, name))
        except BaseException:
            await self._directory.unlink(part)
            raise

    def upload(self) -> UploadClient:
        """Begin a blob that is written in parts."""
        return UploadClient(CollectedUpload(self.put, self._memory))

    async def has(self, hash: bytes) -> bool:
        """Return whether there is a blob."""
        return isinstance(await self.size(hash), BlobSizeBytes)

    async def size(self, hash: bytes) -> BlobSize:
        """Return how large a blob is."""
        _check(hash)
        return await file_size(self._directory, hash.hex())

    async def get(self, hash: bytes, offset: int, length: int) -> BlobPart:
        """Return part of a blob."""
        _check(hash)
        return await file_part(self._directory, hash.hex(), offset, length)


async def _opened(directory: DirectoryClient, path: str) -> FileClient | None:
    """Return a file of a directory to read, which is no link; None where there is none."""
    try:
        found = value(await directory.open(path, open_flags(follow=False)))
    except FileRefused as error:
        if error.error in _ABSENT:
            return None
        raise
    if isinstance(found, FileClient):
        return found
    await found.close()
    return None


# What is no file, or is elsewhere, is not there.
_ABSENT: Final = (
    FileError.NO_ENTRY,
    FileError.NOT_DIRECTORY,
    FileError.IS_DIRECTORY,
    FileError.LOOP,
    FileError.NOT_PERMITTED,
    FileError.NAME_TOO_LONG,
    FileError.INVALID,
)


async def file_size(directory: DirectoryClient, path: str) -> BlobSize:
    """Return how large a file of a directory is."""
    file = await _opened(directory, path)
    if file is None:
        return BlobSizeAbsent()
    async with file:
        return BlobSizeBytes(value(await file.stat()).size)


async def file_part(directory: DirectoryClient, path: str, offset: int, length: int) -> BlobPart:
    """Return part of a file of a directory."""
    file = await _opened(directory, path)
    if file is None:
        return BlobPartAbsent()
    async with file:
        if offset > _FARTHEST:
            return BlobPartData(b"")
        return BlobPartData(value(await file.read(offset, min(length, MOST_PART))))


async def fetch(store: Store, hash: bytes, most: int = _MOST_BLOB) -> bytes | None:
    """Return a whole blob of any store, or None where it has none. What comes is checked by its hash.

    Raises:
        CapError: `failed` where the store gives something else, `exhausted` where that is more than `most`.
    """
    client = StoreClient(store)
    size = await client.size(hash)
    if isinstance(size, BlobSizeAbsent):
        return None
    if size.value > most:
        raise CapError(ErrorKind.EXHAUSTED, f"the blob has {size.value} bytes, the most is {most}")
    found = bytearray()
    while len(found) < size.value:
        wanted = min(MOST_PART, size.value - len(found))
        part = await client.get(hash, len(found), wanted)
        if isinstance(part, BlobPartAbsent) or not 0 < len(part.value) <= wanted:
            break
        found += part.value
    if sha256(found).digest() != hash:
        raise CapError(ErrorKind.FAILED, "the store gave something else than was asked for: the hash differs")
    return bytes(found)
