"""Running wasip1 modules in tests: C programs by name, and modules of a few lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capwit.bridge import GuestExit, Host, Limits
from capwit.caps import Launch, MemoryConsole
from capwit.caps.wasi import WasiGrants
from wasmtime import wat2wasm

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
    **grants: Any,
) -> Done:
    """Run a C program on grants; its output is granted, and arguments where there are any."""
    console = MemoryConsole()
    if args or env:
        grants = {"launch": Launch((program, *args), env), **grants}
    source = EXAMPLES / "hello.c" if program == "hello" else GUESTS / f"{program}.c"
    async with Host() as host:
        module = await host.load_module(wasi_guest(source))
        code = 0
        async with module.instantiate(WasiGrants(**{"stdout": console, **grants}), limits=limits) as instance:
            try:
                await instance.run()
            except GuestExit as exit:
                code = exit.code
        assert host.ledger.balance == 0
    return Done(code, console.text)


def wat(text: str) -> bytes:
    """The binary of a module that is given as text."""
    return bytes(wat2wasm(text))


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
