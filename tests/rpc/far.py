"""The guest of far.capnp, the other process that it uses, and what stands on the way there."""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from capwit.bridge import Host, Limits

from tests.bridge.support import bindings, generated
from tests.support.crates import crate
from tests.support.guests import c_guest

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

ROOT: Final = Path(__file__).parents[2]
SCHEMA: Final = Path(__file__).parent / "schemas" / "far.capnp"
schema: Final = bindings(SCHEMA)


def guest() -> Path:
    """The component that does what its steps say: far.c."""
    return c_guest(Path(__file__).parent / "far.c", generated(SCHEMA) / "wit", "app")


@asynccontextmanager
async def running(host: Host, far: object, near: object = None, **limits: Any) -> AsyncIterator[Any]:
    """The guest's runner, on these grants."""
    app = await host.load(guest(), schema.BINDINGS, name="far.wasm")
    grants = schema.FarGrants(far=far, near=near)
    async with (
        app.instantiate(grants, limits=Limits(**limits)) as instance,
        await instance.export(schema.RunnerClient) as runner,
    ):
        yield runner


@asynccontextmanager
async def peer(address: str, *prefix: str, of: str = "") -> AsyncIterator[Process]:
    """Another process that serves a node, or what is served at the address `of`, once it is ready."""
    role = ("relay", address, str(generated(SCHEMA)), of) if of else ("far", address, str(generated(SCHEMA)))
    command = sys.executable, "-m", "tests.rpc.peer", *role
    async with _serving(*prefix, *command) as process:
        yield process


@asynccontextmanager
async def rust_peer(address: str) -> AsyncIterator[Process]:
    """The same by Rust's capnp-rpc; without cargo, or its crates, the test is skipped."""
    async with _serving(str(native()), address) as process:
        yield process


@asynccontextmanager
async def _serving(*command: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    try:
        assert (await line(process)).startswith("ready")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def native() -> Path:
    """Build the program in Rust, once: a client of the chat, and a server of a node."""
    if shutil.which("capnp") is None:
        pytest.skip("capnp is missing. Mend: apt-get install capnproto")
    return crate(Path(__file__).parent / "native", "native-rpc")


async def line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip("\n")


class Valve:
    """A way to a Unix socket, either direction of which can be shut."""

    def __init__(self) -> None:
        self.there, self.back = asyncio.Event(), asyncio.Event()
        self.there.set()
        self.back.set()
        self.passed = 0  # bytes on their way there
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def before(self, target: str, path: str) -> AsyncIterator[None]:
        """Listen at `path` for what is to go to `target`."""

        async def accept(reader: StreamReader, writer: StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_unix_connection(target)
            for each in (
                self._pass(reader, far_writer, self.there),
                self._pass(far_reader, writer, self.back),
            ):
                self._tasks.add(asyncio.ensure_future(each))

        server = await asyncio.start_unix_server(accept, path, limit=1 << 12)
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass(self, reader: StreamReader, writer: StreamWriter, valve: asyncio.Event) -> None:
        try:
            while True:
                await valve.wait()
                data = await reader.read(1 << 12)
                await valve.wait()
                if valve is self.there:
                    self.passed += len(data)
                writer.write(data)
                await writer.drain()
                if not data:
                    break
        except OSError:
            pass
        finally:
            writer.close()
