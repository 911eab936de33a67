"""What capwit costs, beside what a user would pick instead, in one run: `make bench`.

Every figure is a ratio of two things measured in turn, A B A B ..., as the median over the rounds:
absolute times say more about the machine. Targets are those the project sets itself; nothing here
is asserted in a test.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wasmtime
from guests import STORE
from wasmtime import component as py

from capwit.engine.cache import CompileCache
from capwit.engine.compiler import Compiler
from capwit.engine.limits import StoreLimits
from capwit.engine.link import Linked, LinkedInstance
from capwit.engine.plan import HostFunction
from capwit.engine.runtime import Runtime
from capwit.engine.store import Store
from capwit.engine.types import BYTES, U32, Borrow, Function, Own, Param, Resource

ROUNDS = 7
LIMITS = StoreLimits(fuel=None, memory=2**26, memories=1, table=10_000, tables=4, wall=None)
BUCKET = Resource("bench:kv/store", "bucket")
SELF = Param("self", Borrow(BUCKET))
ONE = Function((Param("n", U32),), U32)
TWO = Function((Param("n", U32), Param("len", U32)), U32)


@dataclass
class Row:
    """One line of the table: seconds of each side, and how many times faster ours is to be."""

    what: str
    ours: float
    theirs: float
    target: float | None
    unit: str = "us"

    def __str__(self) -> str:
        ratio = self.theirs / self.ours
        verdict = "" if self.target is None else f"{'met' if ratio >= self.target else 'MISSED':<6} (>= {self.target:g}x)"
        return f"{self.what:<44} {self.ours * 1e6:>10.2f} {self.theirs * 1e6:>10.2f}  {ratio:>7.2f}x  {verdict}"


async def measure(
    ours: Callable[[], Awaitable[Any]], theirs: Callable[[], Awaitable[Any]], calls: int
) -> tuple[float, float]:
    """Return the median seconds a call of both, measured in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for round_ in range(ROUNDS + 1):
        for kept, side in zip(times, (ours, theirs), strict=True):
            start = time.perf_counter()
            await side()
            if round_:  # the first round warms up
                kept.append((time.perf_counter() - start) / calls)
    return statistics.median(times[0]), statistics.median(times[1])


class Handles:
    """The least that a store's owner has to do: slots that are their own capabilities."""

    def lift_own(self, rep: int, resource: Resource) -> int:
        return rep

    lift_borrow = lift_own

    def lower_own(self, value: int, resource: Resource) -> int:
        return value

    def dropped(self, rep: int) -> None: ...

    def begin_call(self) -> None: ...

    def abandon_call(self) -> None: ...

    def end_call(self) -> None: ...

    def ended(self, why: object) -> None: ...


class Ours:
    """The guest under capwit's engine."""

    def __init__(self, runtime: Runtime, add: Callable[..., Any]) -> None:
        self.runtime = runtime
        self.add = add

    def functions(self) -> dict[str, HostFunction]:
        put = Function((SELF, Param("d", BYTES)), U32)
        take = Function((SELF, Param("n", U32)), BYTES)
        blob = bytes(range(256)) * 4096
        return {
            "[method]bucket.add": HostFunction("add", Function((SELF, Param("x", U32)), U32), self.add),
            "[method]bucket.put": HostFunction("put", put, lambda s, b, d: len(d)),
            "[method]bucket.take": HostFunction("take", take, lambda s, b, n: blob[:n]),
            "open": HostFunction("open", Function((), Own(BUCKET)), lambda s: 7),
        }

    async def linked(self) -> Linked:
        compiled = await Compiler(self.runtime, None).compile(bytes(wasmtime.wat2wasm(STORE)), "bench")
        return Linked(
            self.runtime, compiled, {BUCKET.interface: self.functions()}, {BUCKET.interface: {"bucket": BUCKET}}, "b"
        )

    async def start(self, linked: Linked) -> LinkedInstance:
        return await linked.instantiate(Store(self.runtime.engine, Handles(), LIMITS))  # type: ignore[arg-type]


class Theirs:
    """The same guest under wasmtime-py's own component API."""

    def __init__(self) -> None:
        self.engine = wasmtime.Engine()
        self.component = py.Component(self.engine, STORE)
        self.linker = py.Linker(self.engine)
        blob = bytes(range(256)) * 4096
        with self.linker.root() as root, root.add_instance("bench:kv/store") as store:
            store.add_resource("bucket", py.ResourceType.host(1), lambda store, rep: None)

            def add(_: Any, bucket: Any, x: int) -> int:
                self.end(bucket)
                return x + 1

            def put(_: Any, bucket: Any, data: bytes) -> int:
                self.end(bucket)
                return len(data)

            def take(_: Any, bucket: Any, n: int) -> bytes:
                self.end(bucket)
                return blob[:n]

            store.add_func("[method]bucket.add", add)
            store.add_func("[method]bucket.put", put)
            store.add_func("[method]bucket.take", take)
            store.add_func("open", lambda _: py.ResourceHost.own(7, 1).to_any(self.store))
        self.store = wasmtime.Store(self.engine)
        self.instance = self.linker.instantiate(self.store, self.component)

    def end(self, bucket: Any) -> int:
        """Read the slot of a borrowed handle, which ends the borrow."""
        rep: int = bucket.to_host(self.store).rep
        return rep

    def call(self, name: str, *args: int) -> Any:
        func = self.instance.get_func(self.store, name)
        assert func is not None
        result = func(self.store, *args)
        func.post_return(self.store)
        return result


async def calls(runtime: Runtime, rows: list[Row]) -> None:
    """Calls each way, and bytes."""
    ours, theirs = Ours(runtime, lambda s, b, x: x + 1), Theirs()
    instance = await ours.start(await ours.linked())
    exports = {name: instance.linked.export("", name, type) for name, type in
               (("run", ONE), ("noop", ONE), ("put", TWO), ("take", TWO))}  # fmt: skip
    n = 5_000

    async def their_run() -> None:
        theirs.call("run", n)

    a, b = await measure(lambda: instance.call(exports["run"], n), their_run, n)
    rows.append(Row("guest -> host method (u32) -> u32", a, b, 5))

    async def our_calls() -> None:
        for k in range(n):
            await instance.call(exports["noop"], k)

    func = theirs.instance.get_func(theirs.store, "noop")
    assert func is not None

    async def their_calls() -> None:
        for k in range(n):
            func(theirs.store, k)
            func.post_return(theirs.store)

    a, b = await measure(our_calls, their_calls, n)
    rows.append(Row("host -> guest call (u32) -> u32", a, b, 4))
    for size in (1024, 64 * 1024, 1024 * 1024):
        count = max(1, 2**19 // size)
        for name, what in (("put", "guest -> host"), ("take", "host -> guest")):

            async def their_bytes(name: str = name, count: int = count, size: int = size) -> None:
                theirs.call(name, count, size)

            a, b = await measure(
                lambda name=name, count=count, size=size: instance.call(exports[name], count, size),  # type: ignore[misc]
                their_bytes,
                count,
            )
            rows.append(Row(f"list<u8> {what}, {size // 1024} KiB  ({size / a / 1e6:.1f} MB/s)", a, b, 10))
    await instance.store.close()


async def awaited(runtime: Runtime, rows: list[Row]) -> None:
    """A host call that really waits, beside a bare task switch plus the call when it does not."""

    async def add_later(_: Any, bucket: int, x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    n = 3_000
    waiting, ready = Ours(runtime, add_later), Ours(runtime, lambda s, b, x: x + 1)
    slow, fast = await waiting.start(await waiting.linked()), await ready.start(await ready.linked())
    run_slow, run_fast = slow.linked.export("", "run", ONE), fast.linked.export("", "run", ONE)

    async def bare() -> None:
        for _ in range(n):
            await asyncio.create_task(asyncio.sleep(0))
        await fast.call(run_fast, n)

    a, b = await measure(lambda: slow.call(run_slow, n), bare, n)
    rows.append(Row("awaited host call / (task switch + sync call)", a, b, 0.5))
    await slow.store.close()
    await fast.store.close()


async def crowd(runtime: Runtime) -> str:
    """Return what 1,000 instances cost that wait on the host at once."""

    async def add_late(_: Any, bucket: int, x: int) -> int:
        await asyncio.sleep(0.05)
        return x + 1

    ours = Ours(runtime, add_late)
    linked = await ours.linked()
    before = _rss()
    start = time.perf_counter()
    instances = [await ours.start(linked) for _ in range(1000)]
    started = time.perf_counter()
    run = linked.export("", "run", ONE)
    await asyncio.gather(*[instance.call(run, 4) for instance in instances])
    ended = time.perf_counter()
    grown = (_rss() - before) / 1000
    for instance in instances:
        await instance.store.close()
    return (
        f"1,000 instances x 4 waits of 50 ms, one thread: {ended - started:.2f} s (the waits alone: 0.20 s); "
        f"instantiated in {(started - start) * 1e3:.0f} ms; {grown:.0f} KiB resident each"
    )


def _rss() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return float(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def instantiate(runtime: Runtime, component: Path) -> list[str]:
    """Return how long it takes to get an instance: compiled anew, from the cache, and again."""
    from capwit.bridge import Host  # noqa: PLC0415

    binary = component.read_bytes()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        cache = CompileCache(Path(folder) / "c")
        for what in ("cold: compiled in a child process", "cached: verified and mapped", "warm: known already"):
            compiler = Compiler(runtime, cache) if not what.startswith("warm") else compiler  # noqa: F821
            start = time.perf_counter()
            await compiler.compile(binary, component.name)
            lines.append(f"{component.name} ({len(binary) / 1e6:.1f} MB), {what}: {(time.perf_counter() - start) * 1e3:.1f} ms")
    assert Host
    return lines


async def main() -> None:
    runtime = Runtime()
    rows: list[Row] = []
    try:
        await calls(runtime, rows)
        await awaited(runtime, rows)
        print(f"{'':<44} {'capwit us':>10} {'other us':>10}    ratio")
        for row in rows:
            print(row)
        print()
        print(await crowd(runtime))
        for argument in sys.argv[1:] or ["build/app.wasm"]:
            if Path(argument).is_file():
                print("\n".join(await instantiate(runtime, Path(argument))))
            else:
                print(f"{argument} is not there: `make demo` builds it; instantiation is not measured")
    finally:
        runtime.close()


if __name__ == "__main__":
    asyncio.run(main())
