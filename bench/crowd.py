"""A crowd of instances in a process of its own: `python bench/crowd.py WAY COUNT` prints its costs as JSON.

WAY is `demand` or `pool`, under capwit, where all wait on one event loop; or `wasmtime-py`, where they only
are there.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import wasmtime
from capwit.bridge import Host, Ledger
from generated import bindings
from soak import GUEST, SCHEMA, Item
from wasmtime import component as py


class Desk:
    """What all wait for."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self.waiting = 0
        self.go = asyncio.Event()

    async def make(self) -> Item:
        """Return an item, once it is time."""
        self.waiting += 1
        await self.go.wait()
        return Item()


def resident() -> int:
    """Return how many bytes of memory this process has."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def ours(count: int, *, pool: bool) -> dict[str, float]:
    """Start them, have all of them wait, answer them, end them."""
    with tempfile.TemporaryDirectory() as folder:
        soaked = bindings(Path(folder), "soak", SCHEMA)
    desk, told = Desk(), {}
    async with Host(ledger=Ledger(keep=100), max_instances=count, pool=pool) as host:
        app = await host.load(bytes(wasmtime.wat2wasm(GUEST)), soaked.BINDINGS, name="crowd")
        grants = soaked.Grants(desk=desk)
        async with app.instantiate(grants):
            before = resident()
        start = time.perf_counter()
        crowd = [await app.start(grants) for _ in range(count)]
        told["start"] = (time.perf_counter() - start) / count
        calls = [asyncio.create_task(each.call("churn", 1)) for each in crowd]
        while desk.waiting < count:  # noqa: ASYNC110 - how many wait is what is measured
            await asyncio.sleep(0)
        told["resident"] = (resident() - before) / count
        start, used = time.perf_counter(), time.process_time()
        await asyncio.sleep(1)
        told["idle"] = (time.process_time() - used) / (time.perf_counter() - start) / count
        start = time.perf_counter()
        desk.go.set()
        await asyncio.gather(*calls)
        told["answer"] = (time.perf_counter() - start) / count
        start = time.perf_counter()
        for each in crowd:
            await each.close()
        told["end"] = (time.perf_counter() - start) / count
    return told


def theirs(count: int) -> dict[str, float]:
    """Start them, with functions that nobody calls, and end them."""
    engine = wasmtime.Engine()
    linker, guest = py.Linker(engine), py.Component(engine, GUEST)

    def unserved(*_: Any) -> None:
        raise NotImplementedError

    with linker.root() as root:
        with root.add_instance("bench:soak/soak@0.1.0") as soak:
            for number, name in enumerate(("item", "desk"), start=1):
                soak.add_resource(name, py.ResourceType.host(number), lambda store, rep: None)
            soak.add_func("[method]desk.make", unserved)
        with root.add_instance("bench:soak/app-grants@0.1.0") as grants:
            grants.add_func("get-desk", unserved)
    before, start = resident(), time.perf_counter()
    crowd = []
    for _ in range(count):
        store: wasmtime.Store = wasmtime.Store(engine)
        crowd.append((store, linker.instantiate(store, guest)))
    told = {"start": (time.perf_counter() - start) / count, "resident": (resident() - before) / count}
    start = time.perf_counter()
    for store, _ in crowd:
        store.close()
    return {**told, "end": (time.perf_counter() - start) / count}


if __name__ == "__main__":
    way, number = sys.argv[1], int(sys.argv[2])
    print(
        json.dumps(theirs(number) if way == "wasmtime-py" else asyncio.run(ours(number, pool=way == "pool")))
    )
