"""Many instances on one event loop: what they take, what idle ones cost, and where their number ends."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from capwit.bridge import Host, Ledger, Limits
from capwit.engine import mappings
from capwit.engine.errors import Limit, LimitExceeded

from tests.bridge.support import DESK_IMPORTS, Desk, grants, probe, scenario
from tests.support.components import wat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from capwit.bridge import App

CROWD: Final = 2_000
EACH: Final = 64 * 1024  # bytes of memory that an instance may take, its own pages not counted
OWN: Final = 2 * 4096  # pages of its memory that it writes to

# `wait` asks the desk for a sum, which the desk gives when it likes.
WAITING: Final = f"""{DESK_IMPORTS}
  (core module $memory (memory (export "memory") 2) (data (i32.const 8) "an image to begin with")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $add (canon lower (func $probe "[method]desk.add")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $get (canon lower (func $grants "get-desk")))
  (core module $main
    (import "" "memory" (memory 1))
    (import "" "add" (func $add (param i32 i32 i32 i32)))
    (import "" "get" (func $get (result i32)))
    (func (export "wait") (param $a i32) (param $b i32) (result i32)
      (i32.store (i32.const 70000) (i32.const 1))
      (call $add (call $get) (local.get $a) (local.get $b) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then unreachable))
      (i32.load8_u (i32.const 20)))
    (func (export "spin") (param i32) (loop $l
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory "memory")) (export "add" (func $add)) (export "get" (func $get))))))
  (func (export "wait") (param "a" u8) (param "b" u8) (result u8) (canon lift (core func $main "wait")))
  (func (export "spin") (param "n" u32) (canon lift (core func $main "spin")))"""


class Slow(Desk):
    """A desk that adds when it is told to."""

    def __init__(self, crowd: int = 1) -> None:
        super().__init__()
        self._missing = crowd
        self.full = asyncio.Event()  # once so many wait here
        self.go = asyncio.Event()

    async def add(self, a: int, b: int) -> Any:
        self._missing -= 1
        if not self._missing:
            self.full.set()
        await self.go.wait()
        return a + b


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def load(host: Host) -> App:
    return await host.load(wat(WAITING), probe.BINDINGS, name="waiting.wasm")


@pytest.mark.parametrize("pool", [False, True], ids=["on demand", "pool"])
@scenario
async def test_thousands_wait_on_one_loop(pool: bool) -> None:
    desk, ledger = Slow(CROWD), Ledger(keep=100)
    async with Host(ledger=ledger, max_instances=CROWD, pool=pool) as host:
        assert (host.runtime.pool is not None) is pool
        app = await load(host)
        before = resident()
        crowd = [await app.start(grants(desk)) for _ in range(CROWD)]
        calls = [asyncio.create_task(each.call("wait", k % 100, k // 100)) for k, each in enumerate(crowd)]
        await desk.full.wait()
        assert (resident() - before) / CROWD < EACH + OWN
        assert ledger.balance == CROWD
        desk.go.set()
        assert await asyncio.gather(*calls) == [k % 100 + k // 100 for k in range(CROWD)]
        with pytest.raises(LimitExceeded, match="max_instances"):
            await app.start(grants(desk))
        for each in crowd:
            await each.close()
        async with app.instantiate(grants(desk)) as again:
            assert await again.call("wait", 1, 2) == 3
    assert ledger.balance == 0


@asynccontextmanager
async def ticking_host() -> AsyncIterator[tuple[Host, threading.Thread]]:
    """Start a host; gives the thread that ticks for it, too."""
    others = set(threading.enumerate())
    async with Host() as host:
        (thread,) = (
            each for each in threading.enumerate() if each not in others and each.name == "capwit-epochs"
        )
        yield host, thread


def switches(thread: threading.Thread) -> int:
    """Return how often a thread has woken up so far."""
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
    return int(status.partition("voluntary_ctxt_switches:")[2].split()[0])


@scenario
async def test_a_guest_that_waits_costs_no_processor_time() -> None:
    desk = Slow()
    async with ticking_host() as (host, ticker):
        app = await load(host)
        async with app.instantiate(grants(desk)) as instance:
            call = asyncio.create_task(instance.call("wait", 1, 2))
            await desk.full.wait()
            await asyncio.sleep(0.05)  # the tick that was due
            before = switches(ticker)
            await asyncio.sleep(0.2)
            assert switches(ticker) == before
            desk.go.set()
            assert await call == 3


@scenario
async def test_a_guest_that_computes_is_ticked_again_after_others_were_idle() -> None:
    async with ticking_host() as (host, ticker):
        app = await load(host)
        async with app.instantiate(grants(Slow())) as instance:
            await asyncio.sleep(0.05)
            before, start = switches(ticker), time.monotonic()
            while time.monotonic() - start < 0.2:
                await instance.call("spin", 10_000_000)
            assert switches(ticker) > before + 2


@scenario
async def test_no_more_begin_than_the_kernel_has_mappings_for(monkeypatch: pytest.MonkeyPatch) -> None:
    most = round((mappings.count_mappings() + 1_000) / 0.94)
    monkeypatch.setattr(mappings, "process", mappings.Mappings(most))
    async with Host() as host, AsyncExitStack() as stack:
        app = await load(host)
        begun = []

        async def begin() -> None:
            while True:
                begun.append(await app.start(grants(Slow())))
                stack.push_async_callback(begun[-1].close)

        for _ in range(2):
            with pytest.raises(LimitExceeded, match=r"max_map_count") as caught:
                await begin()
            assert caught.value.limit is Limit.INSTANCES
            assert mappings.count_mappings() < most
        held = len(begun)
        assert held > 60  # of which each may have 16
        for each in begun[: held // 2]:
            await each.close()
        async with app.instantiate(grants(Slow())):
            pass


@scenario
async def test_a_pool_that_does_not_fit_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    desk = Slow()
    desk.go.set()
    for most, why in ((10_000_000, "max_map_count"), (30_000, "GiB of addresses")):
        async with Host(max_instances=most, pool=True) as host:
            if host.runtime.pool is not None:  # a machine that has that much
                continue
            assert "Mend: " in caplog.text
            async with (await load(host)).instantiate(grants(desk)) as instance:
                assert await instance.call("wait", 1, 2) == 3
        assert why in caplog.text or "max_map_count" in caplog.text


LARGE: Final = """
  (core module $m (memory (export "m") 1) {tables}
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "poke") (param i32) (i32.store8 (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m))
  (func (export "grow") (param "pages" u32) (result u32) (canon lift (core func $i "grow")))
  (func (export "poke") (param "at" u32) (canon lift (core func $i "poke")))"""


@pytest.mark.parametrize("pool", [False, True], ids=["on demand", "pool"])
@scenario
async def test_a_pool_takes_no_memory_and_no_tables_away(pool: bool) -> None:
    tables = " ".join(["(table 100000 funcref)"] * 4)
    async with Host(max_instances=8, pool=pool) as host:
        app = await host.load(wat(LARGE.format(tables=tables)), name="large.wasm")
        for _ in range(3):
            async with app.instantiate(limits=Limits(memory="4GiB")) as instance:
                assert await instance.call("grow", 2**16 - 1) == 1
                await instance.call("poke", 2**32 - 1)
            async with app.instantiate(limits=Limits(memory="1MiB")) as instance:
                assert await instance.call("grow", 16) == 2**32 - 1  # the limit is the instance's own


@scenario
async def test_what_a_pool_has_no_room_for_is_told() -> None:
    two = "(core module $m (memory 1)) (core instance (instantiate $m)) (core instance (instantiate $m))"
    async with Host(max_instances=2, pool=True) as host:
        app = await host.load(wat(two), name="two.wasm")
        async with app.instantiate(limits=Limits(memories=2)):
            with pytest.raises(LimitExceeded, match=r"pool is full: it has room for 2 \(memory") as caught:
                await app.start(limits=Limits(memories=2))
            assert caught.value.limit is Limit.INSTANCES
        async with app.instantiate(limits=Limits(memories=2)):
            pass


@scenario
async def test_a_pool_has_room_for_all_the_tables_that_its_instances_may_have() -> None:
    tables = " ".join(["(table 10 funcref)"] * Limits().tables)
    async with Host(max_instances=2, pool=True) as host:
        app = await host.load(wat(LARGE.format(tables=tables)), name="tables.wasm")
        async with app.instantiate() as one, app.instantiate() as other:
            assert await one.call("grow", 0) == await other.call("grow", 0) == 1
