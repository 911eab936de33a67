"""wasmtime's C API, as far as the engine needs it: function pointers, kinds and layouts.

This is the one place that reaches into wasmtime-py's generated `_bindings`, which promise nothing
from release to release: the version and every layout are checked when the module is imported.

Source: https://github.com/bytecodealliance/wasmtime/blob/main/crates/c-api/include/wasmtime/component/val.h
"""

from __future__ import annotations

import ctypes
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wasmtime import _bindings as c
from wasmtime import _ffi

if TYPE_CHECKING:
    from collections.abc import Callable

PINNED: Final = "50.0.1"


def _check_version() -> None:
    """Compare versions. importlib's metadata is much to import: it is asked only where they may differ."""
    folder = Path(_ffi.__file__).parents[1]
    if (folder / f"wasmtime-{PINNED}.dist-info").is_dir():
        return
    from importlib.metadata import version

    if (found := version("wasmtime")) != PINNED:
        raise ImportError(
            f"capwit is made for wasmtime {PINNED} and found {found}: "
            f"it uses parts of wasmtime-py that change between releases. Mend: pip install wasmtime=={PINNED}"
        )


_check_version()

P: Final = ctypes.c_void_p
SIZE: Final = ctypes.c_size_t
U32: Final = ctypes.c_uint32
U64: Final = ctypes.c_uint64

# A value: one byte of kind, then a payload of up to 24 bytes, 8-aligned.
VAL_SIZE: Final = 32
PAYLOAD: Final = 8
# A record's entry: a name (size, data), then the value.
ENTRY_SIZE: Final = 48
NAME_SIZE: Final = 16
FUNC_SIZE: Final = ctypes.sizeof(c.wasmtime_component_func)
INSTANCE_SIZE: Final = ctypes.sizeof(c.wasmtime_component_instance)

# Core wasm: a value is as large as a component's, and has its payload in the same place.
# A raw one is nothing but its payload.
CORE_FUNC_SIZE: Final = ctypes.sizeof(c.wasmtime_func)
CORE_INSTANCE_SIZE: Final = ctypes.sizeof(c.wasmtime_instance)
EXTERN_SIZE: Final = ctypes.sizeof(c.wasmtime_extern)
TABLE_SIZE: Final = ctypes.sizeof(c.wasmtime_table)
EXTERN_MEMORY: Final = int(_ffi.WASMTIME_EXTERN_MEMORY.value)
FUNCREF: Final = int(_ffi.WASMTIME_FUNCREF.value)

for _name, _type, _size in (
    ("value", c.wasmtime_component_val, VAL_SIZE),
    ("core value", c.wasmtime_val, VAL_SIZE),
    ("raw value", c.wasmtime_val_raw, 16),
    ("record entry", c.wasmtime_component_valrecord_entry, ENTRY_SIZE),
    ("name", c.wasm_name_t, NAME_SIZE),
):
    if ctypes.sizeof(_type) != _size:
        raise ImportError(f"wasmtime's {_name} is {ctypes.sizeof(_type)} bytes here, capwit expects {_size}")
if c.wasmtime_component_val.of.offset != PAYLOAD:
    raise ImportError(f"wasmtime's value keeps its payload at {c.wasmtime_component_val.of.offset}, not 8")
for _offset in (c.wasmtime_val.of.offset, c.wasmtime_extern.of.offset):
    if _offset != PAYLOAD:
        raise ImportError(f"wasmtime keeps the payload of a core value at {_offset}, not 8")

CORE_KIND: Final[dict[str, int]] = {
    name: getattr(_ffi, f"WASMTIME_{name.upper()}").value for name in ("i32", "i64", "f32", "f64")
}
KIND: Final[dict[str, int]] = {
    name: getattr(_ffi, f"WASMTIME_COMPONENT_{name.upper()}").value
    for name in (
        "bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string",
        "list", "record", "tuple", "variant", "enum", "option", "result", "flags", "resource",
    )
}  # fmt: skip

# The `struct` code of each scalar's payload; a char is its code point.
SCALAR: Final[dict[str, str]] = {
    "bool": "?", "s8": "b", "u8": "B", "s16": "h", "u16": "H", "s32": "i", "u32": "I",
    "s64": "q", "u64": "Q", "f32": "f", "f64": "d", "char": "I",
}  # fmt: skip


def scalar_packer(name: str) -> struct.Struct:
    """Return the packer of a whole scalar value up to its payload's 8 bytes: kind, then payload."""
    return struct.Struct(f"<B7x{SCALAR[name]}{8 - struct.calcsize(SCALAR[name])}x")


def _address(name: str) -> int:
    return ctypes.cast(getattr(_ffi.dll, name), P).value or 0


def leaf(name: str, result: Any, *args: Any) -> Any:
    """Bind a short C function that never calls back: it keeps the GIL, which is a third faster."""
    return ctypes.PYFUNCTYPE(result, *args)(_address(name))


def call(name: str, result: Any, *args: Any) -> Any:
    """Bind a C function that may run for long or call back into Python: it lets the GIL go."""
    return ctypes.CFUNCTYPE(result, *args)(_address(name))


def ready(name: str, result: Any) -> Any:
    """Bind a `leaf` that is given the same `argument`s each time: to make them is half of what it costs."""
    return ctypes.PYFUNCTYPE(result)(_address(name))


argument: Final[Callable[[int], object]] = P.from_param  # of a `ready` function: any pointer or size

# ctypes' own `string_at` is a Python function around this, and its `memmove` lets the GIL go.
string_at: Final[Any] = ctypes.PYFUNCTYPE(ctypes.py_object, P, ctypes.c_ssize_t)(
    ctypes.cast(ctypes.pythonapi.PyBytes_FromStringAndSize, P).value or 0
)
memmove: Final[Any] = ctypes.PYFUNCTYPE(P, P, P, SIZE)(ctypes.cast(ctypes.memmove, P).value or 0)

# All memory of the process, as one buffer: `struct` and slices read and write at an address in a fifth of the
# time that a call of a foreign function takes. As with those, nothing but the address says what is there.
SPACE: Final = memoryview((ctypes.c_char * sys.maxsize).from_address(0)).cast("B")

# The callbacks wasmtime calls. All pointers are plain integers.
CONTINUATION: Final[Any] = ctypes.CFUNCTYPE(ctypes.c_bool, P)
HOST_CALL: Final[Any] = ctypes.CFUNCTYPE(None, P, P, P, P, SIZE, P, SIZE, P, P)
CORE_HOST_CALL: Final[Any] = ctypes.CFUNCTYPE(None, P, P, P, SIZE, P, SIZE, P, P)
# Without its last argument, which says how many there are: each costs, and C lets one take fewer.
CORE_HOST_CALL_AT_ONCE: Final[Any] = ctypes.CFUNCTYPE(SIZE, P, P, P)
DESTRUCTOR: Final[Any] = ctypes.CFUNCTYPE(P, P, P, U32)

# What a call that has ended at once goes on with: a function that says true, which has to be C's own, because
# a callback into Python would cost as much as the call itself. This one compares its argument with `True`.
DONE: Final = struct.pack("<QQQ", ctypes.cast(ctypes.pythonapi.Py_IsTrue, P).value or 0, id(True), 0)

# Configuration that wasmtime-py does not offer.
config_memory_may_move = leaf("wasmtime_config_memory_may_move_set", None, P, ctypes.c_bool)
config_concurrency = leaf("wasmtime_config_concurrency_support_set", None, P, ctypes.c_bool)

# Pooling.
pool_new = leaf("wasmtime_pooling_allocation_config_new", P)
pool_use = leaf("wasmtime_pooling_allocation_strategy_set", None, P, P)
pool_delete = leaf("wasmtime_pooling_allocation_config_delete", None, P)


def pool_setter(name: str, type: Any) -> Any:
    """Bind the function that sets one number of a pool."""
    return leaf(f"wasmtime_pooling_allocation_config_{name}_set", None, P, type)


# Stores, fuel and limits.
store_new = leaf("wasmtime_store_new", P, P, P, P)
store_delete = call("wasmtime_store_delete", None, P)
store_context = leaf("wasmtime_store_context", P, P)
store_limiter = leaf("wasmtime_store_limiter", None, P, *[ctypes.c_int64] * 5)
set_fuel = leaf("wasmtime_context_set_fuel", P, P, U64)
get_fuel = leaf("wasmtime_context_get_fuel", P, P, P)
fuel_yield = leaf("wasmtime_context_fuel_async_yield_interval", P, P, U64)
set_epoch_deadline = leaf("wasmtime_context_set_epoch_deadline", None, P, U64)
# Declared in wasmtime-py as returning an error; it returns nothing.
epoch_yield = leaf("wasmtime_context_epoch_deadline_async_yield_and_update", None, P, U64)
increment_epoch = leaf("wasmtime_engine_increment_epoch", None, P)

# Compiling.
component_new = call("wasmtime_component_new", P, P, ctypes.c_char_p, SIZE, P)
component_serialize = call("wasmtime_component_serialize", P, P, P)
component_deserialize_file = call("wasmtime_component_deserialize_file", P, P, ctypes.c_char_p, P)
component_delete = call("wasmtime_component_delete", None, P)
module_new = call("wasmtime_module_new", P, P, ctypes.c_char_p, SIZE, P)
module_serialize = call("wasmtime_module_serialize", P, P, P)
module_deserialize_file = call("wasmtime_module_deserialize_file", P, P, ctypes.c_char_p, P)
module_delete = call("wasmtime_module_delete", None, P)
component_export_index = leaf("wasmtime_component_get_export_index", P, P, P, ctypes.c_char_p, SIZE)
export_index_delete = leaf("wasmtime_component_export_index_delete", None, P)

# Linking.
linker_new = leaf("wasmtime_component_linker_new", P, P)
linker_delete = call("wasmtime_component_linker_delete", None, P)
linker_root = leaf("wasmtime_component_linker_root", P, P)
linker_instance_delete = leaf("wasmtime_component_linker_instance_delete", None, P)
linker_add_instance = leaf("wasmtime_component_linker_instance_add_instance", P, P, ctypes.c_char_p, SIZE, P)
linker_add_function = leaf(
    "wasmtime_component_linker_instance_add_func_async", P, P, ctypes.c_char_p, SIZE, HOST_CALL, P, P
)
linker_add_resource = leaf(
    "wasmtime_component_linker_instance_add_resource", P, P, ctypes.c_char_p, SIZE, P, DESTRUCTOR, P, P
)
resource_type_host = leaf("wasmtime_component_resource_type_new_host", P, U32)
resource_type_delete = leaf("wasmtime_component_resource_type_delete", None, P)

# Running on a fiber.
instantiate_async = call("wasmtime_component_linker_instantiate_async", P, P, P, P, P, P)
call_async = ready("wasmtime_component_func_call_async", P)
poll = call("wasmtime_call_future_poll", ctypes.c_bool, P)
future_delete = call("wasmtime_call_future_delete", None, P)
future_forget = leaf("wasmtime_call_future_delete", None, P)  # of a call that has ended
get_func = leaf("wasmtime_component_instance_get_func", ctypes.c_bool, P, P, P, P)

# Core modules. Their imports, too, are served by functions that may wait.
core_linker_new = leaf("wasmtime_linker_new", P, P)
core_linker_delete = call("wasmtime_linker_delete", None, P)
core_linker_define = leaf(
    "wasmtime_linker_define_async_func",
    P, P, ctypes.c_char_p, SIZE, ctypes.c_char_p, SIZE, P, CORE_HOST_CALL, P, P,
)  # fmt: skip
core_linker_define_at_once = leaf(
    "wasmtime_linker_define_func_unchecked",
    P, P, ctypes.c_char_p, SIZE, ctypes.c_char_p, SIZE, P, CORE_HOST_CALL_AT_ONCE, P, P,
)  # fmt: skip
core_linker_clone = leaf("wasmtime_linker_clone", P, P)
core_linker_define_extern = leaf(
    "wasmtime_linker_define", P, P, P, ctypes.c_char_p, SIZE, ctypes.c_char_p, SIZE, P
)
core_instantiate = call("wasmtime_linker_instantiate_async", P, P, P, P, P, P, P)
core_call = leaf("wasmtime_func_call_async", P, P, P, P, SIZE, P, SIZE, P, P)
core_export = leaf("wasmtime_instance_export_get", ctypes.c_bool, P, P, ctypes.c_char_p, SIZE, P)
extern_delete = leaf("wasmtime_extern_delete", None, P)
caller_export = leaf("wasmtime_caller_export_get", ctypes.c_bool, P, ctypes.c_char_p, SIZE, P)
memory_data = leaf("wasmtime_memory_data", SIZE, P, P)
memory_size = leaf("wasmtime_memory_data_size", SIZE, P, P)
table_set = leaf("wasmtime_table_set", P, P, P, U64, P)
trap_new = leaf("wasmtime_trap_new", P, ctypes.c_char_p, SIZE)
trap_message = leaf("wasm_trap_message", None, P, P)
trap_delete = leaf("wasm_trap_delete", None, P)

# Resources. A borrow that reached the host is ended by `to_host`.
to_host = leaf("wasmtime_component_resource_any_to_host", P, P, P, P)
any_delete = leaf("wasmtime_component_resource_any_delete", None, P)
any_clone = leaf("wasmtime_component_resource_any_clone", P, P)
host_rep = leaf("wasmtime_component_resource_host_rep", U32, P)
host_delete = leaf("wasmtime_component_resource_host_delete", None, P)
host_new = leaf("wasmtime_component_resource_host_new", P, ctypes.c_bool, U32, U32)
host_to_any = leaf("wasmtime_component_resource_host_to_any", P, P, P, P)

# Values: what is written here is freed by whoever owns the value afterwards.
bytes_new = leaf("wasm_byte_vec_new", None, P, SIZE, ctypes.c_char_p)
bytes_blank = leaf("wasm_byte_vec_new_uninitialized", None, P, SIZE)
bytes_delete = leaf("wasm_byte_vec_delete", None, P)
list_new = leaf("wasmtime_component_vallist_new_uninit", None, P, SIZE)
tuple_new = leaf("wasmtime_component_valtuple_new_uninit", None, P, SIZE)
record_new = leaf("wasmtime_component_valrecord_new_uninit", None, P, SIZE)
flags_new = leaf("wasmtime_component_valflags_new_uninit", None, P, SIZE)
val_new = leaf("wasmtime_component_val_new", P, P)
val_clone = leaf("wasmtime_component_val_clone", None, P, P)
val_delete = leaf("wasmtime_component_val_delete", None, P)

# Errors.
error_new = leaf("wasmtime_error_new", P, ctypes.c_char_p)
error_message = leaf("wasmtime_error_message", None, P, P)
error_delete = leaf("wasmtime_error_delete", None, P)


def take_error(error: int) -> str:
    """Return the message of a wasmtime error, and free it."""
    name = (ctypes.c_size_t * 2)()
    error_message(error, name)
    try:
        text: bytes = string_at(name[1], name[0])
        return text.decode("utf-8", "replace")
    finally:
        bytes_delete(name)
        error_delete(error)


def take_trap(trap: int) -> str:
    """Return the message of a trap, and free it."""
    name = (ctypes.c_size_t * 2)()
    trap_message(trap, name)
    try:
        text: bytes = string_at(name[1], name[0])
        return text.rstrip(b"\0").decode("utf-8", "replace")
    finally:
        bytes_delete(name)
        trap_delete(trap)
