"""`wasi:io`: streams over sources and sinks of every temper, and waiting for them."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import Any

import pytest
from capwit.bridge import CapError, ErrorKind, InstanceEnded
from capwit.caps import MemoryConsole, MemorySink, MemorySource, SystemTimer, make_pipe

from tests.bridge.support import scenario
from tests.support.wasi import explorer, held_to

pytestmark = pytest.mark.usefixtures("interpreter")

IN = "i = stdin.get_stdin()\n"
OUT = "o = stdout.get_stdout()\n"


class Later:
    """A source or sink elsewhere: each call of it takes a while."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def _call(self, name: str, *arguments: Any) -> Any:
        await asyncio.sleep(0.001)
        answer = getattr(self.inner, name)(*arguments)
        return await answer if hasattr(answer, "__await__") else answer

    async def read(self, limit: int) -> Any:
        return await self._call("read", limit)

    async def readable(self) -> Any:
        return await self._call("readable")

    async def write(self, data: bytes) -> Any:
        return await self._call("write", data)

    async def writable(self) -> Any:
        return await self._call("writable")

    async def flush(self) -> Any:
        return await self._call("flush")

    async def end(self) -> Any:
        return await self._call("end")


class Broken:
    """A source and a sink that fail, each call in its way."""

    def read(self, limit: int) -> Any:
        raise CapError(ErrorKind.FAILED, "the cable is cut")

    def readable(self) -> None: ...

    def writable(self) -> int:
        return 100

    async def write(self, data: bytes) -> None:
        await asyncio.sleep(0)
        raise CapError(ErrorKind.DISCONNECTED, "the reader has left")

    def flush(self) -> None:
        raise CapError(ErrorKind.EXHAUSTED, "the disk is full")

    def end(self) -> None: ...


def elsewhere(end: Any, far: bool) -> Any:
    return Later(end) if far else end


@pytest.mark.parametrize("far", [False, True])
@scenario
async def test_a_read_does_not_wait(far: bool) -> None:
    source, sink = make_pipe()
    async with explorer(stdin=elsewhere(source, far)) as guest:
        said = await guest.exec(IN + "p = i.subscribe(); said = (i.read(10), p.ready(), i.skip(3))")
        assert said == "(b'', False, 0)"
        sink.write(b"hello world")
        code = (
            "said = poll.poll([p]), p.ready(), i.read(5), i.blocking_skip(1), i.blocking_read(9), i.read(1)"
        )
        assert await guest.exec(code) == "([0], True, b'hello', 1, b'world', b'')"
        assert await guest.exec("said = p.ready()") == "False"
        sink.end()
        code = """
p.block()
said = p.ready(), *map(refusal, [i.blocking_read, i.read, i.blocking_skip, i.skip], [1] * 4)"""
        assert await guest.exec(code) == "(True, 'closed', 'closed', 'closed', 'closed')"


@scenario
async def test_a_blocking_read_waits_and_others_go_on() -> None:
    source, sink = make_pipe()
    async with explorer(stdin=source) as guest:
        reading = asyncio.create_task(guest.exec(IN + "said = (i.blocking_skip(2), i.blocking_read(10))"))
        await asyncio.sleep(0.01)
        assert not reading.done()
        sink.write(b"12345")
        assert await reading == "(2, b'345')"


@scenario
async def test_no_bytes_are_read_of_an_open_stream() -> None:
    source, sink = make_pipe()
    async with explorer(stdin=source) as guest:
        assert await guest.exec(IN + "said = (i.read(0), i.blocking_read(0), i.skip(0))") == "(b'', b'', 0)"
        sink.end()


@pytest.mark.parametrize("far", [False, True])
@scenario
async def test_what_may_be_written_is_what_the_sink_has_room_for(far: bool) -> None:
    source, sink = make_pipe(capacity=10)
    async with explorer(stdout=elsewhere(sink, far)) as guest:
        code = """
p = o.subscribe()
p.block()
said = [o.check_write()]
o.write(b"123456")
p.block()
said += [o.check_write()]
o.write(b"7890")
said += [o.check_write(), p.ready()]"""
        assert await guest.exec(OUT + code) == "[10, 4, 0, False]"
        waiting = asyncio.create_task(guest.exec("poll.poll([p]); said = o.check_write()"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        assert await _all(source, 10) == b"1234567890"
        assert await waiting == "10"


async def _all(source: Any, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = source.read(count)
        data += await part if hasattr(part, "__await__") else part
    return data


@scenario
async def test_a_write_that_the_sink_does_not_take_at_once_goes_on_by_itself() -> None:
    class Slow(MemorySink):
        def __init__(self) -> None:
            super().__init__()
            self.open = asyncio.Event()

        async def write(self, data: bytes) -> None:  # type: ignore[override]
            await self.open.wait()
            super().write(data)

    slow = Slow()
    async with explorer(stdout=slow) as guest:
        code = "o.write(b'abc'); p = o.subscribe(); o.flush(); said = o.check_write(), p.ready()"
        assert await guest.exec(OUT + code) == "(0, False)"
        assert slow.data == b""
        slow.open.set()
        assert (
            await guest.exec("p.block(); o.write_zeroes(2); o.blocking_flush(); said = o.check_write() > 0")
            == "True"
        )
        assert slow.data == b"abc\0\0"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("o.write(bytes(o.check_write() + 1))", "wrote 11 bytes at once where check-write allowed 10"),
        ("o.write_zeroes(o.check_write() + 1)", "wrote 11 zeroes at once where check-write allowed 10"),
        ("o.check_write(); o.write(bytes(6)); o.write(bytes(5))", "wrote 5 bytes .* allowed 4"),
        ("o.blocking_write_and_flush(bytes(4097))", "wrote 4097 bytes in a write that flushes"),
        (
            "o.blocking_write_zeroes_and_flush(2**63)",
            "wrote 9223372036854775808 bytes in a write that flushes",
        ),
    ],
)
@scenario
async def test_a_guest_that_writes_more_than_it_may_ends(code: str, why: str) -> None:
    _, sink = make_pipe(capacity=10)
    async with explorer(stdout=sink) as guest:
        with pytest.raises(InstanceEnded, match=why):
            await guest.exec(OUT + code)


@scenario
async def test_blocking_writes() -> None:
    sink = MemorySink()
    async with explorer(stdout=sink) as guest:
        await guest.exec(
            OUT + "o.blocking_write_and_flush(b'x' * 4096); o.blocking_write_zeroes_and_flush(3)"
        )
    assert sink.data == b"x" * 4096 + bytes(3)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "o.write(b'x'); o.subscribe().block(); said = refusal(o.check_write)",
            "failed: disconnected: the reader has left",
        ),
        ("said = refusal(o.blocking_write_and_flush, b'x')", "failed: disconnected: the reader has left"),
        ("o.write(b'x'); said = refusal(o.blocking_flush)", "failed: disconnected: the reader has left"),
        ("said = refusal(o.flush)", "failed: exhausted: the disk is full"),
        ("said = refusal(i.blocking_read, 1)", "failed: failed: the cable is cut"),
        ("said = refusal(i.read, 1)", "failed: failed: the cable is cut"),
        ("said = refusal(o.splice, i, 1)", "failed: failed: the cable is cut"),
    ],
)
@scenario
async def test_a_stream_that_has_failed_is_closed(code: str, said: str) -> None:
    broken = Broken()
    held = held_to("failure") if "splice" in code else nullcontext()
    with held:
        async with explorer(stdin=broken, stdout=broken) as guest:
            assert await guest.exec(IN + OUT + code) == said
            again = "i.read, 1" if "cut" in said else "o.check_write"
            said = await guest.exec(f"said = refusal({again}), {again[0]}.subscribe().ready()")
            assert said == "('closed', True)"


@pytest.mark.parametrize("data", [b"12345", bytearray(b"1"), None])
@scenario
async def test_a_source_that_gives_something_else(data: Any) -> None:
    class Lying(MemorySource):
        def read(self, limit: int) -> Any:
            return data

    async with explorer(stdin=Lying()) as guest:
        said = await guest.exec(IN + "said = refusal(i.blocking_read, 4)")
        assert said.startswith("failed: failed: the source gave ")


@pytest.mark.parametrize("room", [0, -1, None, "all"])
@scenario
async def test_a_sink_whose_room_is_nonsense(room: Any) -> None:
    class Lying(MemorySink):
        def writable(self) -> Any:
            return room

    async with explorer(stdout=Lying()) as guest:
        said = await guest.exec(OUT + "said = refusal(o.check_write)")
        assert said.startswith("failed: failed: the sink has room for ")


@pytest.mark.parametrize("far", [False, True])
@scenario
async def test_splice(far: bool) -> None:
    sink = MemorySink()
    async with explorer(stdin=MemorySource(b"0123456789"), stdout=elsewhere(sink, far)) as guest:
        code = """
said = [o.blocking_splice(i, 4), o.blocking_splice(i, 0), o.blocking_splice(i, 99)]
said += [refusal(o.blocking_splice, i, 1)]
o.blocking_flush()"""
        assert await guest.exec(IN + OUT + code) == "[4, 0, 6, 'closed']"
    assert sink.data == b"0123456789"


@scenario
async def test_a_splice_takes_no_more_than_there_is_and_than_there_is_room_for() -> None:
    source, into = make_pipe()
    _, sink = make_pipe(capacity=4)
    into.write(b"123456")
    async with explorer(stdin=source, stdout=sink) as guest:
        assert (
            await guest.exec(IN + OUT + "said = o.splice(i, 99), o.splice(i, 99), i.read(9)")
            == "(4, 0, b'56')"
        )


@scenario
async def test_streams_that_are_not_granted_are_closed() -> None:
    async with explorer() as guest:
        code = """
said = [refusal(i.read, 1), refusal(i.read, 0)]
said += [refusal(o.check_write), refusal(o.flush), refusal(o.blocking_flush)]
said += [refusal(o.blocking_write_and_flush, b"x"), refusal(o.write, b""), refusal(o.splice, i, 1)]
said = set(said), len(poll.poll([i.subscribe(), o.subscribe()]))"""
        assert await guest.exec(IN + OUT + code) == "({'closed'}, 2)"


@scenario
async def test_thousands_are_waited_for_at_once_and_others_go_on() -> None:
    source, sink = make_pipe()
    timer = SystemTimer()
    before = len(asyncio.all_tasks())
    async with explorer(stdin=source, timer=timer) as waiter, explorer(stdout=MemoryConsole()) as other:
        code = (
            IN
            + """
hour = 3_600_000_000_000
many = [monotonic_clock.subscribe_duration(hour) for _ in range(3000)] + [i.subscribe() for _ in range(3000)]
said = poll.poll(many)
said = len(said), min(said), max(said)"""
        )
        waiting = asyncio.create_task(waiter.exec(code))
        assert await other.exec("said = 'goes on'") == "goes on"
        await asyncio.sleep(0.01)
        assert not waiting.done()
        sink.write(b"x")
        assert await waiting == "(3000, 3000, 5999)"
        assert await waiter.exec("said = poll.poll([many[0], many[-1], many[-1]])") == "[1, 2]"
    await asyncio.sleep(0.001)
    assert len(asyncio.all_tasks()) == before  # what waited went with its guest


@scenario
async def test_timers() -> None:
    async with explorer(timer=SystemTimer(resolution=1)) as guest:
        code = """
start = monotonic_clock.now()
late = monotonic_clock.subscribe_instant(start + 20_000_000)
said = [late.ready(), monotonic_clock.subscribe_instant(start).ready(), poll.poll([late])]
said += [late.ready(), monotonic_clock.now() - start >= 20_000_000]
late.block()"""
        assert await guest.exec(code) == "[False, True, [0], True, True]"
