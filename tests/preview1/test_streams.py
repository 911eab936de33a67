"""The three streams that a program begins with: terminals, pipes, and what does not wait."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from capwit.bridge import Host
from capwit.caps import MemoryConsole, MemorySink, SystemTimer, Terminal, make_pipe
from capwit.caps.streams import TerminalSessionClient
from capwit.caps.wasi import WasiGrants
from capwit.preview1.abi import Errno, FdFlags, FileType, Rights

from tests.bridge.support import bindings, scenario
from tests.preview1.machine import OUT, Machine, machine
from tests.preview1.support import GUESTS, run, wat
from tests.preview1.test_descriptors import readable
from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Yield the descriptors of a terminal: what a person has, and what a program has."""
    person, program = pty.openpty()
    attributes = termios.tcgetattr(program)
    attributes[1] &= ~termios.OPOST  # no carriage returns
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(program, termios.TCSANOW, attributes)
    yield person, program
    os.close(person)
    os.close(program)


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Yield the descriptors of a pipe, to read and to write."""
    source, sink = os.pipe()
    yield source, sink
    os.close(source)
    os.close(sink)


@scenario
async def test_a_terminal_is_one(terminal: tuple[int, int]) -> None:
    person, program = terminal
    session = Terminal(program, program)
    assert (await run("host", "isatty", stdin=session)).out == "1 0 0\n"
    await run("host", "isatty", stdin=session, stdout=TerminalSessionClient(session), stderr=MemoryConsole())
    assert os.read(person, 100) == b"1 1 0\n"
    async with machine(stdin=session, stdout=session) as m:
        type, _, rights, _ = await m.fdstat(0)
        assert type is FileType.CHARACTER_DEVICE
        assert rights & Rights.FD_READ and not rights & (Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_TELL)
        assert (await m.filestat(2))[2] == FileType.CHARACTER_DEVICE
        assert await m.call("fd_seek", 0, 0, 1, OUT) is Errno.SPIPE
        assert await m.write(0, b"x") == -Errno.BADF  # it could be written to, but was not granted for that
        os.write(person, b"typed\n")
        assert await m.read(0, 100) == b"typed\n"


@scenario
async def test_a_session_without_a_terminal_is_a_stream(ends: tuple[int, int]) -> None:
    session = Terminal(*ends)
    async with machine(stdin=session, stdout=session) as m:
        for fd in (0, 1, 2):
            assert (await m.fdstat(fd))[0] is FileType.UNKNOWN
            assert (await m.filestat(fd))[2] == FileType.UNKNOWN


@scenario
async def test_a_terminal_that_is_taken_away_is_none(terminal: tuple[int, int]) -> None:
    async with machine(stdin=Terminal(terminal[1], terminal[1])) as m:
        m.instance.revoke("wasi.stdin")
        assert (await m.fdstat(0))[0] is FileType.UNKNOWN


def test_the_command_line_has_a_terminal_where_it_runs_in_one(terminal: tuple[int, int]) -> None:
    person, program = terminal
    command = [sys.executable, "-m", "capwit.cli.main", "run", str(wasi_guest(GUESTS / "host.c")), "isatty"]
    subprocess.run(command, stdin=program, stdout=program, stderr=subprocess.DEVNULL, check=True)
    assert os.read(person, 100) == b"1 1 0\n"
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=program, check=True
    )
    assert done.stdout == b"0 0 1\n"


@scenario
async def test_a_terminal_that_is_granted_by_name_is_read_and_written(terminal: tuple[int, int]) -> None:
    person, program = terminal
    session = bindings(Path(__file__).parent / "session.capnp")
    transfer = "(param i32 i32 i32 i32) (result i32)"
    binary = wat(f"""(module
      (import "test:session/app-grants@0.1.0" "get-terminal" (func $terminal (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $read {transfer}))
      (import "wasi_snapshot_preview1" "fd_write" (func $write {transfer}))
      (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $stat (param i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "\\40\\00\\00\\00\\20\\00\\00\\00")
      (func (export "run") (result i32) (local $fd i32)
        (local.set $fd (call $terminal))
        (if (call $read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (if (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
        (if (call $stat (local.get $fd) (i32.const 128)) (then (unreachable)))
        (i32.load8_u (i32.const 128))))""")
    os.write(person, b"typed\n")
    async with Host() as host:
        module = await host.load_module(binary, session.BINDINGS, name="session.wasm")
        grants = session.SessionGrants(terminal=Terminal(program, program))
        async with module.instantiate(grants, WasiGrants()) as instance:
            assert await instance.call("run") == FileType.CHARACTER_DEVICE
        assert host.ledger.balance == 0
    assert os.read(person, 100) == b"typed\n"


# -- What does not wait


async def dont_wait(m: Machine, fd: int) -> None:
    assert await m.call("fd_fdstat_set_flags", fd, FdFlags.NONBLOCK) is Errno.SUCCESS


@scenario
async def test_a_read_that_does_not_wait() -> None:
    source, sink = make_pipe()
    async with machine(stdin=source, timer=SystemTimer()) as m:
        await dont_wait(m, 0)
        assert (await m.fdstat(0))[1] == FdFlags.NONBLOCK
        assert await m.read(0, 10) == -Errno.AGAIN
        assert await m.read(0, 0) == b""
        sink.write(b"hello")
        assert await m.read(0, 3) == b"hel"
        assert await m.read(0, 10) == b"lo"
        assert await m.read(0, 10) == -Errno.AGAIN
        sink.end()
        assert await m.read(0, 10) == b""
        assert await m.call("fd_fdstat_set_flags", 0, 0) is Errno.SUCCESS
        assert await m.read(0, 10) == b""


class Distant:
    """A source of another process: it takes a while to say that it is readable."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self, limit: int) -> bytes:
        await asyncio.sleep(0.001)
        data, self._data = self._data[:limit], self._data[limit:]
        return data

    async def readable(self) -> None:
        await asyncio.sleep(0.001)


@scenario
async def test_what_a_poll_has_found_can_be_read_from_afar() -> None:
    async with machine(stdin=Distant(b"hello"), timer=SystemTimer()) as m:
        await dont_wait(m, 0)
        assert await m.read(0, 10) == -Errno.AGAIN
        assert await m.events(readable(1, 0)) == [(1, Errno.SUCCESS, 1)]
        assert await m.read(0, 10) == b"hello"
        assert await m.read(0, 10) == -Errno.AGAIN


@scenario
async def test_a_write_that_does_not_wait() -> None:
    source, sink = make_pipe(4)
    async with machine(stdout=sink, stderr=MemorySink()) as m:
        await dont_wait(m, 1)
        assert await m.write(1, b"hello") == 4
        assert await m.write(1, b"o") == -Errno.AGAIN
        assert source.read(10) == b"hell"
        assert await m.write(1, b"o") == 1
        assert await m.write(2, b"waits for nobody") == 16
        assert await m.call("fd_fdstat_set_flags", 1, 0) is Errno.SUCCESS
        writing = asyncio.ensure_future(m.write(1, b" world"))
        await asyncio.sleep(0.001)
        assert not writing.done() and source.read(10) == b"o wo"
        assert await writing == 6


@scenario
async def test_a_console_takes_what_it_is_given() -> None:
    console = MemoryConsole()
    async with machine(stdout=console) as m:
        await dont_wait(m, 1)
        assert await m.write(1, b"hello") == 5
    assert console.text == "hello"
