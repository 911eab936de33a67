"""WASI Preview 1 beside wasmtime-py's built-in one, which is native code: one module under both."""

from __future__ import annotations

import functools
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import wasmtime
from capwit.bridge import Host
from capwit.caps import HostDirectory, SystemEntropy, SystemTimer
from capwit.caps.wasi import WasiGrants

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Side = Callable[[], Awaitable[Any]]

_IMPORTS: Final = {
    "fd_write": "i32 i32 i32 i32",
    "fd_pread": "i32 i32 i32 i64 i32",
    "clock_time_get": "i32 i64 i32",
    "random_get": "i32 i32",
    "path_open": "i32 i32 i32 i32 i32 i64 i64 i32 i32",
    "fd_close": "i32",
}
_ALL: Final = (1 << 30) - 1
# Each in a loop of `n` calls that carry `size` bytes. The file is descriptor 4: `begin` opens it.
_BODIES: Final = {
    "write": "(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))",
    "read": "(drop (call $fd_pread (i32.const 4) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 16)))",
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

# What is called, how often, with how many bytes, and how many times faster ours is to be.
CALLS: Final = (
    ("fd_write, 64 bytes, to a console", "write", 2_000, 64, 1 / 6),
    ("fd_write, 1 MiB, to a console", "write", 50, 1 << 20, 1),
    ("fd_pread, 64 bytes", "read", 2_000, 64, 1 / 6),
    ("fd_pread, 1 MiB", "read", 50, 1 << 20, 1),
    ("path_open and fd_close", "open", 500, 0, 1 / 6),
    ("clock_time_get", "clock", 2_000, 0, 1 / 6),
    ("random_get, 64 bytes", "random", 2_000, 64, 1 / 6),
)


class _Nowhere:
    """A console that shows nothing."""

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


@asynccontextmanager
async def both_sides() -> AsyncIterator[Callable[[str, int, int], tuple[Side, Side]]]:
    """Return what makes both sides of a comparison: a loop of `n` calls with `size` bytes each."""
    binary = bytes(wasmtime.wat2wasm(_MODULE))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").write_bytes(bytes(1 << 20))
        native = _native(binary, folder)
        async with Host(cache=Path(folder) / "compiled") as host:
            module = await host.load_module(binary, name="calls.wasm")
            grants = WasiGrants(
                stdout=_Nowhere(),
                timer=SystemTimer(),
                entropy=SystemEntropy(),
                preopens={"/": HostDirectory(folder)},
            )
            async with module.instantiate(grants) as instance:
                await instance.call("begin")

                async def theirs(name: str, n: int, size: int) -> None:
                    native(name, n, size)

                yield lambda name, n, size: (
                    functools.partial(instance.call, name, n, size),
                    functools.partial(theirs, name, n, size),
                )
