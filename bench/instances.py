"""Instances: how long one takes to be there, and what a crowd of them costs that waits on the host."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capwit.bridge import Host
from capwit.caps.local import SystemEntropy
from capwit.preview2 import WasiGrants
from capwit.program import load_bindings
from measure import Row, Sample, Skipped, alone, compare
from sides import ONE, Ours, Theirs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from measure import Bench

CROWD = 1_000


async def rows(bench: Bench) -> AsyncIterator[Row | Skipped]:
    """One instance of a small component, of a Python guest, and a crowd."""
    yield await _one(bench)
    for row in await _crowd(bench):
        yield row
    component, bindings = bench.folder / "summary.wasm", bench.folder / "kv" / "kv.py"
    if component.is_file() and bindings.is_file():
        async for row in _python_guest(component, bindings):
            yield row
    else:
        yield Skipped("a Python guest", f"{component} is not there: `make demo` builds it")


async def _one(bench: Bench) -> Row:
    ours, theirs, n = Ours(bench.runtime, lambda s, b, x: x), Theirs(), 100
    linked = await ours.link()

    async def our_side() -> float:
        start = time.perf_counter()
        instances = [await ours.start(linked) for _ in range(n)]
        taken = (time.perf_counter() - start) / n
        for instance in instances:
            await instance.store.close()
        return taken

    async def their_side() -> float:
        start = time.perf_counter()
        stores = [theirs.start() for _ in range(n)]
        taken = (time.perf_counter() - start) / n
        for store in stores:
            store.close()
        return taken

    return await compare(
        "an instance of a linked component", our_side, their_side, beside="wasmtime-py", within=200e-6
    )


async def _crowd(bench: Bench) -> list[Row]:
    async def add_late(_: Any, bucket: int, x: int) -> int:
        await asyncio.sleep(0.05)
        return x + 1

    ours = Ours(bench.runtime, add_late)
    linked = await ours.link()
    times, sizes = [], []
    for _ in range(5):
        before = resident()
        instances = [await ours.start(linked) for _ in range(CROWD)]
        started = time.perf_counter()
        run = linked.export("", "run", ONE)
        await asyncio.gather(*[instance.call(run, 4) for instance in instances])
        times.append(time.perf_counter() - started)
        sizes.append((resident() - before) / CROWD)
        for instance in instances:
            await instance.store.close()
    return [
        Row(what=f"{CROWD:,} instances x 4 waits of 50 ms", ours=Sample.of(times)),
        Row(what="resident memory of each of them", ours=Sample.of(sizes), unit="B"),
    ]


def resident() -> float:
    """Return this process's resident memory in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * float(next(line for line in lines if line.startswith("VmRSS")).split()[1])


async def _python_guest(component: Path, bindings: Path) -> AsyncIterator[Row]:
    """From scratch, in the next process, in the same host."""
    generated = load_bindings(bindings)
    wasi = WasiGrants(entropy=SystemEntropy())
    size = (await asyncio.to_thread(component.stat)).st_size
    what = f"a Python guest of {size / 1e6:.0f} MB"
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "compiled"

        async def start(host: Host) -> float:
            begun = time.perf_counter()
            app = await host.load(component, generated)
            async with app.instantiate(wasi):
                return time.perf_counter() - begun

        async def cached() -> float:
            async with Host(cache=cache) as host:
                return await start(host)

        async with Host(cache=cache) as host:
            cold = await start(host)
            yield Row(what=f"{what}, compiled", ours=Sample(cold, cold, cold))
            yield await alone(f"{what}, cached: verified, mapped, linked", cached)
            yield await alone(f"{what}, loaded before by the same host", lambda: start(host))
            app = await host.load(component, generated)

            async def again() -> float:
                begun = time.perf_counter()
                async with app.instantiate(wasi):
                    return time.perf_counter() - begun

            yield await alone(f"{what}, one more instance of it", again)
