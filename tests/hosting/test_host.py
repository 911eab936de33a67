"""`capwit host` in processes of their own: instances are placed there, and wired to each other."""

from __future__ import annotations

import asyncio
import re
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from capwit import rpc
from capwit.bridge import CapError, ErrorKind, GuestExit, Ledger, Limit, LimitExceeded, LinkError, Trap
from capwit.bridge.errors import InstanceEnded
from capwit.caps import Launch, MemoryConsole, MemoryDirectory, SystemTimer
from capwit.caps.host import GuestOutcomeNumbers, HostQuota
from capwit.hosting import error_of, named, options, returned
from capwit.preview2 import WasiGrants

from tests.bridge.support import ROOT, generated, scenario
from tests.preview1.support import source_of
from tests.support.adapted import adapted
from tests.support.certificates import certificate
from tests.support.guests import wasi_guest
from tests.transfer.support import SCHEMA, Desk, component, parcel

from .support import (
    ADD,
    NOTHING,
    SPIN,
    TRAP,
    TRAP_AT_START,
    WAIT,
    Machine,
    client,
    hosting,
    kill,
    module,
    settled,
    stopped,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The addresses of two hosts, which serve all these tests."""
    folder = tmp_path_factory.mktemp("machines")
    one, two = (f"unix:{folder}/{name}" for name in ("one", "two"))
    bindings = ("--bindings", generated(SCHEMA) / "parcel.py", "--memory", "64MiB", "--code", "1MiB")
    with hosting(one, *bindings) as first, hosting(two, *bindings) as second:
        yield one, two
        assert [stopped(each) for each in (first, second)] == [(0, ""), (0, "")]


GREETING = "Hello from WASI on capOS\n"


class Timer(SystemTimer):
    """One that never ticks for who waits; tells when it is asked, and when nobody waits any more."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def sleep_until(self, deadline: int) -> None:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()


async def printed(there: Machine, wasm: bytes) -> str:
    """Run a program on a machine, on a console, a folder and a clock of this one."""
    console, folder = MemoryConsole(), MemoryDirectory()
    given = WasiGrants(stdout=console, preopens={"/": folder}, timer=SystemTimer())
    code = await there.load(wasm)
    async with code, await there.host.spawn(code, named(given), options(args=["x"])) as instance:
        returned(await instance.run(""))
    return console.text


@pytest.mark.parametrize("kind", ["module", "component"])
@scenario
async def test_a_program_runs_on_what_its_client_has(kind: str, machines: tuple[str, str]) -> None:
    ledger = Ledger()
    program = wasi_guest(source_of("hello"))
    code = (program if kind == "module" else adapted(program)).read_bytes()
    async with client(machines[0], ledger) as there:
        assert await printed(there, code) == GREETING
    await settled(ledger)


@scenario
async def test_how_it_ended_is_told_by_type(machines: tuple[str, str]) -> None:
    ledger = Ledger()
    exits = module(
        '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))'
        '(memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 7)))'
    )
    async with client(machines[0], ledger) as there:
        error = error_of(await there.outcome(exits, options()))
        assert isinstance(error, GuestExit)
        assert error.code == 7
        error = error_of(await there.outcome(TRAP, options()))
        assert isinstance(error, Trap)
        assert "unreachable" in error.reason
        error = error_of(await there.outcome(SPIN, options(fuel=10_000_000)))
        assert isinstance(error, LimitExceeded)
        assert error.limit is Limit.FUEL
        error = error_of(await there.outcome(SPIN, options(wall=50_000_000)))
        assert isinstance(error, LimitExceeded)
        assert error.limit is Limit.WALL
        assert error_of(await there.outcome(NOTHING, options())) is None

        async with await there.load(ADD) as code, await there.host.spawn(code, [], options()) as instance:
            [bits] = struct.unpack("<Q", struct.pack("<d", 1.5))
            added = await instance.call("add", [2, bits])
            assert added == GuestOutcomeNumbers(list(struct.unpack("<Q", struct.pack("<d", 3.5))))
            assert isinstance(error_of(await instance.call("subtract", [])), LinkError)
            assert "expected 2 numbers" in str(error_of(await instance.call("add", [1, 2, 3])))
            await instance.kill()
            ended = error_of(await instance.wait())
            assert type(ended) is InstanceEnded
            assert isinstance(error_of(await instance.call("add", [2, bits])), InstanceEnded)

        async with (
            await there.load(TRAP_AT_START) as code,
            await there.host.spawn(code, [], options()) as instance,
        ):
            assert (await instance.stats()).ended
            assert isinstance(error_of(await instance.wait()), Trap)
    await settled(ledger)


@scenario
async def test_what_cannot_be_started_is_refused_with_a_reason(machines: tuple[str, str]) -> None:
    ledger = Ledger()

    async def refused(work: Awaitable[object]) -> str:
        with pytest.raises(CapError) as caught:
            await work
        assert caught.value.kind is ErrorKind.FAILED
        return caught.value.reason

    async with client(machines[0], ledger) as there:
        assert "is not WebAssembly" in await refused(there.load(b"no code"))
        strange = module('(import "env" "f" (func))')
        async with await there.load(strange, "odd\n.wasm") as code:
            assert "odd?.wasm: it imports env.f" in await refused(there.host.spawn(code, [], options()))
        async with await there.load(NOTHING) as code:
            [stdout] = named(WasiGrants(stdout=MemoryConsole()))
            spawn = there.host.spawn
            assert "two grants are named 'wasi.stdout'" in await refused(
                spawn(code, [stdout, stdout], options())
            )
            launch = named(WasiGrants(launch=Launch(["x"])))[0]
            wrong = type(stdout)("wasi.stdout", launch.capability, launch.interface_id, 0, "", [])
            assert "another capability" in await refused(spawn(code, [wrong], options()))
            nobody = type(stdout)("store", launch.capability, 0, 0, "", [])
            assert "asks for no grant 'store'" in await refused(spawn(code, [nobody], options()))
            assert "is more than the '64MiB'" in await refused(spawn(code, [], options(memory=1 << 30)))
    await settled(ledger)


@pytest.fixture(scope="module")
def party_code() -> bytes:
    """A party's component: who builds it while connections are open holds them up until they are lost."""
    return component("c").read_bytes()


@scenario
async def test_one_program_places_instances_on_two_machines_and_wires_them(
    machines: tuple[str, str], party_code: bytes
) -> None:
    """The client's desk, a party on one machine, and its peer on another: each party in another language."""
    ledger, desk = Ledger(), Desk()
    async with client(machines[0], ledger) as one, client(machines[1], ledger) as two:
        code = await one.load(party_code), await two.load(party_code)
        grants = named(parcel.Grants(desk=parcel.DeskClient(desk), peer=None))
        second = await two.host.spawn(code[1], grants, options("second"))
        async with (await second.export("party")).cast(parcel.PartyClient) as peer:
            grants = named(parcel.Grants(desk=parcel.DeskClient(desk), peer=peer))
            first = await one.host.spawn(code[0], grants, options("first"))
            async with (await first.export("party")).cast(parcel.PartyClient) as party:
                await party.make("x")
                assert await party.hand() == "x"  # from one machine to the other
                assert await peer.label() == "x"
                async with await peer.give() as given:
                    assert await given.label() == "x"
                    assert given == parcel.ParcelClient(desk.made[0])  # which lives here
                with pytest.raises(CapError) as caught:
                    await first.export("parcels")
                assert "exports no 'parcels'" in caught.value.reason
            await kill(first)
            assert await peer.make("y") is None  # the other one lives on
            await kill(second)
            with pytest.raises(CapError) as caught:
                await peer.make("z")
            assert caught.value.kind is ErrorKind.DISCONNECTED
        for each in code:
            await each.close()
    del given
    await settled(ledger)


@scenario
async def test_each_instance_may_be_in_a_process_of_its_own(tmp_path: Path, party_code: bytes) -> None:
    ledger, desk, hello = Ledger(), Desk(), wasi_guest(source_of("hello")).read_bytes()
    address = f"unix:{tmp_path}/m"
    bindings = ("--bindings", generated(SCHEMA) / "parcel.py")
    with hosting(address, "--isolate", *bindings) as process:
        async with client(address, ledger) as there:
            assert await printed(there, hello) == GREETING
            error = error_of(await there.outcome(TRAP, options()))
            assert isinstance(error, Trap)
            async with await there.host.limited(HostQuota(0, 0, 50_000_000, 0, 0)) as host:
                error = error_of(await Machine(host).outcome(SPIN, options()))
                assert isinstance(error, LimitExceeded)
                assert error.limit is Limit.FUEL
            grants = named(parcel.Grants(desk=parcel.DeskClient(desk), peer=None))
            async with (
                await there.load(party_code) as code,
                await there.host.spawn(code, grants, options()) as instance,
                (await instance.export("party")).cast(parcel.PartyClient) as party,
            ):
                await party.make("x")
                async with await party.give() as given:
                    assert given == parcel.ParcelClient(desk.made[0])
                assert not (await instance.stats()).ended
        assert stopped(process) == (0, "")
    del grants, given
    await settled(ledger)


@scenario
async def test_a_machine_that_dies_in_the_middle_of_a_call(tmp_path: Path) -> None:
    ledger, timer = Ledger(), Timer()
    address = f"unix:{tmp_path}/m"
    with hosting(address) as process:
        async with client(address, ledger) as there:
            code = await there.load(WAIT)
            instance = await there.host.spawn(code, named(WasiGrants(timer=timer)), options())
            running = asyncio.ensure_future(instance.run(""))
            await timer.asked.wait()
            process.kill()
            with pytest.raises(CapError) as caught:
                await running
            assert caught.value.kind is ErrorKind.DISCONNECTED
        await instance.close()
        await code.close()
        await settled(ledger)


@scenario
async def test_a_client_that_goes_takes_all_with_it_and_others_stay(machines: tuple[str, str]) -> None:
    ledger, timer = Ledger(), Timer()
    async with client(machines[0], ledger) as stays:
        async with client(machines[0], ledger) as goes:
            code = await goes.load(WAIT)
            instance = await goes.host.spawn(code, named(WasiGrants(timer=timer)), options())
            running = asyncio.ensure_future(instance.run(""))
            await timer.asked.wait()
            assert (await goes.host.usage()).instances == 1
            assert (await stays.host.usage()).instances == 0  # each has a quota of its own
        with pytest.raises(CapError) as caught:
            await running
        assert caught.value.kind is ErrorKind.DISCONNECTED
        await instance.close()
        await code.close()
        await asyncio.wait_for(timer.left.wait(), 30)  # the host has let go of what it was granted
        assert error_of(await stays.outcome(NOTHING, options())) is None
    await settled(ledger)


@scenario
async def test_a_host_that_is_to_stop_lets_what_runs_end(tmp_path: Path) -> None:
    ledger = Ledger()
    address = f"unix:{tmp_path}/m"
    with hosting(address, "--grace", "10min") as process:
        async with client(address, ledger) as there:
            code = await there.load(NOTHING)
            instance = await there.host.spawn(code, [], options())
            process.terminate()
            refused = None
            while refused is None:
                try:
                    await (await there.load(NOTHING)).close()
                except CapError as error:
                    refused = error.kind
            assert refused is ErrorKind.OVERLOADED
            assert error_of(await instance.run("")) is None
            await kill(instance)
            assert await asyncio.to_thread(process.wait, 30) == 0
            await code.close()
        await settled(ledger)


@scenario
async def test_a_quota(machines: tuple[str, str]) -> None:
    ledger = Ledger()

    async def exhausted(work: Awaitable[object]) -> str:
        with pytest.raises(CapError) as caught:
            await work
        assert caught.value.kind is ErrorKind.EXHAUSTED
        return caught.value.reason

    mebibyte = 1 << 20
    quota = HostQuota(instances=3, memory=64 * mebibyte, fuel=200_000_000, time=0, code=1024)
    async with client(machines[0], ledger) as whole, await whole.host.limited(quota) as host:
        there = Machine(host)
        assert "1024 bytes of code left" in await exhausted(there.host.load(bytes(2000), "x"))
        code, spin = await there.load(NOTHING), await there.load(SPIN)
        used = await there.host.usage()
        assert used.code == len(NOTHING) + len(SPIN)

        async with await there.host.limited(HostQuota(1, 0, 0, 0, 0)) as one:
            async with await one.spawn(code, [], options(memory=mebibyte)):
                assert "0 instances left" in await exhausted(one.spawn(code, [], options(memory=mebibyte)))
                assert (await there.host.usage()).instances == 1
                async with await there.host.spawn(code, [], options(memory=40 * mebibyte)):
                    assert "bytes of memory left" in await exhausted(
                        there.host.spawn(code, [], options(memory=40 * mebibyte))
                    )
                    assert (await one.usage()).memory == mebibyte
            async with (
                await one.limited(HostQuota(5, 0, 0, 0, 0)) as again,  # a smaller one only
                await again.spawn(code, [], options()),
            ):
                await exhausted(again.spawn(code, [], options()))
        async with (
            await there.host.limited(HostQuota(0, 0, 0, 20_000_000, 0)) as brief,
            await brief.spawn(code, [], options()) as instance,
        ):
            error = error_of(await instance.wait())
            assert isinstance(error, LimitExceeded)
            assert error.limit is Limit.WALL

        async with await there.host.spawn(spin, [], options()) as instance:
            error = error_of(await instance.run(""))
            assert isinstance(error, LimitExceeded)
            assert error.limit is Limit.FUEL
        assert "no fuel left" in await exhausted(there.host.spawn(code, [], options()))
        await spin.close()
        async with await whole.host.spawn(code, [], options()):
            await code.close()
            assert (await there.host.usage()).code == len(NOTHING)  # as long as it runs
        async with asyncio.timeout(30):
            while (used := await there.host.usage()).code:  # noqa: ASYNC110 - another process tells
                await asyncio.sleep(0.01)
        assert (used.instances, used.memory, used.code) == (0, 0, 0)
    await settled(ledger)


@scenario
async def test_tls_with_clients_that_show_who_they_are_and_are_not_too_many(tmp_path: Path) -> None:
    ours, theirs, others = (certificate(tmp_path, name) for name in ("server", "ann", "mallory"))
    tls = ("--certificate", ours, "--client-ca", theirs, "--clients", "1")
    with hosting("127.0.0.1:0", *tls) as process:

        async def refused(tls: ssl.SSLContext | None) -> None:
            with pytest.raises(CapError) as caught:
                async with client(process.address, Ledger(), tls) as there:
                    await there.host.usage()
            assert caught.value.kind is ErrorKind.DISCONNECTED

        await refused(None)
        await refused(rpc.client_tls(ca=ours))
        await refused(rpc.client_tls(ca=ours, certificate=others))
        known = rpc.client_tls(ca=ours, certificate=theirs)
        async with client(process.address, Ledger(), known) as there:
            assert error_of(await there.outcome(NOTHING, options())) is None
            await refused(known)  # that one is one too many
            assert (await there.host.usage()).instances == 0
        assert stopped(process) == (0, "")


def test_the_program_of_the_document_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "hosts.md").read_text()
    [program], [printed] = (
        re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL) for kind in ("python", "text")
    )
    (tmp_path / "hello.wasm").write_bytes(wasi_guest(source_of("hello")).read_bytes())
    command = [sys.executable, "-W", "error", "-c", program]
    with hosting("unix:host.sock", cwd=tmp_path):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == printed, done.stderr
