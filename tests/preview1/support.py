"""Running wasip1 modules in tests: C programs by name, and modules of a few lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import wasmtime
from capwit.bridge import GuestExit, Host, Limits, Policy
from capwit.caps import Launch, MemoryConsole
from capwit.caps.wasi import WasiGrants

from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from collections.abc import Mapping

GUESTS = Path(__file__).parent / "guests"
EXAMPLES = Path(__file__).parents[2] / "examples" / "wasi"


@dataclass(frozen=True)
class Done:
    """How a program ended, and what it printed."""

    code: int
    out: str


async def run(
    program: str,
    *args: str,
    env: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    policies: Mapping[str, Policy] | None = None,
    **grants: Any,
) -> Done:
    """Run a C program on grants; its output is granted, and arguments where there are any."""
    console = MemoryConsole()
    if args or env:
        grants = {"launch": Launch((program, *args), env), **grants}
    async with Host() as host:
        module = await host.load_module(wasi_guest(source_of(program)))
        code = 0
        given = WasiGrants(**{"stdout": console, **grants})
        async with module.instantiate(given, limits=limits, policies=policies) as instance:
            try:
                await instance.run()
            except GuestExit as exit:
                code = exit.code
        assert host.ledger.balance == 0
    return Done(code, console.text)


def source_of(program: str) -> Path:
    """The file or folder of a C program."""
    for source in (GUESTS / f"{program}.c", GUESTS / program, EXAMPLES / f"{program}.c", EXAMPLES / program):
        if source.exists():
            return source
    raise LookupError(program)


def under_wasmtime(program: str, *args: str, folder: Path, scratch: Path, name: str = "/data") -> Done:
    """Run a C program on a folder under wasmtime's own WASI."""
    engine = wasmtime.Engine()
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    config = wasmtime.WasiConfig()
    config.argv = [program, *args]
    config.preopen_dir(str(folder), name)
    out = scratch / "out"
    config.stdout_file = str(out)
    config.stderr_file = str(scratch / "err")
    config.stdin_file = "/dev/null"
    store = wasmtime.Store(engine)
    store.set_wasi(config)
    module = _compiled(engine, wasi_guest(source_of(program)))
    code = 0
    try:
        start: Any = linker.instantiate(store, module).exports(store)["_start"]
        start(store)
    except wasmtime.ExitTrap as exit:
        code = exit.code
    finally:
        store.close()
    return Done(code, out.read_text())


_serialized: dict[Path, bytes] = {}


def _compiled(engine: wasmtime.Engine, binary: Path) -> wasmtime.Module:
    if binary not in _serialized:
        _serialized[binary] = bytes(wasmtime.Module(engine, binary.read_bytes()).serialize())
    return wasmtime.Module.deserialize(engine, _serialized[binary])


def wat(text: str) -> bytes:
    """The binary of a module that is given as text."""
    return bytes(wasmtime.wat2wasm(text))


IMPORT = '(import "wasi_snapshot_preview1" "{name}" (func $f (param {params}) (result i32)))'


def calling(name: str, params: str, body: str, memory: str = '(memory (export "memory") 1)') -> bytes:
    """A module whose `run` does what `body` says with the import `$f`, and returns a number."""
    imported = IMPORT.format(name=name, params=params)
    return wat(f'(module {imported} {memory} (func (export "run") (result i32) {body}))')


async def call(binary: bytes, **grants: Any) -> int:
    """Instantiate a module on grants, and call its `run`."""
    async with Host() as host:
        module = await host.load_module(binary, name="small.wasm")
        async with module.instantiate(WasiGrants(**grants)) as instance:
            answer = int(await instance.call("run"))
        assert host.ledger.balance == 0
    return answer
