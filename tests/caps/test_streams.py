"""Streams of bytes: in memory, through a pipe of this process, and on its descriptors."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import pty
import struct
import termios
import tracemalloc
import tty
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind
from capwit.caps import (
    DescriptorSink,
    DescriptorSource,
    FileConsole,
    MemorySink,
    MemorySource,
    StreamConsole,
    Terminal,
    make_pipe,
)
from capwit.caps.standard import ConsoleClient
from capwit.caps.streams import ByteSinkClient, ByteSourceClient, TerminalSessionClient, TerminalSize

from tests.caps.support import scenario

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ends:
    """Both ends of something that bytes go through, as clients, and how many it holds."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._fds: list[int] = []
        source: Any
        sink: Any
        if kind == "pipe":
            source, sink = make_pipe()
        else:
            self._fds = list(os.pipe())
            source, sink = DescriptorSource(self._fds[0]), DescriptorSink(self._fds[1])
        self.source: Any = ByteSourceClient(source)
        self.sink: Any = ByteSinkClient(sink)

    def close(self, index: int) -> None:
        """Close the source (0) or the sink (1)."""
        if index:
            del self.sink
        else:
            del self.source
        if self._fds:
            os.close(self._fds[index])
            self._fds[index] = -1

    def end(self) -> None:
        for fd in self._fds:
            if fd >= 0:
                os.close(fd)


@pytest.fixture(params=["pipe", "descriptors"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    both = Ends(request.param)
    yield both
    both.end()


async def refusal(awaitable: Any) -> ErrorKind:
    with pytest.raises(CapError) as caught:
        await awaitable
    return caught.value.kind


@scenario
async def test_what_is_written_is_read(ends: Ends) -> None:
    await ends.sink.write(b"hello ")
    await ends.sink.write(b"you")
    assert await ends.source.read(0) == b""
    assert await ends.source.read(4) == b"hell"
    assert await ends.source.read(100) == b"o you"


@scenario
async def test_a_reader_waits(ends: Ends) -> None:
    reading = asyncio.ensure_future(ends.source.read(10))
    waiting = asyncio.ensure_future(ends.source.readable())
    await asyncio.sleep(0.01)
    assert not reading.done() and not waiting.done()
    await ends.sink.write(b"x")
    assert await reading == b"x"


@scenario
async def test_readiness(ends: Ends) -> None:
    await ends.sink.write(b"x")
    await ends.source.readable()
    await ends.source.readable()
    assert await ends.source.read(10) == b"x"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ends.source.readable(), 0.01)


@scenario
async def test_the_end_is_read_for_ever(ends: Ends) -> None:
    await ends.sink.write(b"x")
    await ends.sink.end()
    await ends.sink.end()
    assert await refusal(ends.sink.write(b"y")) is ErrorKind.FAILED
    assert await refusal(ends.sink.writable()) is ErrorKind.FAILED
    if ends.kind == "descriptors":
        ends.close(1)  # the descriptor is its owner's
    assert await ends.source.read(9) == b"x"
    await ends.source.readable()
    assert await ends.source.read(9) == await ends.source.read(9) == b""


@scenario
async def test_a_sink_that_nobody_holds_has_ended(ends: Ends) -> None:
    reading = asyncio.ensure_future(ends.source.read(9))
    await asyncio.sleep(0)
    ends.close(1)
    assert await reading == b""


@scenario
async def test_nobody_reads_any_more(ends: Ends) -> None:
    ends.close(0)
    assert await refusal(ends.sink.write(b"x")) is ErrorKind.DISCONNECTED


@scenario
async def test_the_reader_goes_while_a_writer_waits(ends: Ends) -> None:
    writing = asyncio.ensure_future(ends.sink.write(bytes(100_000)))
    await asyncio.sleep(0.01)
    assert not writing.done()
    ends.close(0)
    assert await refusal(writing) is ErrorKind.DISCONNECTED


@scenario
async def test_writers_wait_their_turn(ends: Ends) -> None:
    writes = [bytes([65 + index]) * 30_000 for index in range(4)]
    writing = [asyncio.ensure_future(ends.sink.write(data)) for data in writes]
    await asyncio.sleep(0)
    flushing = asyncio.ensure_future(ends.sink.flush())
    await asyncio.sleep(0.01)
    assert [task.done() for task in writing] == [True, True, False, False]
    assert not flushing.done()
    read = bytearray()
    while len(read) < 120_000:
        read += await ends.source.read(5000)
    assert read == b"".join(writes)
    await asyncio.gather(*writing, flushing)


@scenario
async def test_the_budget_can_be_written_without_waiting(ends: Ends) -> None:
    for _ in range(3):
        await asyncio.wait_for(ends.sink.write(bytes(await ends.sink.writable())), 1)
        await ends.source.read(65536)
    writing = asyncio.ensure_future(ends.sink.write(bytes(65537)))
    await asyncio.sleep(0.01)
    waiting = asyncio.ensure_future(ends.sink.writable())
    await asyncio.sleep(0.01)
    assert not waiting.done() and not writing.done()
    await ends.source.read(65536)
    await writing
    assert await ends.source.read(65536) == b"\0"
    assert await waiting > 0


@scenario
async def test_a_wait_that_is_cancelled_leaves_nothing(ends: Ends) -> None:
    for _ in range(20):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ends.source.read(1), 0.001)
    await ends.sink.write(b"x")
    assert await ends.source.read(1) == b"x"


@scenario
async def test_a_pipe_forgets_who_waits_no_more() -> None:
    source, sink = make_pipe(10)

    def waiting() -> int:
        gc.collect()
        return sum(isinstance(each, asyncio.Future) for each in gc.get_objects())

    before = waiting()
    for _ in range(50):
        task = asyncio.ensure_future(ByteSourceClient(source).readable())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    del task
    assert waiting() < before + 10
    assert sink.write(b"x") is None and source.read(1) == b"x"


@scenario
async def test_what_need_not_wait_answers_at_once() -> None:
    source, sink = make_pipe(10)
    assert sink.write(b"abc") is None
    assert sink.writable() == 7
    assert source.readable() is None
    assert source.read(2) == b"ab"


@scenario
async def test_a_file_never_waits(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+b") as file:
        sink, source = DescriptorSink(file.fileno()), DescriptorSource(file.fileno())
        assert sink.write(bytes(3 << 20)) is None
        assert (tmp_path / "file").stat().st_size == 3 << 20
        os.lseek(file.fileno(), -3, os.SEEK_END)
        assert source.read(10) == bytes(3)
        assert source.read(10) == b""


@scenario
async def test_a_descriptor_that_is_no_stream(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        assert await refusal(ByteSourceClient(DescriptorSource(folder)).read(1)) is ErrorKind.FAILED
    finally:
        os.close(folder)


@scenario
async def test_bytes_in_memory() -> None:
    source, sink = MemorySource(b"hello"), MemorySink(limit=6)
    assert (source.read(3), source.read(0), source.read(9), source.read(9)) == (b"hel", b"", b"lo", b"")
    source.readable()
    sink.write(b"abc")
    assert sink.writable() == 3
    with pytest.raises(CapError, match="exhausted"):
        sink.write(b"defg")
    sink.write(b"def")
    assert sink.writable() == 1
    sink.flush()
    sink.end()
    with pytest.raises(CapError, match="ended"):
        sink.write(b"g")
    assert (bytes(sink.data), sink.ended) == (b"abcdef", True)


@scenario
async def test_a_terminal() -> None:
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        terminal = TerminalSessionClient(Terminal(slave, slave))
        assert await terminal.is_terminal()
        assert await terminal.size() == TerminalSize(columns=80, rows=24)
        reading = asyncio.ensure_future(terminal.read(100))
        await asyncio.sleep(0.01)
        os.write(master, b"typed\n")
        assert await reading == b"typed\n"
        assert os.read(master, 100) == b"typed\r\n"
        await terminal.write(b"shown")
        await terminal.flush()
        assert await terminal.writable() > 0
        assert os.read(master, 100) == b"shown"
        async with terminal.as_byte_sink() as sink:
            await sink.end()
        assert await refusal(terminal.write(b"more")) is ErrorKind.FAILED
        await terminal.close()
    finally:
        os.close(slave)
        os.close(master)


@scenario
async def test_no_terminal(ends: Ends) -> None:
    if ends.kind == "descriptors":
        terminal = Terminal(*ends._fds)
        assert not terminal.is_terminal()
        assert terminal.size() == TerminalSize(0, 0)
        assert terminal.write(b"x") is None
        assert terminal.readable() is None
        assert terminal.read(9) == b"x"


@contextmanager
def unread(kind: str, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """What writes to a pipe or a terminal, and what reads there: at first nobody does."""
    made: Any
    if kind == "fifo":
        os.mkfifo(tmp_path / "fifo")
        reading = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        made = FileConsole(tmp_path / "fifo")
        writing = os.open(tmp_path / "fifo", os.O_WRONLY)
    else:
        reading, writing = os.openpty() if kind == "terminal" else os.pipe()
        if kind == "terminal":
            tty.setraw(writing)
        made = StreamConsole(os.fdopen(writing, "wb", closefd=False))
    null = os.open(os.devnull, os.O_RDONLY)
    guard = Timer(10, os.dup2, (null, reading))  # who is held up all the same is let go, and fails
    guard.start()
    try:
        yield made, reading
        assert os.get_blocking(writing)  # it is others' as well
    finally:
        guard.cancel()
        guard.join()
        for fd in (reading, writing, null):
            os.close(fd)


@pytest.mark.parametrize("kind", ["fifo", "pipe", "terminal"])
@scenario
async def test_output_that_nobody_reads_holds_up_nobody_else(kind: str, tmp_path: Path) -> None:
    data = bytes(range(256)) * 2048
    with unread(kind, tmp_path) as (console, reading):
        client = ConsoleClient(console)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.write(data)
        os.set_blocking(reading, False)
        source = ByteSourceClient(DescriptorSource(reading))
        written = asyncio.create_task(client.write(data + b"the end"))
        found = b""
        while not found.endswith(b"the end"):
            found += await source.read(1 << 20)
        await written
        assert found.endswith(data + b"the end") and data.startswith(found[: -len(data) - 7])


def test_output_says_whether_it_may_wait(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, Path(os.devnull).open("wb") as null:
        for made in (FileConsole(tmp_path / "file"), StreamConsole(file), StreamConsole(null)):
            assert getattr(made.write, "never_waits", False)
        StreamConsole(file).write(b"at once")
        assert (tmp_path / "out").read_bytes() == b"at once"
    memory = BytesIO()
    StreamConsole(memory).write(b"memory")
    assert memory.getvalue() == b"memory"
    with unread("pipe", tmp_path) as (console, reading):
        assert not getattr(console.write, "never_waits", False)
        assert console.write(b"room") is None
        assert os.read(reading, 9) == b"room"


@scenario
async def test_what_nobody_will_read_is_let_go() -> None:
    tracemalloc.start()
    try:
        source, sink = make_pipe(4_000_000)
        assert sink.write(bytes(4_000_000)) is None
        held, _ = tracemalloc.get_traced_memory()
        del source
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held - left > 3_900_000
    with pytest.raises(CapError):
        sink.write(b"x")
