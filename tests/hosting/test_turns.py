"""What one client of a host asks for does not keep the others waiting."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, Host, LimitExceeded, Trap
from capwit.bridge.binding import AnyClient
from capwit.caps import MemoryConsole
from capwit.caps.host import HostGrant, HostQuota
from capwit.caps.standard import ConsoleClient
from capwit.engine.compiler import Compiler
from capwit.engine.core import decode_module
from capwit.hosting import Placing, error_of, local, named, options
from capwit.hosting.isolation import start

from tests.bridge.support import ENTROPY, grants, probe, probe_guest, scenario
from tests.support.isolation import each_isolation

from .support import NOTHING, SPIN, TRAP_AT_START, module

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path


def large(number: int) -> bytes:
    """A module that is compiled in a child, and unlike those of other numbers."""
    return module(f'(memory 1) (data (i32.const {number}) "{"x" * 40_000}")')


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is being compiled and named `slow`, which never comes to an end."""
    compiling: list[str] = []
    real = Compiler._compile_in_child

    async def compile(self: Compiler, source: Path, target: Path, name: str, kind: Any) -> None:
        if not name.startswith("slow"):
            return await real(self, source, target, name, kind)
        compiling.append(name)
        try:
            await asyncio.Event().wait()
        finally:
            compiling.remove(name)

    monkeypatch.setattr(Compiler, "_compile_in_child", compile)
    return compiling


@asynccontextmanager
async def placed(folder: Path, isolation: str = "none") -> AsyncIterator[Placing]:
    async with Host(cache=folder) as host:
        yield Placing(host, start=start if isolation == "process" else None)


async def until(done: Any) -> None:
    for _ in range(3000):
        if done():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


async def ended(tasks: Sequence[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@scenario
async def test_each_client_compiles_in_turn(tmp_path: Path, slow: list[str]) -> None:
    async with placed(tmp_path) as placing:
        one, two, three = (placing.capability() for _ in range(3))
        loads = [asyncio.ensure_future(one.load(large(n), f"slow {n}")) for n in range(3)]
        await until(lambda: slow)
        async with asyncio.timeout(60), await two.load(large(10), "honest"):
            assert len(slow) == 1
            # Nor does what is compiled already wait, where all that may be compiled at one time is.
            loads.append(asyncio.ensure_future(three.load(large(4), "slow 4")))
            await until(lambda: len(slow) == 2)
            async with await two.load(large(10), "honest"):
                pass
        await ended(loads)
        assert not slow
        assert [(await each.usage()).code for each in (one, two, three)] == [0, 0, 0]


@scenario
async def test_compiling_has_an_end(tmp_path: Path, slow: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_PATIENCE", 0.1)
    async with placed(tmp_path) as placing:
        host = placing.capability()
        with pytest.raises(CapError, match=r"slow: compiling took more than 0\.1 s") as caught:
            await host.load(large(0), "slow")
        assert caught.value.kind is ErrorKind.FAILED
        assert not slow
        assert (await host.usage()).code == 0


@scenario
async def test_code_is_read_beside_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def decode(binary: bytes, name: str) -> Any:
        reading.set()
        assert go_on.wait(10), "the loop did not go on meanwhile"
        return decode_module(binary, name)

    monkeypatch.setattr("capwit.bridge.module.decode_module", decode)
    async with placed(tmp_path) as placing:
        host = placing.capability()
        load = asyncio.ensure_future(host.load(large(0), "guest"))
        await until(reading.is_set)
        load.cancel()  # the thread does not stop by that: what the client loads next waits for it
        after = asyncio.ensure_future(host.load(large(1), "guest"))
        reading.clear()
        await asyncio.sleep(0.05)
        assert not reading.is_set()
        go_on.set()
        async with await after:
            assert load.cancelled()


@scenario
async def test_an_instance_has_a_thousand_grants_at_most(tmp_path: Path) -> None:
    console = AnyClient(ConsoleClient(MemoryConsole()))
    async with placed(tmp_path) as placing:
        host = placing.capability()
        async with await host.load(NOTHING, "guest") as code:
            grants = [HostGrant(f"wasi.preopens./{n}", console, 0, 0, "", []) for n in range(1001)]
            with pytest.raises(CapError, match="1001 grants, and 1000 are the most") as caught:
                await host.spawn(code, grants, options())
            assert caught.value.kind is ErrorKind.FAILED


@each_isolation
@scenario
async def test_fuel_that_is_not_used_goes_back(isolation: str, tmp_path: Path) -> None:
    async with placed(tmp_path, isolation) as placing:
        host = placing.capability(HostQuota(0, 0, 4_000_000, 0, 0))
        async with (
            await host.load(NOTHING, "guest") as code,
            await host.load(SPIN, "spin") as spin,
            await host.load(TRAP_AT_START, "trap") as trap,
            await host.load(module('(import "env" "f" (func))'), "odd") as odd,
        ):
            with pytest.raises(CapError, match="it imports env"):
                await host.spawn(odd, [], options())
            assert (await host.usage()).fuel == 0
            async with await host.spawn(trap, [], options()) as instance:
                assert isinstance(error_of(await instance.wait()), Trap)
            assert 0 < (await host.usage()).fuel < 1000
            for _ in range(3):
                async with await host.spawn(code, [], options()) as instance:
                    await instance.run("")
                    assert (await host.usage()).fuel >= 3_000_000
                    await instance.kill()
            assert 0 < (await host.usage()).fuel < 1000
            async with await host.spawn(spin, [], options()) as instance:
                error = error_of(await instance.run(""))
                assert isinstance(error, LimitExceeded)
            assert (await host.usage()).fuel == 4_000_000


@scenario
async def test_a_value_is_granted_if_it_is_of_its_type() -> None:
    async with Host() as where:
        host = Placing(where).capability()
        given = named(grants(motto="less"), ENTROPY)
        async with await host.load(probe_guest().read_bytes(), "guest") as code:
            async with (
                await host.spawn(code, given, options()) as instance,
                (await instance.export("worker")).cast(probe.WorkerClient) as worker,
            ):
                assert await worker.exec("said = grants.get_motto()") == "less"
            [motto] = [each for each in given if each.name.endswith(".motto")]
            others = [each for each in given if each is not motto]
            for value in ("", "7", '["a", "b"]', "[7]"):
                with pytest.raises(CapError, match=r"the grant '.*\.motto'") as caught:
                    await host.spawn(code, [*others, replace(motto, value=value)], options())
                assert caught.value.kind is ErrorKind.FAILED
