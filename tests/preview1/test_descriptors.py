"""Descriptors one call at a time: positions, flags, rights, numbers, cookies, waits."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, InstanceEnded
from capwit.caps import HostDirectory, MemoryConsole, MemoryDirectory, MemorySource, SystemTimer, make_pipe
from capwit.caps.files import DirectoryClient
from capwit.preview1.abi import DIRECTORY_RIGHTS, FILE_RIGHTS, Errno, FdFlags, FileType, OFlags, Rights

from tests.bridge.support import scenario
from tests.preview1.machine import DATA, OUT, PATH, machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=["host", "memory"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    """Return what makes an empty directory."""
    return MemoryDirectory if request.param == "memory" else lambda: HostDirectory(tmp_path)


@scenario
async def test_preopens_are_found_from_3_on() -> None:
    async with machine(preopens={"/a": MemoryDirectory(), "/käse": MemoryDirectory()}) as m:
        for fd, name in ((3, b"/a"), (4, "/käse".encode())):
            assert await m.call("fd_prestat_get", fd, OUT) is Errno.SUCCESS
            assert struct.unpack("<BxxxI", await m.peek(OUT, 8)) == (0, len(name))
            assert await m.call("fd_prestat_dir_name", fd, PATH, len(name) - 1) is Errno.NAMETOOLONG
            assert await m.call("fd_prestat_dir_name", fd, PATH, len(name)) is Errno.SUCCESS
            assert await m.peek(PATH, len(name)) == name
        for fd in (0, 1, 5, -1):
            assert await m.call("fd_prestat_get", fd, OUT) is Errno.BADF


@scenario
async def test_what_fdstat_says() -> None:
    async with machine(stdin=MemorySource(), stdout=MemoryConsole(), preopens={"/": MemoryDirectory()}) as m:
        type, _, rights, inheriting = await m.fdstat(3)
        assert (type, rights, inheriting) == (
            FileType.DIRECTORY, DIRECTORY_RIGHTS, DIRECTORY_RIGHTS | FILE_RIGHTS,
        )  # fmt: skip
        fd = await m.open("a", OFlags.CREAT, Rights.FD_READ | Rights.FD_TELL, FdFlags.APPEND)
        assert await m.fdstat(fd) == (
            FileType.REGULAR_FILE, FdFlags.APPEND, Rights.FD_READ | Rights.FD_TELL,
            DIRECTORY_RIGHTS | FILE_RIGHTS,
        )  # fmt: skip
        assert (await m.fdstat(0))[2] & (Rights.FD_READ | Rights.FD_WRITE) == Rights.FD_READ
        assert (await m.fdstat(1))[2] & (Rights.FD_WRITE | Rights.FD_SEEK) == Rights.FD_WRITE
        assert (await m.filestat(1))[2:5] == (FileType.UNKNOWN, 1, 0)


@scenario
async def test_positions(fresh: Callable[[], Any]) -> None:
    async with machine(preopens={"/": fresh()}) as m:
        fd = await m.open("a", OFlags.CREAT)
        assert await m.write(fd, b"hello world") == 11
        assert await m.read(fd, 5, "fd_pread", 6) == b"world"
        assert await m.write(fd, b"W", "fd_pwrite", 6) == 1
        assert await m.call("fd_tell", fd, OUT) is Errno.SUCCESS and await m.u32() == 11
        assert await m.call("fd_seek", fd, -5, 1, OUT) is Errno.SUCCESS and await m.u32() == 6
        assert await m.read(fd, 100) == b"World"
        assert await m.read(fd, 100) == b""
        assert await m.call("fd_seek", fd, -12, 2, OUT) is Errno.INVAL
        assert await m.call("fd_seek", fd, 0, 3, OUT) is Errno.INVAL
        assert await m.call("fd_seek", fd, 1 << 63, 0, OUT) is Errno.INVAL
        assert await m.call("fd_seek", fd, (1 << 63) - 1, 1, OUT) is Errno.INVAL
        assert await m.call("fd_seek", fd, 100, 0, OUT) is Errno.SUCCESS  # behind the end
        assert await m.read(fd, 1) == b""
        assert await m.write(fd, b"!") == 1
        assert (await m.filestat(fd))[4] == 101
        assert await m.call("fd_filestat_set_size", fd, 3) is Errno.SUCCESS
        assert await m.read(fd, 10, "fd_pread", 0) == b"hel"
        assert await m.call("fd_allocate", fd, 0, 50) is Errno.SUCCESS
        assert (await m.filestat(fd))[4] == 50
        assert await m.call("fd_allocate", fd, 0, 0) is Errno.INVAL
        assert await m.call("fd_advise", fd, 0, 0, 3) is Errno.SUCCESS
        assert await m.call("fd_advise", fd, 0, 0, 6) is Errno.INVAL
        assert await m.call("fd_sync", fd) is Errno.SUCCESS
        assert await m.call("fd_datasync", fd) is Errno.SUCCESS


@scenario
async def test_appending_is_a_flag_of_the_descriptor(fresh: Callable[[], Any]) -> None:
    async with machine(preopens={"/": fresh()}) as m:
        one = await m.open("a", OFlags.CREAT, flags=FdFlags.APPEND | FdFlags.SYNC)
        two = await m.open("a")
        assert await m.write(one, b"one") == 3
        assert await m.write(two, b"two!") == 4
        assert await m.write(one, b"one") == 3
        assert await m.call("fd_tell", one, OUT) is Errno.SUCCESS and await m.u32() == 7
        assert await m.call("fd_fdstat_set_flags", one, 0) is Errno.SUCCESS
        assert await m.call("fd_seek", one, 0, 0, OUT) is Errno.SUCCESS
        assert await m.write(one, b"1") == 1
        assert await m.read(two, 100, "fd_pread", 0) == b"1wo!one"
        assert await m.call("fd_fdstat_set_flags", one, 32) is Errno.INVAL


@scenario
async def test_rights_only_become_less() -> None:
    async with machine(preopens={"/": MemoryDirectory()}) as m:
        fd = await m.open("a", OFlags.CREAT)
        less = FILE_RIGHTS & ~(Rights.FD_SEEK | Rights.FD_WRITE)
        assert await m.call("fd_fdstat_set_rights", fd, less, 0) is Errno.SUCCESS
        assert await m.call("fd_seek", fd, 1, 0, OUT) is Errno.NOTCAPABLE
        assert await m.call("fd_seek", fd, 0, 1, OUT) is Errno.SUCCESS  # to tell is another right
        assert await m.write(fd, b"x") == -Errno.BADF
        assert await m.call("fd_fdstat_set_rights", fd, FILE_RIGHTS, 0) is Errno.NOTCAPABLE
        assert await m.call("fd_fdstat_set_rights", fd, less, 1) is Errno.NOTCAPABLE
        assert await m.call("fd_fdstat_set_rights", 3, Rights.PATH_OPEN, Rights.FD_READ) is Errno.SUCCESS
        assert await m.path("path_create_directory", 3, "d") is Errno.NOTCAPABLE
        assert await m.open("b", OFlags.CREAT) == -Errno.NOTCAPABLE
        fd = await m.open("a")
        assert (await m.fdstat(fd))[2:] == (Rights.FD_READ, Rights.FD_READ)
        assert await m.write(fd, b"x") == -Errno.BADF


@scenario
async def test_directories_pass_on_what_they_have() -> None:
    async with machine(preopens={"/": MemoryDirectory()}) as m:
        assert await m.path("path_create_directory", 3, "d") is Errno.SUCCESS
        fd = await m.open("d", OFlags.DIRECTORY, DIRECTORY_RIGHTS, inheriting=Rights.FD_READ)
        inner = await m.open("a", OFlags.CREAT, fd=fd)
        assert (await m.fdstat(inner))[2] == Rights.FD_READ
        assert await m.call("fd_prestat_get", fd, OUT) is Errno.BADF
        assert await m.open("../d", fd=fd) == -Errno.PERM


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("fd_read", (OUT, 0, OUT), Errno.BADF), ("fd_write", (OUT, 0, OUT), Errno.BADF),
        ("fd_seek", (0, 0, OUT), Errno.BADF), ("fd_tell", (OUT,), Errno.BADF),
        ("fd_allocate", (0, 1), Errno.BADF), ("fd_filestat_set_size", (0,), Errno.BADF),
        ("sock_shutdown", (0,), Errno.NOTSOCK), ("fd_sync", (), Errno.BADF),
    ],
)  # fmt: skip
@scenario
async def test_a_directory_is_no_file(name: str, arguments: tuple[int, ...], expected: Errno) -> None:
    async with machine(preopens={"/": MemoryDirectory()}) as m:
        assert await m.call(name, 3, *arguments) is expected


@scenario
async def test_a_file_is_no_directory_and_a_stream_is_neither() -> None:
    async with machine(stdout=MemoryConsole(), preopens={"/": MemoryDirectory()}) as m:
        fd = await m.open("a", OFlags.CREAT)
        for number in (fd, 1):
            assert await m.path("path_create_directory", number, "d") is Errno.NOTDIR
            assert await m.call("fd_readdir", number, DATA, 100, 0, OUT) is Errno.NOTDIR
        assert await m.call("fd_seek", 1, 0, 0, OUT) is Errno.SPIPE
        assert await m.call("fd_tell", 1, OUT) is Errno.SPIPE
        assert await m.write(1, b"x", "fd_pwrite", 0) == -Errno.SPIPE
        assert await m.read(1, 1) == -Errno.BADF
        assert await m.call("fd_filestat_set_size", 1, 0) is Errno.BADF


@scenario
async def test_numbers_are_used_again_the_lowest_first() -> None:
    async with machine(stdin=MemorySource(), preopens={"/": MemoryDirectory()}) as m:
        assert [await m.open("a", OFlags.CREAT) for _ in range(4)] == [4, 5, 6, 7]
        for fd in (6, 4):
            assert await m.call("fd_close", fd) is Errno.SUCCESS
            assert await m.call("fd_close", fd) is Errno.BADF
        assert [await m.open("a") for _ in range(3)] == [4, 6, 8]
        assert await m.call("fd_close", 0) is Errno.SUCCESS
        assert await m.read(0, 1) == -Errno.BADF
        assert m.instance.handles == 6


@scenario
async def test_renumber() -> None:
    async with machine(preopens={"/": MemoryDirectory()}) as m:
        one, two = await m.open("one", OFlags.CREAT), await m.open("two", OFlags.CREAT)
        await m.write(one, b"one")
        assert await m.call("fd_renumber", one, two) is Errno.SUCCESS
        assert m.instance.handles == 2
        assert await m.read(two, 10, "fd_pread", 0) == b"one"
        assert await m.call("fd_tell", two, OUT) is Errno.SUCCESS and await m.u32() == 3
        assert await m.call("fd_tell", one, OUT) is Errno.BADF
        assert await m.call("fd_renumber", two, two) is Errno.SUCCESS
        for fd, to in ((two, 99), (99, two), (two, -1)):
            assert await m.call("fd_renumber", fd, to) is Errno.BADF
        assert await m.call("fd_renumber", two, 3) is Errno.SUCCESS  # onto a preopen: the guest gives it up
        assert await m.open("one") == -Errno.NOTDIR
        assert m.instance.handles == 1


@scenario
async def test_listing_goes_on_where_a_cookie_says(fresh: Callable[[], Any]) -> None:
    directory = fresh()
    names = {f"name-{number:03}" for number in range(50)}
    for name in names:
        await DirectoryClient(directory).create_directory(name)
    async with machine(preopens={"/": directory}) as m:
        whole = await m.entries(3, size=8000)
        assert [name for name, _ in whole[:2]] == [".", ".."]
        assert {name for name, _ in whole[2:]} == names
        for number in (0, 1, 2, 20, 51):
            assert await m.entries(3, whole[number][1], 8000) == whole[number + 1 :]
        listed: list[str] = []
        cookie = 0
        while part := await m.entries(3, cookie, 100):  # two or three at a time
            listed += [name for name, _ in part]
            cookie = part[-1][1]
            if len(listed) == 20:
                await DirectoryClient(directory).create_directory("another")
        assert names <= set(listed) and len(set(listed)) == len(listed)
        assert await m.entries(3, 0, 10) == []  # not even one: the answer is full
        assert await m.u32() == 10


# -- Waiting


def clock(user: int, timeout: int, *, which: int = 1, absolute: bool = False) -> bytes:
    return struct.pack("<QB7xI4xQQH", user, 0, which, timeout, 0, absolute)


def readable(user: int, fd: int, type: int = 1) -> bytes:
    return struct.pack("<QB7xI", user, type, fd)


HOUR = 3_600 * 10**9


@scenario
async def test_several_waits_at_once() -> None:
    source, sink = make_pipe()
    async with machine(
        stdin=source, stdout=MemoryConsole(), timer=SystemTimer(), preopens={"/": MemoryDirectory()}
    ) as m:
        assert await m.events(clock(1, HOUR), clock(2, 0)) == [(2, Errno.SUCCESS, 0)]
        assert await m.events(clock(1, HOUR), clock(2, 10_000_000)) == [(2, Errno.SUCCESS, 0)]
        assert await m.events(clock(1, 5, absolute=True), clock(2, HOUR)) == [(1, Errno.SUCCESS, 0)]
        assert await m.events(readable(1, 0), clock(2, 10_000_000)) == [(2, Errno.SUCCESS, 0)]
        asyncio.get_running_loop().call_later(0.01, sink.write, b"x")
        assert await m.events(readable(1, 0), clock(2, HOUR)) == [(1, Errno.SUCCESS, 1)]
        assert await m.events(readable(1, 1, 2), clock(2, HOUR)) == [(1, Errno.SUCCESS, 2)]
        assert await m.events(readable(1, 0, 9), clock(2, HOUR)) == [(1, Errno.INVAL, 9)]
        assert await m.events(clock(1, 0, which=2)) == [(1, Errno.NOTSUP, 0)]
        assert await m.events(clock(1, 0, which=7)) == [(1, Errno.INVAL, 0)]
        assert await m.events(clock(1, 0, which=0, absolute=True)) == [(1, Errno.NOSYS, 0)]
        fd = await m.open("a", OFlags.CREAT)
        assert await m.events(readable(1, fd), clock(2, HOUR)) == [(1, Errno.SUCCESS, 1)]
        assert await m.call("poll_oneoff", DATA, PATH, 0, OUT) is Errno.INVAL
        assert await m.call("poll_oneoff", DATA, PATH, 4097, OUT) is Errno.INVAL


# -- Capabilities that fail


class Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def write(self, data: bytes) -> None:
        raise self.error

    def read(self, limit: int) -> bytes:
        raise self.error

    def readable(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("kind", "errno"),
    [
        (ErrorKind.FAILED, Errno.IO), (ErrorKind.DISCONNECTED, Errno.PIPE),
        (ErrorKind.DENIED, Errno.NOTCAPABLE), (ErrorKind.REVOKED, Errno.NOTCAPABLE),
        (ErrorKind.EXHAUSTED, Errno.NOSPC), (ErrorKind.OVERLOADED, Errno.AGAIN),
        (ErrorKind.UNIMPLEMENTED, Errno.NOTSUP),
    ],
)  # fmt: skip
@scenario
async def test_what_a_capability_says_is_an_errno(kind: ErrorKind, errno: Errno) -> None:
    failing = Failing(CapError(kind, "so"))
    async with machine(stdin=failing, stdout=failing, timer=SystemTimer()) as m:
        assert await m.write(1, b"x") == -errno
        assert await m.read(0, 1) == -errno
        assert await m.events(readable(1, 0)) == [(1, errno, 1)]


@scenario
async def test_an_error_of_the_hosts_own_ends_the_guest() -> None:
    async with machine(stdout=Failing(LookupError("a bug"))) as m:
        with pytest.raises(LookupError, match="a bug"):
            await m.write(1, b"x")
        with pytest.raises(InstanceEnded, match="a bug"):
            await m.write(1, b"x")


class Lavish:
    def read(self, limit: int) -> bytes:
        return b"x" * (limit + 1)

    def readable(self) -> None:
        pass


@scenario
async def test_a_source_that_gives_more_than_it_was_asked_for() -> None:
    async with machine(stdin=Lavish()) as m:
        with pytest.raises(InstanceEnded, match="something else than at most 5 bytes"):
            await m.read(0, 5)


@scenario
async def test_one_call_moves_no_more_than_the_loop_can_spare(fresh: Callable[[], Any]) -> None:
    directory = fresh()
    async with machine(preopens={"/": directory}) as m:
        fd = await m.open("a", OFlags.CREAT)
        # A thousand vectors of 64 KiB, which all overlap: four times what a call moves.
        await m.poke(PATH, struct.pack("<II", DATA, 65536) * 1_000)
        assert await m.call("fd_write", fd, PATH, 1_000, OUT) is Errno.SUCCESS
        assert await m.u32() == 16 * 2**20
        assert (await m.filestat(fd))[4] == 16 * 2**20
