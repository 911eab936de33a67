"""Guests on capabilities of another process, and guests' own resources called from one."""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit import rpc
from capwit.bridge import CapError, ErrorKind, Host
from capwit.caps.local import SystemEntropy
from capwit.codegen import generate, write
from capwit.preview2 import WasiGrants

from tests.bridge.support import ENTROPY, SCHEMA, probe, probe_guest, scenario
from tests.examples.test_kv_program import LINES
from tests.support.guests import python_guest

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from types import ModuleType

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "kv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's bindings."""
    top = tmp_path_factory.mktemp("kv")
    write(generate(EXAMPLE / "kv.capnp").files, top)
    return top


@pytest.fixture
def kv(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "kv", raising=False)
    return importlib.import_module("kv")


@asynccontextmanager
async def peer(*arguments: object) -> AsyncIterator[Process]:
    """Another process, which says when it is ready."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.rpc.peer", *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip("\n")


class Console:
    """What the guest's program prints to."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: bytes) -> None:
        self.text += data.decode()


@scenario
async def test_a_guest_cannot_tell_a_store_of_another_process_from_a_local_one(
    kv: ModuleType, folder: Path, tmp_path: Path
) -> None:
    address = f"unix:{tmp_path}/kv"
    guest = python_guest(EXAMPLE / "guest.py", folder / "wit", "app")
    console = Console()
    async with peer("kv", address, folder) as process:
        assert await line(process) == "ready"
        async with Host() as host, rpc.connect(address, ledger=host.ledger) as connection:
            app = await host.load(guest)
            async with connection.bootstrap(kv.StoreClient) as store:
                grants = kv.KvGrants(store=store, console=console)
                wasi = WasiGrants(entropy=SystemEntropy(), stdout=Console())
                async with (
                    app.instantiate(grants, wasi) as instance,
                    await instance.export(kv.RunnerClient) as runner,
                ):
                    report = await runner.run()
            assert host.ledger.balance == 0
    assert report == kv.Report(["apple", "pear"], 4, "")
    local = LINES.format(durability="in memory").replace("summary 2 keys, 8 bytes", "no summarizer")
    assert console.text == local


@scenario
async def test_the_end_of_the_other_process_is_an_error_of_the_guests_calls(
    kv: ModuleType, folder: Path, tmp_path: Path
) -> None:
    address = f"unix:{tmp_path}/kv"
    async with peer("kv", address, folder) as process:
        assert await line(process) == "ready"
        async with (
            rpc.connect(address) as connection,
            connection.bootstrap(kv.StoreClient) as store,
            await store.open("b") as bucket,
        ):
            cursor = await bucket.watch()
            waiting = asyncio.ensure_future(cursor.next(1))
            await store.durability()
            process.kill()
            with pytest.raises(CapError) as caught:
                await waiting
            assert caught.value.kind is ErrorKind.DISCONNECTED
            with pytest.raises(CapError) as caught:
                await bucket.list("")
            assert caught.value.kind is ErrorKind.DISCONNECTED
            await connection.closed()
            await cursor.close()
        assert connection.ledger.balance == 0


class Desk:
    """The host's side of the probe guest."""

    echo = add = make = look = pack = unpack = tell = take = lambda self, *_: None


@asynccontextmanager
async def worker() -> AsyncIterator[tuple[Host, Any, Any]]:
    async with Host() as host:
        app = await host.load(probe_guest())
        async with app.instantiate(probe.Grants(desk=Desk()), ENTROPY) as instance:
            yield host, instance, await instance.export(probe.WorkerClient)


@scenario
async def test_a_plain_client_in_another_process_calls_what_a_guest_exports(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/worker"
    async with worker() as (host, _, exported):
        async with (
            rpc.serve(exported, address, ledger=host.ledger) as server,
            peer("worker", address, SCHEMA) as process,
        ):
            assert await line(process) == "hello 42"
            assert {await line(process), await line(process)} == {"from afar", "dropped"}
            assert await line(process) == "OVERLOADED remote exception: busy"
            await process.wait()
            assert server.connections <= 1
        await exported.close()
        gc.collect()
        assert host.ledger.live() == []


@scenario
async def test_a_guest_gives_what_it_was_given_and_its_caller_has_it_back() -> None:
    class Item:
        def name(self) -> str:
            return "mine"

        def same(self, other: Any) -> bool:
            return bool(other == probe.ItemClient(self))

    class Shop(Desk):
        def make(self, name: str) -> Any:
            return Item()

    async with Host() as host:
        app = await host.load(probe_guest())
        async with (
            rpc.serve(probe.DeskClient(Shop()), "127.0.0.1:0", ledger=host.ledger) as shop,
            rpc.connect(f"127.0.0.1:{shop.port}", ledger=host.ledger) as connection,
            connection.bootstrap(probe.DeskClient) as desk,
            app.instantiate(probe.Grants(desk=desk), ENTROPY) as instance,
            await instance.export(probe.WorkerClient) as exported,
            rpc.serve(exported, "127.0.0.1:0", ledger=host.ledger) as server,
            rpc.connect(f"127.0.0.1:{server.port}", ledger=host.ledger) as to_worker,
            to_worker.bootstrap(probe.WorkerClient) as remote,
        ):
            async with await remote.give("item = grants.get_desk().make('x')") as item:
                assert await item.name() == "mine"
            mine = probe.ItemClient(Item())
            assert await remote.show(mine, "said = item.name() + str(item.same(item))") == "mineTrue"
    gc.collect()
    assert host.ledger.live() == []


@scenario
async def test_a_caller_that_gives_up_does_not_end_the_guest() -> None:
    class Slow(Desk):
        def __init__(self) -> None:
            self.asked, self.answer = asyncio.Event(), asyncio.Event()

        async def echo(self, text: str) -> str:  # type: ignore[override]
            self.asked.set()
            await self.answer.wait()
            return text

    desk = Slow()
    async with Host() as host:
        app = await host.load(probe_guest())
        async with (
            app.instantiate(probe.Grants(desk=desk), ENTROPY) as instance,
            await instance.export(probe.WorkerClient) as exported,
            rpc.serve(exported, "127.0.0.1:0", ledger=host.ledger) as server,
        ):
            async with (
                rpc.connect(f"127.0.0.1:{server.port}") as connection,
                connection.bootstrap(probe.WorkerClient) as remote,
            ):
                call = asyncio.ensure_future(remote.exec("said = grants.get_desk().echo('late')"))
                await desk.asked.wait()
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            desk.answer.set()
            assert await exported.exec("said = 'still here'") == "still here"
            assert instance.ended is None
