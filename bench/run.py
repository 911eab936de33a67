"""What capwit costs, beside what a user would pick instead, in one run: `make bench`.

Every ratio is of two things measured in turn, A B A B ..., the medians over the rounds, each with how far the
middle half of them is from it: absolute times say more about the machine. Targets are those that the project
sets itself; no test asserts them.
The argument is the folder that `make demo` has built, `build` by default.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capwit.bridge import Event, Host, Ledger, OwnedCapability
from capwit.bridge.target import Local
from capwit.caps.local import SystemEntropy
from capwit.engine.runtime import Runtime
from capwit.preview2 import WasiGrants
from capwit.program import load_bindings
from measure import HEAD, ROUNDS, Row, measure
from rpc import compare_conversion, compare_remote
from sides import EXPORTS, ONE, Ours, Theirs
from wasi import compare_program, compare_wasi
from wasi2 import compare_wasi2

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def compare_calls(runtime: Runtime) -> list[Row]:
    """Calls each way, and bytes each way."""
    ours, theirs = Ours(runtime, lambda s, b, x: x + 1), Theirs()
    instance = await ours.start(await ours.link())
    exports = {name: instance.linked.export("", name, type) for name, type in EXPORTS.items()}
    n = 5_000

    async def call_theirs(name: str, *args: int) -> None:
        theirs.call(name, *args)

    def both(name: str, *args: int) -> tuple[Callable[[], Awaitable[Any]], Callable[[], Awaitable[Any]]]:
        return (
            functools.partial(instance.call, exports[name], *args),
            functools.partial(call_theirs, name, *args),
        )

    async def our_calls() -> None:
        for k in range(n):
            await instance.call(exports["noop"], k)

    async def their_calls() -> None:
        func = theirs.func("noop")
        for k in range(n):
            func(theirs.store, k)
            func.post_return(theirs.store)

    rows = [
        Row("guest -> host method (u32) -> u32", *await measure(*both("run", n), n), 5),
        Row("host -> guest call (u32) -> u32", *await measure(our_calls, their_calls, n), 4),
    ]
    for size in (1024, 64 * 1024, 1024 * 1024):
        count = max(1, 2**19 // size)
        for name, way in (("put", "guest -> host"), ("take", "host -> guest")):
            a, b = await measure(*both(name, count, size), count)
            rows.append(
                Row(f"list<u8> {way}, {size // 1024} KiB ({size / a.median / 1e6:.1f} MB/s)", a, b, 10)
            )
    await instance.store.close()
    return rows


async def compare_waiting(runtime: Runtime) -> Row:
    """A host call that really waits, beside a bare task switch plus the call when it does not."""

    async def add_later(_: Any, bucket: int, x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    n = 3_000
    waiting, ready = Ours(runtime, add_later), Ours(runtime, lambda s, b, x: x + 1)
    slow, fast = await waiting.start(await waiting.link()), await ready.start(await ready.link())
    run_slow, run_fast = slow.linked.export("", "run", ONE), fast.linked.export("", "run", ONE)

    async def switch_and_call() -> None:
        for _ in range(n):
            await asyncio.create_task(asyncio.sleep(0))
        await fast.call(run_fast, n)

    a, b = await measure(functools.partial(slow.call, run_slow, n), switch_and_call, n)
    await slow.store.close()
    await fast.store.close()
    return Row("awaited host call, to task switch + ready call", a, b, 0.5)


async def compare_rpc(runtime: Runtime) -> list[Row]:
    """Another process's capability, and values as messages, beside pycapnp's own."""
    writing, reading = await compare_conversion(measure)
    return [
        Row("guest -> pycapnp server, to pycapnp's client", *await compare_remote(runtime, measure), 0.8),
        Row("50 entries written, to pycapnp's from dicts", *writing, 1),
        Row("50 entries read, to pycapnp's to dicts", *reading, 1),
    ]


async def time_crowd(runtime: Runtime) -> str:
    """Return what 1,000 instances cost that wait on the host at once."""

    async def add_late(_: Any, bucket: int, x: int) -> int:
        await asyncio.sleep(0.05)
        return x + 1

    ours = Ours(runtime, add_late)
    linked = await ours.link()
    before, start = resident(), time.perf_counter()
    instances = [await ours.start(linked) for _ in range(1000)]
    started = time.perf_counter()
    run = linked.export("", "run", ONE)
    await asyncio.gather(*[instance.call(run, 4) for instance in instances])
    ended = time.perf_counter()
    each = (resident() - before) / 1000
    for instance in instances:
        await instance.store.close()
    return (
        f"1,000 instances x 4 waits of 50 ms, one thread: {ended - started:.2f} s (the waits alone 0.20 s); "
        f"instantiated in {(started - start) * 1e3:.0f} ms; {each:.0f} KiB resident each"
    )


def resident() -> float:
    """Return this process's resident memory in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmRSS")).split()[1])


async def time_instantiating(component: Path, bindings: Path) -> list[str]:
    """Return how long it takes to an instance: from scratch, in the next process, in the same host."""
    generated = load_bindings(bindings)
    wasi = WasiGrants(entropy=SystemEntropy())
    times = []
    bytes_ = (await asyncio.to_thread(component.stat)).st_size
    with tempfile.TemporaryDirectory() as folder:
        for _ in ("cold", "cached"):
            async with Host(cache=Path(folder) / "compiled") as host:
                for _ in ("first", "second"):
                    start = time.perf_counter()
                    app = await host.load(component, generated)
                    async with app.instantiate(wasi):
                        times.append((time.perf_counter() - start) * 1e3)
                start = time.perf_counter()
                async with app.instantiate(wasi):
                    again = (time.perf_counter() - start) * 1e3
    size = f"{component.name}, {bytes_ / 1e6:.1f} MB"
    return [
        f"{size}, cold: compiled in a child process     {times[0]:>9.1f} ms",
        f"{size}, cached: verified, mapped, linked      {times[2]:>9.1f} ms",
        f"{size}, warm: loaded before by the same host  {times[3]:>9.1f} ms",
        f"{size}, again: one more instance of it        {again:>9.1f} ms",
    ]


def time_ledger() -> str:
    """Return what one event of the ledger costs when nobody listens, in time of this process alone."""
    ledger = Ledger()
    owned = OwnedCapability[Any](None, "bench:kv/store.bucket", Local(None), ledger, Event.MINT, "bench")
    ledger.close(Event.DROP, owned)
    pairs, times = 50_000, []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(pairs):
            owned.handle = ledger.open(Event.MINT, owned, 0)
            ledger.close(Event.DROP, owned)
        times.append((time.process_time() - start) / (2 * pairs))
    cost = min(times)  # what others do on the machine only adds to it
    verdict = "met" if cost < 1e-6 else "MISSED"
    return (
        f"an event of the ledger, nobody listening: {cost * 1e6:.2f} us of processor time  {verdict} (< 1 us)"
    )


async def main(folder: Path) -> None:
    """Measure everything, and print it as it comes."""
    runtime = Runtime()
    try:
        print(HEAD)
        for row in [
            *await compare_calls(runtime),
            await compare_waiting(runtime),
            *await compare_rpc(runtime),
            *await compare_wasi(),
            *await compare_wasi2(),
        ]:
            print(row)
        print(await compare_program())
        print()
        print(time_ledger())
        print(await time_crowd(runtime))
    finally:
        runtime.close()
    component, bindings = folder / "summary.wasm", folder / "kv" / "kv.py"
    if component.is_file() and bindings.is_file():
        print("\n".join(await time_instantiating(component, bindings)))
    else:
        print(f"{component} is not there, so instantiating is not timed: `make demo` builds it")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "build")))
