"""WASI Preview 1 beside wasmtime-py's built-in one, which is native code: one module under both."""

from __future__ import annotations

import ctypes
import functools
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import wasmtime
from capwit.bridge import Host, never_waits
from capwit.caps import HostDirectory, Launch, SystemEntropy, SystemTimer
from capwit.caps.wasi import WasiGrants
from capwit.engine import abi
from measure import Skipped, compare, timed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from measure import Bench, Row, Side

_IMPORTS: Final = {
    "fd_read": "i32 i32 i32 i32",
    "fd_write": "i32 i32 i32 i32",
    "fd_pread": "i32 i32 i32 i64 i32",
    "fd_pwrite": "i32 i32 i32 i64 i32",
    "fd_readdir": "i32 i32 i32 i64 i32",
    "fd_seek": "i32 i64 i32 i32",
    "clock_time_get": "i32 i64 i32",
    "random_get": "i32 i32",
    "path_open": "i32 i32 i32 i32 i32 i64 i64 i32 i32",
    "fd_close": "i32",
}
_ALL: Final = (1 << 30) - 1
# Each in a loop of `n` calls that carry `size` bytes. The file is descriptor 4: `begin` opens it.
_BODIES: Final = {
    "write": "(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))",
    "read": """(drop (call $fd_seek (i32.const 4) (i64.const 0) (i32.const 0) (i32.const 24)))
      (drop (call $fd_read (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 16)))""",
    "pread": "(drop (call $fd_pread (i32.const 4) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 16)))",
    "pwrite": """(drop (call $fd_pwrite (i32.const 4) (i32.const 0) (i32.const 1) (i64.const 0)
      (i32.const 16)))""",
    "list": """(drop (call $fd_readdir (i32.const 3) (i32.const 65536) (local.get $size) (i64.const 0)
      (i32.const 16)))""",
    "clock": "(drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 16)))",
    "random": "(drop (call $random_get (i32.const 65536) (local.get $size)))",
    "open": "(call $open) (drop (call $fd_close (i32.load (i32.const 20))))",
}
_MODULE: Final = f"""(module
  {
    "".join(
        f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {params}) (result i32)))'
        for name, params in _IMPORTS.items()
    )
}
  (memory (export "memory") 64)
  (data (i32.const 32) "data")
  (func $open (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 4) (i32.const 0)
    (i64.const {_ALL}) (i64.const {_ALL}) (i32.const 0) (i32.const 20))))
  (func (export "begin") (call $open))
  {
    "".join(
        f'''(func (export "{name}") (param $n i32) (param $size i32)
    (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (local.get $size))
    (loop $l {body}
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))'''
        for name, body in _BODIES.items()
    )
})"""

NATIVE: Final = "native WASI"
KIB: Final = 1024
MIB: Final = 1024 * KIB
_FILES: Final = 64  # in the folder that is listed


class Call(NamedTuple):
    """What is called, how often, with how many bytes, and how many times as long as native code it may take.

    `waits` tells which instance calls: that of which any grant may have to be awaited, or the other one.
    """

    what: str
    loop: str
    n: int
    size: int
    waits: bool
    at_most: float


# Where native code takes a fraction of a microsecond, the callback alone is more than that: what the rest is
# stands in docs/performance.md.
CALLS: Final = (
    Call("clock_time_get", "clock", 2_000, 0, False, 12),
    Call("random_get, 64 bytes", "random", 2_000, 64, False, 10),
    Call("random_get, 64 KiB", "random", 50, 64 * KIB, False, 1),
    Call("random_get, 1 MiB", "random", 5, MIB, False, 1),
    Call("fd_write, 64 bytes, a console", "write", 2_000, 64, False, 5),
    Call("fd_write, 64 bytes, a console that may wait", "write", 2_000, 64, True, 6),
    Call("fd_write, 64 KiB, a console that may wait", "write", 200, 64 * KIB, True, 1),
    Call("fd_write, 1 MiB, a console that may wait", "write", 50, MIB, True, 1),
    Call("fd_seek and fd_read, 64 bytes", "read", 1_000, 64, True, 3),
    Call("fd_seek and fd_read, 64 KiB", "read", 200, 64 * KIB, True, 1),
    Call("fd_seek and fd_read, 1 MiB", "read", 50, MIB, True, 1),
    Call("fd_pread, 64 bytes", "pread", 1_000, 64, True, 3),
    Call("fd_pread, 64 KiB", "pread", 200, 64 * KIB, True, 1),  # the most that native code gives at once
    Call("fd_pwrite, 64 bytes", "pwrite", 1_000, 64, True, 3),
    Call("fd_pwrite, 1 MiB", "pwrite", 50, MIB, True, 1),
    Call("path_open and fd_close", "open", 500, 0, True, 6),
    Call(f"fd_readdir, {_FILES} entries", "list", 200, 16 * KIB, True, 6),
)


class _Nowhere:
    """A console that shows nothing, and does not say that it never waits."""

    def write(self, data: bytes) -> None:
        """Let go of `data`."""


class _NowhereAtOnce(_Nowhere):
    """One that does."""

    @never_waits
    def write(self, data: bytes) -> None:
        """Let go of `data`."""


def _native(binary: bytes, folder: str) -> Callable[[str, int, int], Any]:
    engine = wasmtime.Engine()
    linker, store, config = wasmtime.Linker(engine), wasmtime.Store(engine), wasmtime.WasiConfig()
    linker.define_wasi()
    config.stdout_file = "/dev/null"
    config.preopen_dir(folder, "/")
    store.set_wasi(config)
    exports: Any = linker.instantiate(store, wasmtime.Module(engine, binary)).exports(store)
    exports["begin"](store)
    return lambda name, n, size: exports[name](store, n, size)


def bare_callback() -> Callable[[int], Any]:
    """Return a loop of calls, through ctypes, of a function that does nothing: no call costs less."""
    engine = wasmtime.Engine()
    linker, store = wasmtime.Linker(engine), wasmtime.Store(engine)
    callback = abi.CORE_HOST_CALL_AT_ONCE(lambda env, caller, values: 0)
    for name, params in _IMPORTS.items():
        given = [getattr(wasmtime.ValType, each)() for each in params.split()]
        type, label = wasmtime.FuncType(given, [wasmtime.ValType.i32()]), name.encode()
        abi.core_linker_define_at_once(
            ctypes.cast(linker.ptr(), abi.P), b"wasi_snapshot_preview1", 22, label, len(label),
            ctypes.cast(type.ptr(), abi.P), callback, None, None,
        )  # fmt: skip
    module = wasmtime.Module(engine, bytes(wasmtime.wat2wasm(_MODULE)))
    exports: Any = linker.instantiate(store, module).exports(store)

    def run(n: int, kept: tuple[object, ...] = (callback, linker)) -> None:
        exports["clock"](store, n, 0)

    return run


def _side(call: Callable[..., Awaitable[Any]], of: Call) -> Side:
    return timed(functools.partial(call, of.loop, of.n, of.size), of.n)


@asynccontextmanager
async def both_sides() -> AsyncIterator[Callable[[Call], tuple[Side, Side]]]:
    """Return what makes both sides of a comparison."""
    binary = bytes(wasmtime.wat2wasm(_MODULE))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").write_bytes(bytes(MIB))
        for number in range(_FILES - 1):
            (Path(folder) / f"file-{number}").touch()
        native = _native(binary, folder)
        timer, entropy = SystemTimer(), SystemEntropy()
        async with AsyncExitStack() as stack:
            host = await stack.enter_async_context(Host(cache=Path(folder) / "compiled"))
            module = await host.load_module(binary, name="calls.wasm")
            at_once = await stack.enter_async_context(
                module.instantiate(WasiGrants(stdout=_NowhereAtOnce(), timer=timer, entropy=entropy))
            )
            grants = WasiGrants(
                stdout=_Nowhere(), timer=timer, entropy=entropy, preopens={"/": HostDirectory(folder)}
            )
            waiting = await stack.enter_async_context(module.instantiate(grants))
            await waiting.call("begin")

            async def theirs(call: Call) -> None:
                native(call.loop, call.n, call.size)

            yield lambda call: (
                _side((waiting if call.waits else at_once).call, call),
                timed(functools.partial(theirs, call), call.n),
            )


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Calls of WASI's first preview beside native code, and beside a callback that does nothing."""
    async with both_sides() as sides:
        bare, clock = bare_callback(), CALLS[0]

        async def nothing() -> None:
            bare(clock.n)

        floor = timed(nothing, clock.n)
        ours, native = sides(clock)
        yield await compare("a callback that does nothing, for clock_time_get", floor, native, beside=NATIVE)
        yield await compare("clock_time_get", ours, floor, beside="a bare callback")
        for call in CALLS:
            ours, native = sides(call)
            yield await compare(call.what, ours, native, beside=NATIVE, at_most=call.at_most)


# -- A whole program

LUA: Final = Path(__file__).parents[1] / ".cache" / "lua.wasm"
_SCRIPT: Final = """
local bytes = 0
for round = 1, 10 do
  local out = assert(io.open("/out" .. round, "w"))
  for line in io.lines("/in") do
    bytes = bytes + #line
    out:write(line:upper(), "\\n")
  end
  out:close()
  os.remove("/out" .. round)
end
print(bytes)
"""


async def program(bench: Bench) -> AsyncIterator[Row | Skipped]:
    """A whole program, an interpreter that reads and writes files, beside the same on native code."""
    if not LUA.is_file():
        yield Skipped("a whole program", f"{LUA.name} is not there: `make wasi-lua` builds it")
        return
    binary = LUA.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.lua").write_text(_SCRIPT)
        (Path(folder) / "in").write_text(
            "".join(f"line {number} of a file of text\n" for number in range(2_000))
        )
        arguments = ["lua", "/script.lua"]
        engine = wasmtime.Engine()
        linker, native = wasmtime.Linker(engine), wasmtime.Module(engine, binary)
        linker.define_wasi()

        async def theirs() -> None:
            store, config = wasmtime.Store(engine), wasmtime.WasiConfig()
            config.argv = arguments
            config.stdout_file = "/dev/null"
            config.preopen_dir(folder, "/")
            store.set_wasi(config)
            exports: Any = linker.instantiate(store, native).exports(store)
            exports["_start"](store)

        async with Host(cache=None) as host:
            module = await host.load_module(binary, name="lua.wasm")
            grants = WasiGrants(
                launch=Launch(arguments), stdout=_Nowhere(), timer=SystemTimer(),
                preopens={"/": HostDirectory(folder)},
            )  # fmt: skip

            async def ours() -> None:
                async with module.instantiate(grants) as instance:
                    await instance.run()

            yield await compare(
                "Lua: ten times 2,000 lines, read and written",
                timed(ours), timed(theirs), beside=NATIVE, at_most=3,
            )  # fmt: skip
