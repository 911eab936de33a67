"""Clocks: those of the processor go while the guest runs, and one that is stepped only while it sleeps."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host, Policy
from capwit.caps import FixedClock, SteppedTimer, SystemTimer, SystemWallClock
from capwit.caps.wasi import WasiGrants
from capwit.preview1.abi import Clock, Errno

from tests.bridge.support import scenario
from tests.preview1.machine import OUT, machine
from tests.preview1.support import run, wat
from tests.preview1.test_descriptors import clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CPU = (Clock.PROCESS_CPUTIME, Clock.THREAD_CPUTIME)
SPINNER = wat("""(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_res_get" (func $ticks (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "time") (param i32) (result i64)
    (if (call $time (local.get 0) (i64.const 0) (i32.const 0)) (then (unreachable)))
    (i64.load (i32.const 0)))
  (func (export "ticks") (param i32) (result i64)
    (if (call $ticks (local.get 0) (i32.const 0)) (then (unreachable)))
    (i64.load (i32.const 0)))
  (func (export "spin") (local i32)
    (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000000))))))""")


@asynccontextmanager
async def spinner(**grants: Any) -> AsyncIterator[Any]:
    async with Host() as host:
        module = await host.load_module(SPINNER, name="spinner.wasm")
        async with module.instantiate(WasiGrants(**grants)) as instance:
            yield instance


@pytest.mark.parametrize("which", CPU)
@scenario
async def test_the_processors_time_goes_while_the_guest_runs(which: Clock) -> None:
    async with spinner(timer=SystemTimer(resolution=1)) as guest:
        real, own = await guest.call("time", Clock.MONOTONIC), await guest.call("time", which)
        await asyncio.sleep(0.01)
        await guest.call("spin")
        own_passed = await guest.call("time", which) - own
        real_passed = await guest.call("time", Clock.MONOTONIC) - real
        assert 0 < own_passed <= real_passed - 10_000_000


@scenario
async def test_the_processors_time_is_as_coarse_as_the_timer() -> None:
    async with spinner(timer=SystemTimer()) as guest:
        assert await guest.call("ticks", Clock.PROCESS_CPUTIME) == 1_000_000
        while not (time := await guest.call("time", Clock.PROCESS_CPUTIME)):
            await guest.call("spin")
        assert time % 1_000_000 == 0


@scenario
async def test_without_a_timer_there_is_none() -> None:
    async with machine(wall_clock=SystemWallClock()) as m:
        for which in (*CPU, Clock.MONOTONIC):
            assert await m.call("clock_time_get", which, 0, OUT) is Errno.NOSYS
            assert await m.call("clock_res_get", which, OUT) is Errno.NOSYS
        for name, arguments in (("clock_time_get", (4, 0, OUT)), ("clock_res_get", (4, OUT))):
            assert await m.call(name, *arguments) is Errno.INVAL


@scenario
async def test_who_may_not_know_the_time_may_not_know_this_either() -> None:
    async with Host() as host:
        module = await host.load_module(SPINNER)
        policies = {"wasi.timer": Policy(deny=("timer.now",))}
        async with module.instantiate(WasiGrants(timer=SystemTimer()), policies=policies) as guest:
            assert await guest.call("ticks", Clock.THREAD_CPUTIME)
            with pytest.raises(Exception, match="unreachable"):
                await guest.call("time", Clock.THREAD_CPUTIME)


@scenario
async def test_clocks_that_stand_still() -> None:
    async with spinner(timer=SteppedTimer(), wall_clock=FixedClock(7)) as guest:
        await guest.call("spin")
        assert [await guest.call("time", which) for which in Clock] == [7_000_000_000, 0, 0, 0]
        assert [await guest.call("ticks", which) for which in Clock] == [1, 1, 1, 1]


@scenario
async def test_whoever_sleeps_on_a_stepped_timer_is_awake_at_once() -> None:
    timer = SteppedTimer()
    hour = 3_600_000_000_000
    async with machine(timer=timer) as m:
        assert await m.events(clock(1, hour), clock(2, 2 * hour)) == [(1, Errno.SUCCESS, 0)]
        assert timer.now() == hour
    assert (await run("host", "sleep", timer=timer)).out == "slept\n"
