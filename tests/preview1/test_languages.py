"""The same program in several languages, on grants; and a whole interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import GuestExit, Host
from capwit.caps import (
    HostDirectory,
    Launch,
    MemoryConsole,
    MemoryDirectory,
    MemorySource,
    SystemEntropy,
    SystemTimer,
    SystemWallClock,
)
from capwit.caps.wasi import WasiGrants

from tests.bridge.support import scenario
from tests.preview1.kinds import put
from tests.preview1.support import Done
from tests.support.languages import LANGUAGES, lua, program

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


@pytest.mark.parametrize("language", LANGUAGES)
@scenario
async def test_a_program(language: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("hello")
    done = await run(program(language), "one", "käse", env={"KEY": "value"}, folder=HostDirectory(tmp_path))
    assert done == Done(7, "args one käse\nenv value\nread hello\ntime 1\nrandom 1\n")
    assert (tmp_path / "out").read_text() == "e1h1l2o1"


@pytest.mark.parametrize("language", LANGUAGES)
@scenario
async def test_a_program_without_a_folder_and_an_environment(language: str) -> None:
    done = await run(program(language), stdout=(console := MemoryConsole()))
    assert done.code not in (0, 7)
    assert "env none" in console.text or language == "zig"  # whose output waits in its buffer, and is lost
    assert "read hello" not in console.text


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
    done = await run(lua(), "script.lua", "fail", stdin=MemorySource(b"42 rest\nline\n"), **grants)
    assert done == Done(3, PRINTED)
    assert (await run(lua(), "copy.lua", "copied", stdin=MemorySource(b"kept"), **grants)) == Done(0, "")
    assert (await run(lua(), "missing.lua", **grants)).code == 1
