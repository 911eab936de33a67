"""Every function, with what it asks for, without, and when that is revoked: the same guest, the same call."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import GuestExit
from capwit.caps import (
    HostDirectory,
    Launch,
    MemoryConsole,
    MemoryDirectory,
    MemorySource,
    ReadOnlyDirectory,
    SeededEntropy,
    SystemTimer,
    SystemWallClock,
)
from capwit.preview1.abi import SIGNATURES, Errno, OFlags, Rights

from tests.bridge.support import scenario
from tests.preview1.kinds import put
from tests.preview1.machine import DATA, OUT, PATH, machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IN_ONE_PROCESS: dict[str, str] = {}
# One of each kind.
EVERY_RUN = {
    "test_a_function[clock_time_get]",
    "test_a_function[fd_read]",
    "test_a_function[fd_write]",
    "test_a_function[path_open]",
    "test_a_function[poll_oneoff]",
    "test_a_folder_for_reading_only[host]",
}

OK, BADF, NOSYS, NOTCAPABLE, ROFS = Errno.SUCCESS, Errno.BADF, Errno.NOSYS, Errno.NOTCAPABLE, Errno.ROFS

# What each name of a grant is given as, and what it is revoked by.
GRANTS: dict[str, Callable[[], Any]] = {
    "launch": lambda: Launch(["program"], {"KEY": "value"}),
    "timer": SystemTimer,
    "wall_clock": SystemWallClock,
    "entropy": lambda: SeededEntropy(1),
    "stdin": lambda: MemorySource(b"input"),
    "stdout": MemoryConsole,
}
FILE = 4  # where a file is open, if there is a folder to open it in
VECTOR = OUT + 16
DIRECTORY, NAME, NEW, LINK = 3, (PATH, 1), (PATH + 16, 1), (PATH + 32, 1)  # a file, no file, a link


@dataclass(frozen=True)
class Row:
    """A call: its arguments, the grant that it asks for, its errno with it, without, and once it is revoked.

    `told` is what is at `at` afterwards, with the grant and without.
    """

    arguments: tuple[int, ...]
    grant: str
    ungranted: Errno = BADF
    revoked: Errno = NOTCAPABLE
    granted: Errno = OK
    told: tuple[int, int] | None = None
    at: int = OUT


ROWS = {
    "args_sizes_get": Row((OUT, OUT + 4), "launch", OK, told=(1, 0)),
    "args_get": Row((OUT, DATA), "launch", OK, told=(DATA, 0)),
    "environ_sizes_get": Row((OUT, OUT + 4), "launch", OK, told=(1, 0)),
    "environ_get": Row((OUT, DATA), "launch", OK, told=(DATA, 0)),
    "clock_res_get": Row((1, OUT), "timer", NOSYS),
    "clock_time_get": Row((0, 0, OUT), "wall_clock", NOSYS),
    "random_get": Row((DATA, 8), "entropy", NOSYS),
    "fd_read": Row((0, VECTOR, 1, OUT), "stdin", told=(4, 0)),
    "fd_write": Row((1, VECTOR, 1, OUT), "stdout", told=(4, 0)),
    "fd_advise": Row((FILE, 0, 1, 0), "preopens"),
    "fd_allocate": Row((FILE, 0, 9), "preopens"),
    "fd_close": Row((FILE,), "preopens", revoked=OK),
    "fd_datasync": Row((FILE,), "preopens"),
    "fd_fdstat_get": Row((FILE, OUT), "preopens", revoked=OK),
    "fd_fdstat_set_flags": Row((FILE, 1), "preopens", revoked=OK),
    "fd_fdstat_set_rights": Row((FILE, Rights.FD_READ, 0), "preopens", revoked=OK),
    "fd_filestat_get": Row((FILE, OUT), "preopens"),
    "fd_filestat_set_size": Row((FILE, 2), "preopens"),
    "fd_filestat_set_times": Row((FILE, 1, 1, 5), "preopens"),
    "fd_pread": Row((FILE, VECTOR, 1, 0, OUT), "preopens", told=(4, 0)),
    "fd_prestat_get": Row((DIRECTORY, OUT), "preopens", revoked=OK),
    "fd_prestat_dir_name": Row((DIRECTORY, OUT, 1), "preopens", revoked=OK, told=(ord("/"), 0)),
    "fd_pwrite": Row((FILE, VECTOR, 1, 0, OUT), "preopens", told=(4, 0)),
    "fd_readdir": Row((DIRECTORY, DATA, 100, 0, OUT), "preopens", told=(100, 0)),
    "fd_renumber": Row((FILE, DIRECTORY), "preopens", revoked=OK),
    "fd_seek": Row((FILE, 1, 2, OUT), "preopens", told=(8, 0)),
    "fd_sync": Row((FILE,), "preopens"),
    "fd_tell": Row((FILE, OUT), "preopens", revoked=OK),
    "path_create_directory": Row((DIRECTORY, *NEW), "preopens"),
    "path_filestat_get": Row((DIRECTORY, 0, *NAME, OUT), "preopens"),
    "path_filestat_set_times": Row((DIRECTORY, 0, *NAME, 1, 1, 5), "preopens"),
    "path_link": Row((DIRECTORY, 0, *NAME, DIRECTORY, *NEW), "preopens"),
    "path_open": Row((DIRECTORY, 0, *NAME, 0, Rights.FD_READ, 0, 0, OUT), "preopens", told=(FILE + 1, 0)),
    "path_readlink": Row((DIRECTORY, *LINK, DATA, 9, OUT), "preopens", told=(1, 0)),
    "path_remove_directory": Row((DIRECTORY, PATH + 48, 1), "preopens"),
    "path_rename": Row((DIRECTORY, *NAME, DIRECTORY, *NEW), "preopens"),
    "path_symlink": Row((*NAME, DIRECTORY, *NEW), "preopens"),
    "path_unlink_file": Row((DIRECTORY, *NAME), "preopens"),
    # An event for a clock: what it says is its errno.
    "poll_oneoff": Row((DATA, PATH, 1, OUT), "timer", OK, OK, told=(OK, NOSYS), at=PATH + 8),
    # No socket, or nothing at all.
    "sock_accept": Row((FILE, 0, OUT), "preopens", granted=Errno.NOTSOCK, revoked=Errno.NOTSOCK),
    "sock_recv": Row((FILE, VECTOR, 1, 0, OUT, OUT + 4), "preopens", BADF, Errno.NOTSOCK, Errno.NOTSOCK),
    "sock_send": Row((FILE, VECTOR, 1, 0, OUT), "preopens", BADF, Errno.NOTSOCK, Errno.NOTSOCK),
    "sock_shutdown": Row((FILE, 1), "preopens", BADF, Errno.NOTSOCK, Errno.NOTSOCK),
}
# These need none: they end the guest, or let others run.
WITHOUT_A_GRANT = {"proc_exit", "proc_raise", "sched_yield"}


def test_every_function_has_its_row() -> None:
    assert ROWS.keys() | WITHOUT_A_GRANT == SIGNATURES.keys()
    assert not ROWS.keys() & WITHOUT_A_GRANT


async def folder() -> MemoryDirectory:
    """Return a directory with a file `a`, a link `l` and a directory `d`."""
    directory = MemoryDirectory()
    await put(directory, "a", b"content")
    directory.symlink("x", "l")
    directory.create_directory("d")
    return directory


async def answered(name: str, row: Row, *, granted: bool, revoked: bool = False) -> tuple[Errno, int | None]:
    """Call a function on its grant or without; returns its errno, and what it has told."""
    grants: dict[str, Any] = {}
    path = f"wasi.{row.grant}"
    if granted and row.grant == "preopens":
        grants, path = {"preopens": {"/": await folder()}}, "wasi.preopens./"
    elif granted:
        grants = {row.grant: GRANTS[row.grant]()}
    async with machine(**grants) as m:
        if "preopens" in grants:
            assert await m.open("a") == FILE
        for number, file in enumerate("abld"):
            await m.poke(PATH + 16 * number, file.encode())
        await m.poke(VECTOR, struct.pack("<II", DATA, 4))
        await m.poke(DATA, struct.pack("<QQI4xQQH", 7, 0, 1, 0, 0, 0))  # for the monotonic clock, at once
        await m.poke(OUT, bytes(8))
        if revoked:
            m.instance.revoke(path)
        answer = await m.call(name, *row.arguments)
        return answer, await m.u32(row.at) if row.told and not revoked else None


@pytest.mark.parametrize("name", ROWS)
@scenario
async def test_a_function(name: str) -> None:
    row = ROWS[name]
    told = row.told or (None, None)
    assert await answered(name, row, granted=True) == (row.granted, told[0])
    assert await answered(name, row, granted=False) == (row.ungranted, told[1])
    assert await answered(name, row, granted=True, revoked=True) == (row.revoked, None)


@scenario
async def test_what_needs_no_grant() -> None:
    async with machine() as m:
        assert await m.call("sched_yield") is OK
    for name, number, code in (("proc_exit", 7, 7), ("proc_raise", 6, 134)):
        async with machine() as m:
            with pytest.raises(GuestExit) as exit:
                await m.call(name, number) if name == "proc_raise" else await m.instance.call(name, number)
            assert exit.value.code == code


# -- A folder for reading only

RIGHTS = (1 << 30) - 1
CHANGES = {
    "path_create_directory": (DIRECTORY, *NEW),
    "path_filestat_set_times": (DIRECTORY, 0, *NAME, 1, 1, 5),
    "path_link": (DIRECTORY, 0, *NAME, DIRECTORY, *NEW),
    "path_remove_directory": (DIRECTORY, PATH + 48, 1),
    "path_rename": (DIRECTORY, *NAME, DIRECTORY, *NEW),
    "path_symlink": (*NAME, DIRECTORY, *NEW),
    "path_unlink_file": (DIRECTORY, *NAME),
    "fd_filestat_set_times": (DIRECTORY, 1, 1, 5),
}
READS = {
    "path_filestat_get": (DIRECTORY, 0, *NAME, OUT),
    "path_readlink": (DIRECTORY, *LINK, DATA, 9, OUT),
    "fd_readdir": (DIRECTORY, DATA, 100, 0, OUT),
    "fd_filestat_get": (DIRECTORY, OUT),
}


@pytest.mark.parametrize("kind", ["host", "view of the host", "view of memory"])
@scenario
async def test_a_folder_for_reading_only(kind: str, tmp_path: Path) -> None:
    directory = HostDirectory(tmp_path) if "host" in kind else MemoryDirectory()
    await put(directory, "a", b"content")
    directory.symlink("x", "l")
    directory.create_directory("d")
    view = HostDirectory(tmp_path, readonly=True) if kind == "host" else ReadOnlyDirectory(directory)
    async with machine(preopens={"/": view}) as m:
        for oflags, rights in ((0, RIGHTS), (0, Rights.FD_WRITE), (OFlags.TRUNC, 0), (OFlags.CREAT, 0)):
            assert await m.open("a", oflags, rights) == -ROFS
        assert await m.open("new", OFlags.CREAT, Rights.FD_READ) == -ROFS
        file = await m.open("a", 0, Rights.FD_READ)
        inner = await m.open("d", OFlags.DIRECTORY, 0)
        assert await m.read(file, 100) == b"content"
        assert await m.write(file, b"x") == -BADF
        assert await m.call("fd_filestat_set_times", file, 1, 1, 5) is ROFS
        assert await m.path("path_create_directory", inner, "e") is ROFS
        for number, name in enumerate("abld"):
            await m.poke(PATH + 16 * number, name.encode())
        assert {name: await m.call(name, *arguments) for name, arguments in READS.items()} == dict.fromkeys(
            READS, OK
        )
        assert {name: await m.call(name, *arguments) for name, arguments in CHANGES.items()} == dict.fromkeys(
            CHANGES, ROFS
        )
        assert {name for name, _ in await m.entries(3)} == {".", "..", "a", "l", "d"}
