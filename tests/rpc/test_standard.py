"""Programs for WASI, unchanged, whose files, clocks, streams and entropy are another process's."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit import caps, rpc
from capwit.bridge import GuestExit, Host, Limits
from capwit.bridge.errors import GrantError, ManifestError
from capwit.caps import MemoryConsole, MemorySource, SystemEntropy, SystemTimer, SystemWallClock
from capwit.caps.files import DirectoryClient
from capwit.caps.net import NetworkClient
from capwit.caps.store import ScriptPackageClient, StoreClient
from capwit.caps.stores import fetch
from capwit.caps.using import value
from capwit.caps.wasi import WasiGrants
from capwit.program import MACHINE, assemble, parse_manifest
from capwit.testing import assert_balanced, scenario

from tests.caps.net_support import AS_IT_IS, at
from tests.preview1.support import GUESTS, source_of
from tests.preview1.test_behaviours import BEHAVIOURS
from tests.support.adapted import adapted
from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Sequence

ROOT = Path(__file__).parents[2]
_SESSION = "cat /data/hello; echo again > /data/sub/more; sort /data/sub/more"


@asynccontextmanager
async def elsewhere(folder: Path) -> AsyncIterator[tuple[str, Process]]:
    """Another process that has a folder; each of its capabilities is at an address of its own."""
    address = f"unix:{folder.parent}/at"
    command = (sys.executable, "-m", "tests.rpc.peer", "standard", address, str(folder))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield address, process
    finally:
        process.kill()
        await process.wait()


def manifest(code: Path, address: str, args: Sequence[str], folder: Path) -> Any:
    names = ("stdin", "stdout", "timer", "wall_clock", "entropy")
    wasi = {name: {"remote": f"{address}-{name}"} for name in names}
    table = {
        "module": str(code),
        "args": [code.stem, *args],
        "wasi": {**wasi, "preopens": {"/data": {"remote": f"{address}-dir"}}},
    }
    holdings = replace(MACHINE, folders=(code.parent,), unix=(folder.parent,))
    return parse_manifest(table, folder.parent / "app.toml", holdings)


@pytest.mark.parametrize("built", ["module", "component"])
@scenario
async def test_a_program_whose_world_is_another_process(built: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "hello").write_text("hello from afar\n")
    programs = [
        ("host", ["time"], "12.000000034\n"),
        ("host", ["echo"], "> one\n> two\n"),
        ("host", ["random"], caps.SeededEntropy(42).fill(16).hex() + "\n"),
        ("host", ["sleep"], "slept\n"),
        ("tools", ["sh", "-c", _SESSION], "hello from afar\nagain\n"),
    ]
    async with elsewhere(folder) as (address, process):
        assert process.stdout is not None
        async with Host() as host:
            for name, args, said in programs:
                code = wasi_guest(source_of(name))
                code = code if built == "module" else adapted(code)
                async with assemble(host, manifest(code, address, args, folder)) as program:
                    try:
                        await program.run()
                    except GuestExit as exit:
                        assert exit.code == 0
                assert await process.stdout.readexactly(len(said)) == said.encode(), name
        assert_balanced(host.ledger)


@scenario
async def test_output_goes_to_whatever_the_manifest_says_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    code = wasi_guest(source_of("hello"))
    holdings = replace(MACHINE, folders=(code.parent,), unix=(tmp_path,))

    def given(**stdout: str) -> Any:
        table = {"module": str(code), "wasi": {"stdout": {"remote": f"{address}-sink", **stdout}}}
        return parse_manifest(table, tmp_path / "app.toml", holdings)

    async with elsewhere(folder) as (address, process), Host() as host:
        assert process.stdout is not None
        async with assemble(host, given(interface="byte-sink")) as program:
            await program.run()
        assert await process.stdout.readline() == b"Hello from WASI on capOS\n"
        with pytest.raises(
            GrantError, match=r"wasi\.stdout: .*-sink: it is no capwit:caps/standard@.*\.console"
        ):
            await assemble(host, given()).__aenter__()
        with pytest.raises(ManifestError, match=r"stdout\.interface: expected terminal-session or byte-sink"):
            await assemble(host, given(interface="store")).__aenter__()
        assert_balanced(host.ledger)


@scenario
async def test_a_module_serves_at_a_listener_of_another_process(tmp_path: Path) -> None:
    code = wasi_guest(GUESTS / "http.c")
    network = NetworkClient(caps.HostNetwork([], ["127.0.0.1:*"]))
    listener = value(await network.listen(at("127.0.0.1:0"), 0, AS_IT_IS))
    port = (await listener.local_address()).port
    table = {
        "module": str(code),
        "args": ["http", "serve", "7"],
        "wasi": {"stdout": True, "sockets": {"web": {"fd": 7, "remote": f"unix:{tmp_path}/listener"}}},
    }
    holdings = replace(MACHINE, folders=(code.parent,), unix=(tmp_path,))
    given = parse_manifest(table, tmp_path / "app.toml", holdings)
    async with rpc.serve(listener, f"unix:{tmp_path}/listener"), Host() as host:
        async with assemble(host, given) as program:
            running = asyncio.ensure_future(program.run())
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /end HTTP/1.0\r\n\r\n")
            assert (await reader.read()).endswith(b"you asked for /end")
            writer.close()
            await running
        assert_balanced(host.ledger)


@scenario
async def test_files_of_another_process_behave_as_any(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    timer = SystemTimer()
    async with elsewhere(folder) as (address, _), Host() as host:
        module = await host.load_module(wasi_guest(source_of("behaviours")))
        async with (
            rpc.connect(f"{address}-dir", ledger=host.ledger) as connection,
            connection.bootstrap(DirectoryClient) as top,
        ):
            for behaviour in BEHAVIOURS:
                (folder / behaviour).mkdir()
                async with value(await top.open(behaviour, _DIRECTORY)) as preopen:
                    assert await _behaves(module, behaviour, preopen, timer) == (0, ""), behaviour
        assert_balanced(host.ledger)


_DIRECTORY = caps.files.OpenFlags(
    read=True, write=False, mutate=True, create=False, exclusive=False, truncate=False, directory=True,
    follow=False,
)  # fmt: skip


async def _behaves(module: Any, behaviour: str, preopen: Any, timer: SystemTimer) -> tuple[int, str]:
    console = MemoryConsole()
    grants = WasiGrants(
        launch=caps.Launch(("behaviours", behaviour)),
        stdin=MemorySource(),
        stdout=console,
        stderr=MemoryConsole(),
        timer=timer,
        wall_clock=SystemWallClock(),
        entropy=SystemEntropy(),
        preopens={"/": preopen},
    )
    async with module.instantiate(grants, limits=Limits()) as instance:
        try:
            await instance.run()
        except GuestExit as exit:
            return exit.code, console.text
    return 0, console.text


@scenario
async def test_code_and_scripts_of_another_process(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "hello").write_text("print('hello')")
    code = wasi_guest(source_of("hello")).read_bytes()
    async with elsewhere(folder) as (address, _), Host() as host:
        async with (
            rpc.line(f"{address}-store", ledger=host.ledger) as stores,
            await stores.open(StoreClient) as store,
            rpc.line(f"{address}-scripts", ledger=host.ledger) as packages,
            await packages.open(ScriptPackageClient) as scripts,
        ):
            hash = await store.put(code)
            assert hash == sha256(code).digest()
            assert await fetch(store, hash, 1 << 20) == code
            assert await scripts.entry() == "hello"
            table = {
                "module": {"store": "code", "hash": f"sha256:{hash.hex()}"},
                "grants": {"code": {"remote": f"{address}-store"}},
                "wasi": {"stdout": True},
            }
            holdings = replace(MACHINE, unix=(tmp_path,))
            read = parse_manifest(table, tmp_path / "app.toml", holdings)
            console = MemoryConsole()
            async with assemble(host, read, {"console": console}) as program:
                await program.run()
            assert console.text == "Hello from WASI on capOS\n"
        assert_balanced(host.ledger)
