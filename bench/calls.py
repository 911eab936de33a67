"""Calls of components each way: numbers, bytes, and what really waits."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

from measure import compare, timed
from sides import EXPORTS, ONE, Ours, Theirs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from measure import Bench, Row

KIB = 1024


async def scalars(bench: Bench) -> AsyncIterator[Row]:
    """Calls that carry a number."""
    ours, theirs = Ours(bench.runtime, lambda s, b, x: x + 1), Theirs()
    instance = await ours.start(await ours.link())
    run, noop = (instance.linked.export("", name, EXPORTS[name]) for name in ("run", "noop"))
    n = 5_000

    async def their_run() -> None:
        theirs.call("run", n)

    async def our_calls() -> None:
        for k in range(n):
            await instance.call(noop, k)

    async def their_calls() -> None:
        func = theirs.func("noop")
        for k in range(n):
            func(theirs.store, k)
            func.post_return(theirs.store)

    ours_run = timed(functools.partial(instance.call, run, n), n)
    yield await compare(
        "guest -> host method (u32) -> u32",
        ours_run,
        timed(their_run, n),
        beside="wasmtime-py",
        at_most=1 / 5,
    )
    yield await compare(
        "host -> guest call (u32) -> u32",
        timed(our_calls, n), timed(their_calls, n), beside="wasmtime-py", at_most=1 / 4,
    )  # fmt: skip
    await instance.store.close()


async def lists_of_bytes(bench: Bench) -> AsyncIterator[Row]:
    """Calls that carry `list<u8>`."""
    ours, theirs = Ours(bench.runtime, lambda s, b, x: x + 1), Theirs()
    instance = await ours.start(await ours.link())

    async def call_theirs(name: str, *args: int) -> None:
        theirs.call(name, *args)

    for size in (KIB, 64 * KIB, KIB * KIB):
        count = max(1, 2**19 // size)
        for name, way in (("put", "guest -> host"), ("take", "host -> guest")):
            export = instance.linked.export("", name, EXPORTS[name])
            yield await compare(
                f"list<u8> {way}, {size // KIB} KiB",
                timed(functools.partial(instance.call, export, count, size), count),
                timed(functools.partial(call_theirs, name, count, size), count),
                beside="wasmtime-py",
                at_most=1 / 10,
                carries=size,
            )
    await instance.store.close()


async def waiting(bench: Bench) -> AsyncIterator[Row]:
    """A host call that really waits, beside a bare task switch plus the call when it does not."""

    async def add_later(_: Any, bucket: int, x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    n = 3_000
    slow_side, fast_side = Ours(bench.runtime, add_later), Ours(bench.runtime, lambda s, b, x: x + 1)
    slow, fast = await slow_side.start(await slow_side.link()), await fast_side.start(await fast_side.link())
    run_slow, run_fast = slow.linked.export("", "run", ONE), fast.linked.export("", "run", ONE)

    async def switch_and_call() -> None:
        for _ in range(n):
            await asyncio.create_task(asyncio.sleep(0))
        await fast.call(run_fast, n)

    yield await compare(
        "guest -> host method that is awaited",
        timed(functools.partial(slow.call, run_slow, n), n),
        timed(switch_and_call, n),
        beside="task switch + call",
        at_most=2,
    )
    await slow.store.close()
    await fast.store.close()
