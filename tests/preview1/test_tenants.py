"""Many interpreters in one process, each on grants of its own: what one does disturbs no other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import wasmtime
from capwit.bridge import Host, Limits, Policy
from capwit.bridge.errors import GuestExit, Limit, LimitExceeded
from capwit.caps import HostDirectory, Launch, MemoryConsole, SystemEntropy, SystemTimer
from capwit.caps.wasi import WasiGrants
from capwit.preview2 import WasiGrants as Preview2

from tests.bridge.support import scenario
from tests.support.languages import interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TENANTS: Final = 100
GOOD: Final = """
local name = io.open("name"):read("a")
local sum = 0
for i = 1, 20000 do sum = sum + i % 7 end
for i = 1, 5 do
  local out = assert(io.open("out", "w"))
  out:write(name, " ", sum)
  out:close()
end
print(name, io.open("../name"), os.getenv("NAME"))
"""


# Two limits are of components, and no interpreter's: these tenants are in the language of wasm itself.
PARTS: Final = """(core module $m (func (export "run"))) (core instance (instantiate $m))
  (core instance $last (instantiate $m)) (func (export "run") (canon lift (core func $last "run")))"""
GREED: Final = """
  (import "wasi:random/random@0.2.0"
    (instance $random (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $m (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
  (core instance $m (instantiate $m))
  (core func $get (canon lower (func $random "get-random-bytes")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core module $greed (import "" "get" (func $get (param i64 i32)))
    (func (export "run") (call $get (i64.const 0x7fffffffffffffff) (i32.const 16))))
  (core instance $greed (instantiate $greed (with "" (instance (export "get" (func $get))))))
  (func (export "run") (canon lift (core func $greed "run")))"""


class Never:
    """A source that never answers."""

    async def read(self, limit: int) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async def readable(self) -> None:
        await asyncio.Event().wait()


class Bad(NamedTuple):
    """A way to misbehave, and how it ends."""

    script: str
    ends: Limit | int
    says: str
    limits: Mapping[str, Any] = {}
    policies: Mapping[str, Policy] = {}
    component: str = ""
    """What it is, where it is no script."""


BAD: Final = {
    "computes for ever": Bad("while true do end", Limit.FUEL, "fuel", {"fuel": 5_000_000}),
    "waits for ever": Bad("io.read()", Limit.WALL, "0.2", {"wall": "200ms"}),
    "opens and opens": Bad(
        'local t = {} while true do t[#t + 1] = assert(io.open("name")) end',
        Limit.HANDLES,
        "20",
        {"handles": 20},
    ),
    "hoards": Bad(
        "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end", 1, "not enough memory"
    ),
    "is too large": Bad("", Limit.MEMORY, "64", {"memory": "64KiB"}),
    "has too large a table": Bad("", Limit.TABLE, "1", {"table": 1}),
    "recurses": Bad("local function f() return 1 + f() end f()", 1, "not enough memory"),
    "talks": Bad(
        'while true do assert(io.write(("x"):rep(1000)) and io.flush()) end',
        1,
        "",
        {},
        {"wasi.stdout": Policy(bytes=5000)},
    ),
    "is too many": Bad("", Limit.INSTANCES, "2", {"instances": 1}, component=PARTS),
    "asks for too much at once": Bad("", Limit.ARGUMENTS, "9223372036854775807", component=GREED),
    "leaves": Bad("os.exit(9)", 9, ""),
}


async def run_one(host: Host, module: Any, folder: Path, bad: Bad | None) -> tuple[Limit | int | None, str]:
    """Run a tenant on a folder of its own; returns how it ended, and what it said."""
    console, errors = MemoryConsole(), MemoryConsole()
    grants = WasiGrants(
        launch=Launch(("lua", "script.lua"), {"NAME": folder.name}),
        stdin=Never(),
        stdout=console,
        stderr=errors,
        timer=SystemTimer(),
        entropy=SystemEntropy(),
        preopens={"/": HostDirectory(folder)},
    )
    limits = Limits(**{"memory": "8MiB", "fuel": 10**9, "wall": "2min", **(bad.limits if bad else {})})
    policies = bad.policies if bad else {}
    try:
        if bad and bad.component:
            app = await host.load(bytes(wasmtime.wat2wasm(f"(component {bad.component})")))
            async with app.instantiate(Preview2(entropy=SystemEntropy()), limits=limits) as component:
                await component.call("run")
        else:
            async with module.instantiate(grants, limits=limits, policies=policies) as instance:
                await instance.run()
    except GuestExit as exit:
        return exit.code, console.text + errors.text
    except LimitExceeded as error:
        return error.limit, str(error)
    return 0, console.text + errors.text


@scenario
async def test_one_that_misbehaves_disturbs_no_other(tmp_path: Path) -> None:
    ways = list(BAD.values())
    assert {bad.ends for bad in ways} >= set(Limit)
    tenants: list[Bad | None] = [None] * TENANTS
    tenants[: 2 * len(ways) : 2] = ways
    folders = [tmp_path / f"t{number}" for number in range(len(tenants))]
    for folder, bad in zip(folders, tenants, strict=True):
        folder.mkdir()
        (folder / "name").write_text(folder.name)
        (folder / "script.lua").write_text(bad.script if bad else GOOD)
    async with Host() as host:
        module = await host.load_module(interpreter("lua"))
        ended = await asyncio.gather(
            *(run_one(host, module, folder, bad) for folder, bad in zip(folders, tenants, strict=True))
        )
        assert host.ledger.balance == 0
    for folder, bad, (how, said) in zip(folders, tenants, ended, strict=True):
        if bad is None:
            assert (how, said) == (0, f"{folder.name}\tnil\t{folder.name}\n")
            assert (folder / "out").read_text() == f"{folder.name} 59998"
        else:
            assert (how, bad.says in said) == (bad.ends, True), (bad, how, said)
