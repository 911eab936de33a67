"""Whole interpreters, on grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import GuestExit, Host, Trap
from capwit.caps import (
    FixedClock,
    HostDirectory,
    Launch,
    MemoryConsole,
    MemoryDirectory,
    MemorySource,
    SeededEntropy,
    SystemEntropy,
    SystemTimer,
    SystemWallClock,
)
from capwit.caps.wasi import WasiGrants

from tests.bridge.support import scenario
from tests.preview1.kinds import put
from tests.preview1.support import Done
from tests.support.languages import interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


async def run(
    binary: Path, *args: str, env: Mapping[str, str] | None = None, folder: Any = None, **grants: Any
) -> Done:
    """Run a program on clocks, entropy and a folder, but for what is granted otherwise."""
    console = MemoryConsole()
    everything: dict[str, Any] = {
        "launch": Launch((binary.stem, *args), env),
        "stdin": MemorySource(),
        "stdout": console,
        "timer": SystemTimer(),
        "wall_clock": SystemWallClock(),
        "entropy": SystemEntropy(),
        "preopens": {"/": folder} if folder is not None else {},
    }
    async with Host() as host:
        module = await host.load_module(binary)
        code = 0
        async with module.instantiate(WasiGrants(**{**everything, **grants})) as instance:
            try:
                await instance.run()
            except GuestExit as exit:
                code = exit.code
        assert host.ledger.balance == 0
    return Done(code, console.text)


SCRIPT = """
local lines = {}
for line in io.lines("in") do lines[#lines + 1] = line end
table.sort(lines)
local out = assert(io.open("out", "w"))
out:write(table.concat(lines, ","), "\\n")
out:close()
local again = assert(io.open("out", "r+"))
again:seek("end", -1)
again:write("!")
again:seek("set")
print(arg[1], again:read("a"), os.getenv("KEY"))
again:close()
assert(os.rename("out", "kept") and not io.open("out"))
print(os.remove("kept"))
print(os.remove("kept"))
print(os.time() > 1600000000, os.date("!%Y", 0), os.clock() >= 0, math.type(math.random(10)))
print(select(2, pcall(error, {code = 1})).code, (select(2, pcall(error, "thrown"))))
print(io.read("n", "l"))
print(io.open("../secret"))
io.stdout:write(("x"):rep(100000):len(), "\\n")
os.exit(arg[1] == "fail" and 3 or true, true)
"""
PRINTED = """\
fail\tapple,pear!\tv
true
nil\tkept: No such file or directory\t44
true\t1970\ttrue\tinteger
1\tthrown
42\t rest
nil\t../secret: Operation not permitted\t63
100000
"""
COPY = "local file = io.open(arg[1], 'w') file:write(io.read('a')) file:close()"


@pytest.mark.parametrize("kind", ["host", "memory"])
@scenario
async def test_lua(kind: str, tmp_path: Path) -> None:
    folder = HostDirectory(tmp_path) if kind == "host" else MemoryDirectory()
    for name, text in (("in", "pear\napple\n"), ("script.lua", SCRIPT), ("copy.lua", COPY)):
        await put(folder, name, text.encode())
    grants: dict[str, Any] = {"folder": folder, "env": {"KEY": "v"}}
    lua = interpreter("lua")
    done = await run(lua, "script.lua", "fail", stdin=MemorySource(b"42 rest\nline\n"), **grants)
    assert done == Done(3, PRINTED)
    assert (await run(lua, "copy.lua", "copied", stdin=MemorySource(b"kept"), **grants)) == Done(0, "")
    assert (await run(lua, "missing.lua", **grants)).code == 1


JAVASCRIPT = """
import * as std from "qjs:std";
import * as os from "qjs:os";
import { sorted } from "./sorted.js";

std.writeFile("out", sorted(std.loadFile("in")));
const file = std.open("out", "r+");
file.seek(0, std.SEEK_END);
file.puts("!");
file.seek(0, std.SEEK_SET);
print(scriptArgs[1], file.readAsString(), std.getenv("KEY"));
file.close();
print(os.rename("out", "kept"), std.open("out", "r"), os.stat("kept")[0].size);
print(os.remove("kept"), std.strerror(-os.remove("kept")));
const error = {};
print(std.open("../secret", "r", error), std.strerror(error.errno));
print(new Date().toISOString(), crypto.getRandomValues(new Uint8Array(4)));
print(std.in.getline(), std.in.readAsString().length);
print(/(?<n>\\d+)/u.exec("käse 42").groups.n, 2n ** 70n, "x".repeat(100000).length);
await new Promise((done) => os.setTimeout(done, 1));
std.exit(scriptArgs[1] === "fail" ? 3 : 0);
"""
SORTED = """export const sorted = (text) => text.trim().split("\\n").sort().join();"""
SAID = """\
fail apple,pear! v
0 null 11
0 No such file or directory
null Operation not permitted
1970-01-01T00:01:01.000Z {}
42 rest 5
42 1180591620717411303424 100000
"""


@pytest.mark.parametrize("kind", ["host", "memory"])
@scenario
async def test_quickjs(kind: str, tmp_path: Path) -> None:
    folder = HostDirectory(tmp_path) if kind == "host" else MemoryDirectory()
    scripts = {
        "script": JAVASCRIPT,
        "sorted": SORTED,
        "thrown": "null.x",
        "deep": "const deep = () => 1 + deep(); deep();",
        "random": "print(Math.random());",
        "bytes": "try { crypto.getRandomValues(new Uint8Array(1)) } catch (e) { print(e.message) }",
    }
    await put(folder, "in", b"pear\napple\n")
    for name, text in scripts.items():
        await put(folder, f"{name}.js", text.encode())
    quickjs = interpreter("quickjs")
    grants: dict[str, Any] = {"folder": folder, "wall_clock": FixedClock(61), "env": {"KEY": "v"}}
    said = SAID.format(",".join(map(str, SeededEntropy(7).fill(4))))
    given: dict[str, Any] = {"stdin": MemorySource(b"42 rest\nline\n"), "entropy": SeededEntropy(7)}
    assert await run(quickjs, "script.js", "fail", **given, **grants) == Done(3, said)
    thrown = "TypeError: cannot read property 'x' of null\n    at <anonymous> (thrown.js:1:1)\n\n"
    assert await run(quickjs, "thrown.js", **grants) == Done(1, thrown)
    assert (await run(quickjs, "missing.js", **grants)).code == 1
    refused = Done(0, "getRandomValues: Function not implemented\n")
    assert await run(quickjs, "bytes.js", **grants, entropy=None) == refused
    assert await run(quickjs, "random.js", **grants) == await run(quickjs, "random.js", **grants)
    with pytest.raises(Trap, match="call stack exhausted"):
        await run(quickjs, "deep.js", **grants)
