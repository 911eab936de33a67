"""`wasi_unstable`, Preview 0: the same functions, with numbers and layouts of its own."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import pytest
from capwit.caps import FixedClock, MemoryConsole, MemoryDirectory, MemorySource, SystemTimer
from capwit.preview1.abi import PREVIEW0, PREVIEW1, Errno, FdFlags, FileType, OFlags, Snapshot

from tests.bridge.support import scenario
from tests.preview1.machine import DATA, OUT, PATH, machine
from tests.preview1.support import Done, call, run, wat


class Numbers(NamedTuple):
    """What a guest of a snapshot is compiled with: as its headers have it, not as the adapter has."""

    snapshot: Snapshot
    set: int
    cur: int
    end: int
    filestat: str
    clock: str
    fd: str


OLD = Numbers(PREVIEW0, 2, 0, 1, "<QQB3xIQQQQ", "<QB7xQI4xQQH6x", "<QB7xI36x")
NEW = Numbers(PREVIEW1, 0, 1, 2, "<QQB7xQQQQQ", "<QB7xI4xQQH6x", "<QB7xI28x")
both = pytest.mark.parametrize("n", [OLD, NEW], ids=["wasi_unstable", "wasi_snapshot_preview1"])


def clock(n: Numbers, user: int, timeout: int) -> bytes:
    identifier = (99,) if n is OLD else ()
    return struct.pack(n.clock, user, 0, *identifier, 1, timeout, 0, 0)


@both
@scenario
async def test_seeking(n: Numbers) -> None:
    async with machine(n.snapshot, preopens={"/": MemoryDirectory()}) as m:
        fd = await m.open("a", OFlags.CREAT)
        assert await m.write(fd, b"hello world") == 11
        table = [
            (6, n.set, 6), (-5, n.end, 6), (2, n.cur, 8), (0, n.cur, 8), (-1, n.cur, 7), (1, n.end, 12),
            (-1, n.set, -Errno.INVAL), (0, 3, -Errno.INVAL), (0, 2**31, -Errno.INVAL), (0, n.set, 0),
        ]  # fmt: skip
        for offset, whence, expected in table:
            answer = await m.call("fd_seek", fd, offset, whence, OUT)
            assert (await m.u32() if answer is Errno.SUCCESS else -answer) == expected, (offset, whence)
        assert await m.read(fd, 100) == b"hello world"


@both
@scenario
async def test_what_is_known_of_a_file(n: Numbers) -> None:
    async with machine(n.snapshot, preopens={"/": MemoryDirectory()}) as m:
        fd = await m.open("a", OFlags.CREAT)
        assert await m.write(fd, b"hello") == 5
        assert await m.call("fd_filestat_set_times", fd, 11, 22, 1 | 4) is Errno.SUCCESS
        await m.poke(PATH, b"ab")
        assert await m.call("path_link", 3, 0, PATH, 1, 3, PATH + 1, 1) is Errno.SUCCESS
        for name, arguments in (
            ("fd_filestat_get", (fd, OUT)),
            ("path_filestat_get", (3, 0, PATH, 1, OUT)),
        ):
            await m.poke(OUT, b"\xff" * 80)
            assert await m.call(name, *arguments) is Errno.SUCCESS
            size = struct.calcsize(n.filestat)
            _, inode, type, links, length, accessed, modified, _ = struct.unpack(
                n.filestat, await m.peek(OUT, size)
            )
            assert inode and (type, links, length) == (FileType.REGULAR_FILE, 2, 5)
            assert (accessed, modified) == (11, 22)
            assert await m.peek(OUT + size, 8) == b"\xff" * 8  # nothing behind it


@both
@scenario
async def test_waiting(n: Numbers) -> None:
    grants: dict[str, Any] = {"stdin": MemorySource(b"x"), "stdout": MemoryConsole(), "timer": SystemTimer()}
    async with machine(n.snapshot, **grants) as m:
        read = struct.pack(n.fd, 1, 1, 0)
        assert await m.events(clock(n, 5, 1_000_000)) == [(5, Errno.SUCCESS, 0)]
        assert await m.events(clock(n, 6, 3_600 * 10**9), read) == [(1, Errno.SUCCESS, 1)]
        assert await m.events(read, clock(n, 6, 0)) == [(1, Errno.SUCCESS, 1), (6, Errno.SUCCESS, 0)]


@both
@scenario
async def test_what_is_the_same(n: Numbers) -> None:
    console, directory = MemoryConsole(), MemoryDirectory()
    async with machine(n.snapshot, stdout=console, preopens={"/d": directory}, wall_clock=FixedClock(7)) as m:
        assert await m.write(1, b"hello") == 5 and console.text == "hello"
        assert await m.call("clock_time_get", 0, 0, OUT) is Errno.SUCCESS
        assert await m.u32() == 7 * 10**9 % 2**32
        assert await m.path("path_create_directory", 3, "sub") is Errno.SUCCESS
        fd = await m.open("sub/a", OFlags.CREAT | OFlags.EXCL, flags=FdFlags.APPEND)
        assert (await m.fdstat(fd))[:2] == (FileType.REGULAR_FILE, FdFlags.APPEND)
        assert [name for name, _ in await m.entries(3)] == [".", "..", "sub"]
        assert await m.call("random_get", DATA, 8) is Errno.NOSYS
        assert await m.call("sock_shutdown", fd, 1) is Errno.NOTSOCK
        assert await m.call("fd_renumber", fd, 1) is Errno.SUCCESS


@scenario
async def test_preview_0_accepts_no_connections() -> None:
    binary = wat("""(module
      (import "wasi_unstable" "sock_accept" (func $f (param i32 i32 i32) (result i32)))
      (func (export "run") (result i32) (call $f (i32.const 0) (i32.const 0) (i32.const 0))))""")
    assert await call(binary) == Errno.NOSYS


@scenario
async def test_a_module_may_import_both() -> None:
    seek = "(func {name} (param i32 i64 i32 i32) (result i32))"
    binary = wat(f"""(module
      (import "wasi_unstable" "fd_seek" {seek.format(name="$old")})
      (import "wasi_snapshot_preview1" "fd_seek" {seek.format(name="$new")})
      (memory (export "memory") 1)
      (func (export "run") (result i32)
        (i32.add (i32.shl (call $old (i32.const 3) (i64.const 0) (i32.const 0) (i32.const 0)) (i32.const 8))
                 (call $new (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))))""")
    assert await call(binary, stdin=MemorySource()) == Errno.BADF << 8 | Errno.SPIPE


@scenario
async def test_a_program_in_c_with_the_old_headers() -> None:
    done = await run("old", preopens={"/data": MemoryDirectory()}, timer=SystemTimer())
    assert done == Done(
        0,
        "at 6\nat 4\nat 10\nat 10\n11 bytes, 2 links, type 4\nthe same as today's\n"
        "1 event, of 8: 1 bytes\n1 event, of 7, type 0\n",
    )
