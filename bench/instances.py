"""Instances: how long one takes to be there, and what ten thousand cost that wait on one event loop."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.bridge import Host
from capwit.caps.local import SystemEntropy
from capwit.preview2 import WasiGrants
from generated import EXAMPLES, bindings, built
from measure import Row, Sample, Unit, alone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from measure import Bench

CROWD: Final = 10_000
ROUNDS: Final = 5
_WASMTIME: Final = "wasmtime-py"
_WAYS: Final = {"demand": "", "pool": " (pool)"}

# What a crowd tells, what that is, in which unit, and its target.
_TOLD: Final[tuple[tuple[str, str, Unit, float | None], ...]] = (
    ("start", "an instance on its grants, begun", "s", 200e-6),
    ("end", "an instance, ended", "s", None),
    ("resident", "one that waits: memory", "B", 64 * 1024),
    ("idle", "one that waits: processor time in a second", "s", 1e-6),
    ("answer", "one that waited: answered, to the call's end", "s", None),
)


async def rows(_: Bench) -> AsyncIterator[Row]:
    """A crowd of a small component, and a Python guest."""
    for row in await _crowds():
        yield row
    async for row in _python_guest():
        yield row


async def _crowds() -> list[Row]:
    """Each crowd in a process of its own, in turn: memory that one has had must not be there for the next."""
    told: dict[str, list[dict[str, float]]] = {_WASMTIME: [], **{way: [] for way in _WAYS}}
    for _ in range(ROUNDS):
        for way, rounds in told.items():
            command = [sys.executable, str(Path(__file__).with_name("crowd.py")), way, str(CROWD)]
            done = await asyncio.to_thread(
                subprocess.run, command, check=True, stdout=subprocess.PIPE, text=True
            )
            rounds.append(json.loads(done.stdout))
    return [
        _row(f"{what}{how}", key, told[way], told[_WASMTIME], unit, within)
        for key, what, unit, within in _TOLD
        for way, how in _WAYS.items()
    ]


def _row(
    what: str,
    key: str,
    ours: list[dict[str, float]],
    theirs: list[dict[str, float]],
    unit: Unit,
    within: float | None,
) -> Row:
    mine, others = [each[key] for each in ours], [each[key] for each in theirs if key in each]
    ratios = [a / b for a, b in zip(mine, others, strict=False)]
    return Row(
        what=what,
        ours=Sample.of(mine),
        beside=_WASMTIME if others else "",
        other=Sample.of(others) if others else None,
        ratio=Sample.of(ratios) if ratios else None,
        within=within,
        unit=unit,
    )


async def _python_guest() -> AsyncIterator[Row]:
    """From scratch, in the next process, in the same host."""
    wasi = WasiGrants(entropy=SystemEntropy())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generated = bindings(folder, "kv", (EXAMPLES / "kv" / "kv.capnp").read_text()).BINDINGS
        component = await built("kv/summarizer.py", folder / "wit", "summary", folder)
        what = f"a Python guest of {component.stat().st_size / 1e6:.0f} MB"
        cache = folder / "compiled"

        async def start(host: Host) -> float:
            begun = time.perf_counter()
            app = await host.load(component, generated)
            async with app.instantiate(wasi):
                return time.perf_counter() - begun

        async def cached() -> float:
            async with Host(cache=cache) as host:
                return await start(host)

        async def compiled() -> float:
            shutil.rmtree(cache, ignore_errors=True)
            return await cached()

        yield await alone(f"{what}, compiled", compiled, rounds=5)
        async with Host(cache=cache) as host:
            yield await alone(f"{what}, cached: verified, mapped, linked", cached)
            yield await alone(f"{what}, loaded before by the same host", lambda: start(host))
            app = await host.load(component, generated)

            async def again() -> float:
                begun = time.perf_counter()
                async with app.instantiate(wasi):
                    return time.perf_counter() - begun

            yield await alone(f"{what}, one more instance of it", again)
