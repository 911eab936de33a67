"""Streams over files of this process, and over files that are not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from capwit.bridge import CapError
from capwit.caps import FileRefused, FileSink, FileSource, MemoryDirectory, open_flags, value
from capwit.caps.files import FileClient, FileError, WriteAnswerCount

from tests.caps.support import scenario


class Far:
    """A file that takes its time, and writes a little at once."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    async def read(self, offset: int, length: int) -> Any:
        await asyncio.sleep(0)
        return self._file.read(offset, length)

    async def write(self, offset: int, data: bytes) -> Any:
        await asyncio.sleep(0)
        return self._file.write(offset, data[:3])

    async def append(self, data: bytes) -> Any:
        await asyncio.sleep(0)
        return self._file.append(data[:3])


@pytest.fixture(params=["near", "far"])
def file(request: pytest.FixtureRequest) -> Any:
    """A file that holds a text."""
    client: Any = value(MemoryDirectory(bytes=100).open("x", open_flags(write=True, create=True)))
    local = client.target.object
    local.write(0, b"hello")
    return local if request.param == "near" else FileClient(Far(local))


async def got(answer: Any) -> Any:
    return await answer if hasattr(answer, "__await__") else answer


async def content(file: Any) -> bytes:
    return bytes(value(await got(file.read(0, 100))))


@scenario
async def test_reading(file: Any) -> None:
    source = FileSource(file, offset=1)
    source.readable()
    assert [await got(source.read(limit)) for limit in (2, 0, 9, 9)] == [b"el", b"", b"lo", b""]
    await got(file.append(b"!"))
    assert await got(source.read(9)) == b"!"


@scenario
async def test_readers_at_once_get_different_bytes(file: Any) -> None:
    source = FileSource(file)
    reads = await asyncio.gather(*(got(source.read(2)) for _ in range(3)))
    assert reads == [b"he", b"ll", b"o"]


@scenario
async def test_writing_at_a_position(file: Any) -> None:
    sink = FileSink(file, offset=3)
    assert sink.writable() > 0
    await got(sink.write(b"p me, "))
    await got(sink.write(b"please"))
    await sink.flush()
    assert await content(file) == b"help me, please"


@scenario
async def test_appending(file: Any) -> None:
    sinks = FileSink(file), FileSink(file)
    for sink, text in zip(sinks, (b" you", b" and me"), strict=True):
        await got(sink.write(text))
    assert await content(file) == b"hello you and me"


@scenario
async def test_writers_at_once_are_served_in_order(file: Any) -> None:
    sink = FileSink(file, offset=0)
    await asyncio.gather(*(got(sink.write(text)) for text in (b"first ", b"second ", b"third")))
    assert await content(file) == b"first second third"


@scenario
async def test_the_end(file: Any) -> None:
    sink = FileSink(file)
    sink.end()
    sink.end()
    with pytest.raises(CapError, match="ended"):
        sink.write(b"x")


@scenario
async def test_what_the_file_refuses(file: Any) -> None:
    with pytest.raises(FileRefused) as caught:
        await got(FileSink(file).write(bytes(200)))
    assert caught.value.error is FileError.INSUFFICIENT_SPACE
    with pytest.raises(FileRefused, match="invalid"):
        await got(FileSource(file, offset=2**63).read(1))


@scenario
async def test_a_file_that_takes_nothing() -> None:
    class Full:
        def append(self, data: bytes) -> WriteAnswerCount:
            return WriteAnswerCount(0)

    sink: Any = FileSink(Full())  # type: ignore[arg-type]
    with pytest.raises(CapError, match="takes nothing"):
        await sink.write(b"x")
