"""The machine under wasmtime's own WASI."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import wasmtime
from capwit.bridge import Ledger
from capwit.preview1.abi import PREVIEW1, SIGNATURES

from tests.preview1.machine import Machine, binary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WIDTHS = {"i32": 32, "i64": 64}


@cache
def _module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    engine = wasmtime.Engine()
    return engine, wasmtime.Module(engine, binary(PREVIEW1))


class Native:
    """What `Machine` calls: the module's exports, whose numbers have no sign."""

    def __init__(self, store: wasmtime.Store, exports: Any) -> None:
        self._store = store
        self._exports = exports

    async def call(self, name: str, *arguments: int) -> int | None:
        function = self._exports[name]
        widths = [_WIDTHS[str(type)] for type in function.type(self._store).params]
        signed = [_signed(each, width) for each, width in zip(arguments, widths, strict=True)]
        result = function(self._store, *signed)
        return None if result is None else result % (1 << (32 if name in SIGNATURES else 64))


def _signed(number: int, width: int) -> int:
    return number - (1 << width) if number >> (width - 1) else number


@contextmanager
def native(folder: Path) -> Iterator[Machine]:
    """Start the machine on a folder, named /."""
    engine, module = _module()
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    config = wasmtime.WasiConfig()
    config.preopen_dir(str(folder), "/")
    store = wasmtime.Store(engine)
    store.set_wasi(config)
    try:
        exports = linker.instantiate(store, module).exports(store)
        running: Any = Native(store, exports)  # as much of an instance as is used
        yield Machine(running, PREVIEW1, Ledger())
    finally:
        store.close()
