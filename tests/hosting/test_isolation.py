"""Instances in processes of their own: what they are like, how they end, and that nobody else does."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit import rpc
from capwit.bridge import (
    CapError,
    ErrorKind,
    GrantError,
    GuestExit,
    Host,
    InstanceEnded,
    Limit,
    LimitExceeded,
    Limits,
    LinkError,
    Policy,
    Trap,
)
from capwit.caps import FuelBudget, Launch, MemoryConsole, SystemTimer
from capwit.caps.http import Answer, Request
from capwit.cli import exits
from capwit.cli.main import main
from capwit.hosting import isolation
from capwit.hosting.isolation import IsolatedInstance, isolated
from capwit.preview2 import WasiGrants

from tests.bridge.support import ROOT, scenario
from tests.http.small import relay
from tests.preview1.support import source_of
from tests.support.guests import wasi_guest
from tests.support.isolation import each_isolation, eventually
from tests.transfer.support import Desk, Waiting, component, parcel, party

from .support import ADD, NOTHING, SPIN, TRAP, TRAP_AT_START, WAIT, module, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

EXITS = module("""
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 7)))
""")
GROWS = module("""
  (memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
""")


@each_isolation
@scenario
async def test_it_ends_as_one_of_this_process_does() -> None:
    async with Host() as host:

        async def ended(wasm: bytes, **limits: Any) -> Any:
            loaded = await host.load_module(wasm, name="guest.wasm")
            instance: Any
            async with loaded.instantiate(limits=Limits(**limits)) as instance:
                with pytest.raises(InstanceEnded) as caught:
                    await instance.run()
                assert type(instance.ended) is type(caught.value)
                with pytest.raises(InstanceEnded):
                    await instance.run()
                return caught.value

        exited = await ended(EXITS)
        assert isinstance(exited, GuestExit)
        assert exited.code == 7
        trap = await ended(TRAP)
        assert isinstance(trap, Trap)
        assert "unreachable" in trap.reason
        for limits, limit in (({"fuel": 10_000_000}, Limit.FUEL), ({"wall": "50ms"}, Limit.WALL)):
            error = await ended(SPIN, **limits)
            assert isinstance(error, LimitExceeded)
            assert error.limit is limit

        loaded = await host.load_module(TRAP_AT_START, name="guest.wasm")
        with pytest.raises(Trap):
            await loaded.start()
        loaded = await host.load_module(GROWS, name="guest.wasm")
        async with loaded.instantiate(limits=Limits(memory="1MiB")) as instance:
            assert await instance.call("grow", 15) == 1
            assert await instance.call("grow", 1) == 2**32 - 1
        loaded = await host.load_module(ADD, name="guest.wasm")
        async with loaded.instantiate() as instance:
            assert await instance.call("add", 2, 1.5) == 3.5
            with pytest.raises(LinkError):
                await instance.call("subtract")
        assert host.ledger.balance == 0


@each_isolation
@scenario
async def test_it_has_its_grants_as_they_are_narrowed_and_until_they_are_revoked() -> None:
    async with Host() as host:
        console = MemoryConsole()
        loaded = await host.load_module(wasi_guest(source_of("hello")))
        given = WasiGrants(stdout=console, launch=Launch(["hello"]))
        for policies, expected in (
            ({}, "Hello from WASI on capOS\n"),
            ({"wasi.stdout": Policy(calls=0)}, ""),
        ):
            before = console.text
            async with loaded.instantiate(given, policies=policies) as instance:
                await instance.run()
            assert console.text.removeprefix(before) == expected
        async with loaded.instantiate(given) as instance:
            before = console.text
            instance.revoke("wasi.stdout")
            await instance.run()
            assert console.text == before
        with pytest.raises(GrantError, match=r"is for `wasi\.stdin`, which is not granted"):
            await loaded.start(given, policies={"wasi.stdin": Policy()})
        strange = await host.load_module(module('(import "env" "f" (func))'), name="odd.wasm")
        with pytest.raises(LinkError, match=r"it imports env\.f"):
            await strange.start()
        assert host.ledger.balance == 0


@scenario
async def test_its_limits_may_be_beyond_what_a_message_holds() -> None:
    async with Host() as host:
        loaded = await host.load_module(ADD, name="guest.wasm")
        limits = Limits(wall="9999999h", handles=2**40, tables=2**33, table=2**33)
        async with isolated(loaded, limits=limits) as instance:
            assert await instance.call("add", 1, 2.0) == 3.0


@scenario
async def run_compiled(folder: Path) -> None:
    large = module(f'''(memory 1) (data (i32.const 0) "{"x" * 20_000}") (func (export "_start"))''')
    async with (
        Host(cache=folder) as host,
        isolated(await host.load_module(large), name="guest") as instance,
    ):
        await instance.run()


@pytest.mark.parametrize("setting", ["quick", ""])
def test_it_finds_what_was_compiled_for_it(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPWIT_COMPILE", setting)
    run_compiled(tmp_path)
    assert len([*tmp_path.iterdir()]) == 1


@scenario
async def test_it_draws_fuel_from_a_grant_of_this_process() -> None:
    async with Host() as host:
        loaded = await host.load_module(SPIN, name="guest.wasm")
        budget = FuelBudget(120_000_000)
        async with isolated(loaded, limits=Limits(fuel=5_000_000), refuel=budget.take) as instance:
            with pytest.raises(LimitExceeded):
                await instance.run()
        assert budget.left == 0


class Timer(SystemTimer):
    """One that never ticks for who waits, and tells when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def sleep_until(self, deadline: int) -> None:
        self.asked.set()
        await asyncio.Event().wait()


def parent_of(pid: int) -> int:
    """The process that has forked another one."""
    return int(re.findall(r"^PPid:\t(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[0])


def descriptors() -> int:
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def is_there(pid: int) -> bool:
    """Whether a process is there."""
    return Path(f"/proc/{pid}").exists()


@scenario
async def test_kill_9_ends_that_instance_and_no_other() -> None:
    async with Host() as host:
        loaded = await host.load_module(WAIT, name="guest.wasm")
        timers = Timer(), Timer()
        async with (
            isolated(loaded, WasiGrants(timer=timers[0])) as first,
            isolated(loaded, WasiGrants(timer=timers[1])) as second,
        ):
            running = [asyncio.ensure_future(each.run()) for each in (first, second)]
            for timer in timers:
                await timer.asked.wait()
            os.kill(first.pid, signal.SIGKILL)
            with pytest.raises(InstanceEnded, match="the process of the instance has ended, by SIGKILL"):
                await running[0]
            assert not any(owned.holder == first.name for owned in host.ledger.live())
            assert not is_there(first.pid)
            assert second.ended is None
            assert (await second.stats()).ended is False
            running[1].cancel()
            with pytest.raises(asyncio.CancelledError):
                await running[1]
        assert not is_there(second.pid)
        assert host.ledger.balance == 0


@scenario
async def test_who_calls_what_it_exports_is_told_that_it_is_disconnected() -> None:
    async with Host() as host:
        loaded = await host.load(component("c"), parcel.BINDINGS, name="party.wasm")
        async with (
            isolated(loaded, parcel.Grants(desk=Desk(), peer=None)) as instance,
            await instance.export(parcel.PartyClient) as party,
        ):
            await party.make("x")
            assert await party.label() == "x"
            os.kill(instance.pid, signal.SIGKILL)
            for _ in range(2):
                with pytest.raises(CapError) as caught:
                    await party.label()
                assert caught.value.kind is ErrorKind.DISCONNECTED
        await settled(host.ledger)


@scenario
async def test_a_host_that_ends_takes_the_processes_along() -> None:
    async with Host() as host:
        loaded = await host.load_module(NOTHING, name="guest.wasm")
        instances = [await start(loaded) for _ in range(3)]
        assert len({each.pid for each in instances}) == 3
    assert not any(is_there(each.pid) for each in instances)
    assert all(each.ended is not None for each in instances)


@pytest.mark.parametrize("noted", [False, True], ids=["before it has a place", "while its process begins"])
@pytest.mark.parametrize("isolation", ["none", "process"])
@scenario
async def test_what_is_being_started_when_its_host_ends_does_not_outlive_it(
    noted: bool, isolation: str
) -> None:
    async with Host() as host:
        loaded = await host.load_module(NOTHING, name="guest.wasm")
        begun = asyncio.Event()
        host.ledger.listen(lambda _: begun.set())
        starting = asyncio.ensure_future(start(loaded) if isolation == "process" else loaded.start())
        await asyncio.sleep(0)
        if noted:
            await begun.wait()
        assert not starting.done() or isolation == "none"
    with pytest.raises(InstanceEnded, match=r"the host has ended|the instance was closed"):
        instance = await starting
        assert instance.ended is not None
        raise instance.ended  # it was quicker
    assert host.ledger.balance == 0


async def start(loaded: Any) -> IsolatedInstance:
    from capwit.hosting.isolation import start

    return await start(loaded)


@scenario
async def test_it_is_cut_off_from_the_system() -> None:
    async with Host() as host:
        loaded = await host.load_module(NOTHING, name="guest.wasm")
        async with isolated(loaded) as instance:
            process = Path(f"/proc/{instance.pid}")
            status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
            assert status["NoNewPrivs"].strip() == "1"
            assert status["Seccomp"].strip() == "2"  # a filter
            assert (process / "environ").read_bytes() == b""
            open_to = {str(each.readlink()) for each in (process / "fd").iterdir()}
            beside = {each for each in open_to if not each.startswith(("anon_inode:", "/memfd:"))}
            sockets = {each for each in beside if each.startswith("socket:")}
            assert beside - sockets == {"/dev/null"}
            assert len(sockets) == 3  # two of them are the two ends of one
            limits = dict(re.findall(r"^Max (.*?)  +(\S+)", (process / "limits").read_text(), re.MULTILINE))
            assert limits["core file size"] == "0"
            assert int(limits["data size"]) < 1 << 30  # of Python's memory, and of the instance's
            assert (process / "oom_score_adj").read_text() == "1000\n"


@scenario
async def test_when_what_they_are_forked_of_dies_they_do_and_others_can_be_started() -> None:
    async with Host() as host:
        spin = await host.load_module(SPIN, name="spin.wasm")
        add = await host.load_module(ADD, name="add.wasm")
        async with isolated(spin) as first:
            running = asyncio.ensure_future(first.run())
            await first.stats()
            os.kill(parent_of(first.pid), signal.SIGKILL)
            with pytest.raises(InstanceEnded, match="SIGKILL"):
                await running
        async with isolated(add) as second:
            assert await second.call("add", 1, 2.0) == 3.0


@scenario
async def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    async with Host() as host:
        loaded = await host.load_module(NOTHING, name="guest.wasm")
        async with isolated(loaded):
            pass
        before = descriptors()
        for steps in (1, 3, 10, 30):
            starting = asyncio.ensure_future(start(loaded))
            for _ in range(steps):
                await asyncio.sleep(0.001)
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await (await starting).close()
        assert descriptors() == before
        assert host.ledger.balance == 0


@scenario
async def test_a_process_that_spins_leaves_others_alone() -> None:
    async with Host() as host:
        spin = await host.load_module(SPIN, name="spin.wasm")
        add = await host.load_module(ADD, name="add.wasm")
        async with isolated(spin) as first, isolated(add) as second:
            running = asyncio.ensure_future(first.run())
            for number in range(20):
                assert await second.call("add", number, 0.5) == number + 0.5
            assert not running.done()
            await first.close()  # in the middle
            with pytest.raises(InstanceEnded):
                await running


def test_a_manifest_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "exits.wasm").write_bytes(EXITS)
    manifest = tmp_path / "app.toml"
    manifest.write_text('module = "exits.wasm"\nisolation = "process"\n')
    assert main(["run", str(manifest)]) == 7
    (tmp_path / "trap.wasm").write_bytes(TRAP)
    assert main(["run", "--isolate", str(tmp_path / "trap.wasm")]) == exits.TRAPPED
    assert "the guest trapped" in capfd.readouterr().err
    manifest.write_text('module = "exits.wasm"\nisolation = "vm"\n')
    assert main(["run", str(manifest)]) == exits.BAD_MANIFEST
    assert "isolation: expected one of 'none', 'process', got 'vm'" in capfd.readouterr().err


def test_processes_end_with_the_one_that_has_started_them(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
sys.path.insert(0, {str(ROOT)!r})
from capwit.bridge import Host
from capwit.hosting.isolation import start
from tests.hosting.support import SPIN

async def main():
    async with Host() as host:
        instance = await start(await host.load_module(SPIN, name="spin.wasm"))
        running = asyncio.ensure_future(instance.run())
        await instance.stats()
        print(instance.pid, flush=True)
        await running

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert is_there(child)
        process.kill()
    for _ in range(1000):
        if not is_there(child):
            break
        time.sleep(0.01)
    assert not is_there(child)


class Slow(Desk):
    """A desk of one parcel, whose label is told once it is let."""

    def make(self, label: str) -> Any:
        self.parcel = Waiting(label, asyncio.Event())
        return self.parcel


@each_isolation
@scenario
async def test_a_cancelled_call_ends_the_guest_where_its_host_made_it() -> None:
    async with Host() as host:
        desk = Slow()
        async with party(host, "c", "guest", desk=desk) as guest:

            def begin(label: Callable[[], Coroutine[Any, Any, str]]) -> asyncio.Future[str]:
                desk.parcel.asked.clear()
                return asyncio.ensure_future(label())

            async def cancel(call: asyncio.Future[str]) -> None:
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call

            await guest.make("x")
            reading = begin(guest.label)
            await desk.parcel.asked.wait()
            waiting = asyncio.ensure_future(guest.label())
            await asyncio.sleep(0.02)
            await cancel(waiting)  # whose turn has not come
            desk.parcel.go.set()
            assert await reading == "x"
            desk.parcel.go.clear()
            async with (
                rpc.serve(guest.client, "127.0.0.1:0") as server,
                rpc.connect(f"127.0.0.1:{server.port}") as connection,
                connection.bootstrap(parcel.PartyClient) as elsewhere,
            ):
                reading = begin(elsewhere.label)
                await desk.parcel.asked.wait()
                await cancel(reading)  # by a client of the host's
                desk.parcel.go.set()
                assert await elsewhere.label() == "x"
            desk.parcel.go.clear()
            reading = begin(guest.label)
            await desk.parcel.asked.wait()
            await cancel(reading)

            def ended() -> None:
                assert guest.instance.ended is not None

            await eventually(ended)
            await guest.client.close()
        assert host.ledger.balance == 0


@scenario
async def test_a_process_that_stands_still_keeps_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_GRACE", 0.1)
    async with Host() as host:
        app = await host.load(relay(), name="relay.wasm")
        async with isolated(app, limits=Limits(wall="100ms")) as instance:
            os.kill(instance.pid, signal.SIGSTOP)
            answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            with pytest.raises(LimitExceeded, match="does not end a request in time") as caught:
                await instance.handle(Request("GET", "http", "a", "/", [], None), answered)
            assert instance.ended is caught.value
            assert caught.value.limit is Limit.WALL
        assert host.ledger.balance == 0
