"""A hundred Lua interpreters in one process, and as many where some misbehave: what the others lose by it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import Host, Limits
from capwit.bridge.errors import EngineError, GuestExit
from capwit.caps import HostDirectory, Launch, MemoryConsole
from capwit.caps.wasi import WasiGrants
from measure import Row, Skipped, compare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from measure import Bench

MODULE: Final = Path(".cache/lua.wasm")
GOOD: Final = """
local sum = 0
for i = 1, 200000 do sum = sum + i % 7 end
local out = assert(io.open("out", "w"))
out:write(sum)
out:close()
"""
_GOOD, _BAD = 80, 20
# What each limit knows, and what needs none.
_WAYS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("while true do end", {"fuel": 20_000_000}),
    ("local t = {} while true do t[#t + 1] = assert(io.open('script.lua')) end", {"handles": 100}),
    ("local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end", {}),
    ("local function f() return 1 + f() end f()", {}),
    ("while true do io.write(('x'):rep(1000)) end", {"fuel": 20_000_000}),
)


async def rows(_: Bench) -> AsyncIterator[Row | Skipped]:
    """How long those that behave take, alone and beside those that do not."""
    what = f"{_GOOD} Lua interpreters, {_BAD} more beside them"
    if not MODULE.is_file():
        yield Skipped(what, f"{MODULE} is not there: `make wasi-lua` builds it")
        return
    with tempfile.TemporaryDirectory() as scratch:
        async with Host() as host:
            module = await host.load_module(MODULE)

            async def alone() -> float:
                return await _round(module, Path(scratch), 0)

            async def beside() -> float:
                return await _round(module, Path(scratch), _BAD)

            yield await compare(what, beside, alone, beside="alone", rounds=5)


async def _round(module: Any, folder: Path, bad: int) -> float:
    """Return the seconds until all that behave have ended."""
    others = [
        asyncio.create_task(_tenant(module, folder / f"b{number}", *_WAYS[number % len(_WAYS)]))
        for number in range(bad)
    ]
    start = time.perf_counter()
    await asyncio.gather(*(_tenant(module, folder / f"g{number}", GOOD, {}) for number in range(_GOOD)))
    taken = time.perf_counter() - start
    await asyncio.gather(*others)
    return taken


def _folder(path: Path, script: str) -> HostDirectory:
    path.mkdir(exist_ok=True)
    (path / "script.lua").write_text(script)
    return HostDirectory(path)


async def _tenant(module: Any, folder: Path, script: str, limits: dict[str, Any]) -> None:
    grants = WasiGrants(
        launch=Launch(("lua", "script.lua")), stdout=MemoryConsole(), preopens={"/": _folder(folder, script)}
    )
    try:
        async with module.instantiate(grants, limits=Limits(**{"memory": "8MiB", **limits})) as instance:
            await instance.run()
    except GuestExit as exit:
        assert script != GOOD or exit.code == 0
    except EngineError:
        assert script != GOOD
