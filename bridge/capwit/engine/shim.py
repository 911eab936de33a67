"""What stands between a core module and functions whose results need its memory.

A function of the host cannot call a guest that waits for it. So for each such import there is a few lines of
WebAssembly, a module of its own: it calls the host, which says how much memory it needs; it asks the guest's
`cabi_realloc` for that, tells the host where it is, and so on until the host needs no more.
"""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from . import abi
from .core import CoreFunction, ValueType
from .core_canon import go_on
from .core_link import CoreHostFunction, Linker, export_of, payload
from .core_lower import core_state_of
from .errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .compiler import Compiled
    from .runtime import Runtime
    from .store import Store

REALLOC: Final = "cabi_realloc"
REALLOC_TYPE: Final = CoreFunction((ValueType.I32,) * 4, (ValueType.I32,))
_NEXT: Final = CoreHostFunction("cabi_realloc", CoreFunction((ValueType.I32,), (ValueType.I64,)), go_on)
_HOST: Final = "host"

# A request is a size, and above its 32 bits an alignment; 0 says that nothing is needed.
_FILL: Final = """
  (import "host" "next" (func $next (param i32) (result i64)))
  (table (export "realloc") 1 funcref)
  (func $fill (param $request i64)
    (loop $more
      (if (i64.ne (local.get $request) (i64.const 0)) (then
        (local.set $request (call $next (call_indirect (param i32 i32 i32 i32) (result i32)
          (i32.const 0) (i32.const 0)
          (i32.wrap_i64 (i64.shr_u (local.get $request) (i64.const 32)))
          (i32.wrap_i64 (local.get $request))
          (i32.const 0))))
        (br $more)))))
"""


def shim_binary(functions: Iterable[CoreHostFunction]) -> bytes:
    """Return the module that stands before functions: it exports each by its place in the order."""
    imports, bodies = "", ""
    for number, host in enumerate(functions):
        params = " ".join(each.value for each in host.type.params)
        given = " ".join(f"(local.get {at})" for at in range(len(host.type.params)))
        imports += f'  (import "{_HOST}" "{number}" (func $h{number} (param {params}) (result i64)))\n'
        bodies += f'  (func (export "{number}") (param {params}) (call $fill (call $h{number} {given})))\n'
    return bytes(wasmtime.wat2wasm(f"(module\n{imports}{_FILL}{bodies})"))


class Shim:
    """The shim of one core module, compiled, and linked to what it calls."""

    def __init__(
        self,
        runtime: Runtime,
        compiled: Compiled,
        functions: Mapping[tuple[str, str], CoreHostFunction],
        name: str,
    ) -> None:
        """Stand before functions, by the names of the imports, in the order that `shim_binary` had them."""
        self._names = tuple(functions)
        self._compiled = compiled
        self._linker = Linker.new(runtime, name)
        for number, host in enumerate(functions.values()):
            self._linker.define(_HOST, str(number), host, finds_memory=False)
        self._linker.define(_HOST, "next", _NEXT, at_once=True)

    async def stand_before(self, store: Store, linker: Linker) -> tuple[Linker, Callable[[Any], None]]:
        """Instantiate the shim in a store.

        Returns the linker with which the module is to be instantiated, and what is to be told of the raw
        instance: until then, a call that needs memory traps, as a component's does.
        """
        shim = await self._linker.instantiate(store, self._compiled)
        own = linker.clone()
        core_state_of(store).linker = own  # an instantiation that is cancelled goes on to refer to it
        for number, (module, label) in enumerate(self._names):
            own.define_extern(store, module, label, export_of(store, shim, str(number)))

        def connect(raw: Any) -> None:
            store.memory.take(export_of(store, raw, "memory"))
            table = ctypes.create_string_buffer(payload(export_of(store, shim, "realloc"), abi.TABLE_SIZE))
            func = payload(export_of(store, raw, REALLOC), abi.CORE_FUNC_SIZE)
            value = ctypes.create_string_buffer(
                struct.pack(f"<B7x{abi.CORE_FUNC_SIZE}s", abi.FUNCREF, func), abi.VAL_SIZE
            )
            error = abi.table_set(store.context, ctypes.addressof(table), 0, ctypes.addressof(value))
            if error:
                raise LinkError(f"{linker.name}: {REALLOC}: {abi.take_error(error)}")
            core_state_of(store).connected = True

        return own, connect
