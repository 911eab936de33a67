"""A core module linked to what serves its imports, its instances, and their memory."""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from . import abi
from .core import CoreFunction, ValueType
from .errors import ConversionError, LinkError
from .plan import MISFITS, Raised, Served
from .polls import thread
from .steps import at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from .compiler import Compiled
    from .runtime import Runtime
    from .store import Store

_VALUE_TYPES: Final = {
    ValueType.I32: wasmtime.ValType.i32,
    ValueType.I64: wasmtime.ValType.i64,
    ValueType.F32: wasmtime.ValType.f32,
    ValueType.F64: wasmtime.ValType.f64,
}
# What a value's payload is, unsigned: which is how every ABI on core wasm reads its numbers.
_CODES: Final = {ValueType.I32: "I4x", ValueType.I64: "Q", ValueType.F32: "f4x", ValueType.F64: "d"}


@dataclass(frozen=True, slots=True)
class CoreHostFunction:
    """What serves an import of a core module.

    `call(store, *arguments)` returns its result (None where it has none), or an awaitable of it; integers are
    unsigned. `catch(store, exception)` turns an exception into the result, or raises: then the instance ends.

    Attributes:
        at_once: says whether, for the guest in a store, it never has to wait: it is called more directly.
        of_guest: whether `call` is given what the host keeps for the guest (`Store.guest`), not the store.
    """

    label: str
    type: CoreFunction
    call: Callable[..., Any]
    catch: Callable[[Any, Exception], Any] | None = None
    at_once: Callable[[Store], bool] = lambda _: False
    of_guest: bool = False


def _packer(types: tuple[ValueType, ...]) -> struct.Struct:
    """Return what reads and writes the payloads of values."""
    return struct.Struct("<" + "".join(f"8x{_CODES[type]}16x" for type in types))


def _raw_packer(types: tuple[ValueType, ...]) -> struct.Struct:
    """Return what reads and writes values without their kinds."""
    return struct.Struct("<" + "8x".join(_CODES[type] for type in types))


def _misfit(host: CoreHostFunction, error: Exception) -> ConversionError:
    return ConversionError(f"{host.label}: the result does not fit {host.type}: {error}")


def _import(host: CoreHostFunction) -> Any:
    """Return the callback of an import that may have to wait."""
    unpack = _packer(host.type.params).unpack_from
    pack = struct.Struct(f"<B7x{_CODES[host.type.results[0]]}").pack_into if host.type.results else None
    kind = abi.CORE_KIND[host.type.results[0].value] if host.type.results else 0
    call, catch, of_guest = host.call, host.catch, host.of_guest
    space, done = abi.SPACE, abi.DONE

    def finish(store: Store, value: Any, at: int) -> None:
        if value.__class__ is Raised:
            value = value.value
        if pack is None:
            return
        try:
            pack(space, at, kind, value)
        except MISFITS as error:
            raise _misfit(host, error) from error

    serve = Served(finish, catch)

    def callback(
        env: int, caller: int, args: int, nargs: int, at: int, nresults: int, trap_at: int, next_at: int
    ) -> None:
        try:
            s: Any = thread.polls.running
            if not s.memory.found:
                s.memory.find(caller)
            try:
                value = call(s.guest if of_guest else s, *unpack(space, args))
            except Exception as error:
                if catch is None:
                    raise
                value = catch(s, error)
            if not isinstance(value, int) and hasattr(value, "__await__"):
                if s.suspend(value, serve, at, next_at):
                    return
                value = s.value
            finish(s, value, at)
            space[next_at : next_at + 24] = done
        except BaseException as error:
            s.fail_core(error, trap_at, next_at)

    return abi.CORE_HOST_CALL(callback)


def _import_at_once(host: CoreHostFunction) -> Any:
    """Return the callback of an import that never waits: its arguments, and in their place its result."""
    unpack = _raw_packer(host.type.params).unpack_from
    pack = _raw_packer(host.type.results).pack_into if host.type.results else None
    call, catch, of_guest, space = host.call, host.catch, host.of_guest, abi.SPACE

    def callback(env: int, caller: int, at: int) -> int:
        try:
            s: Any = thread.polls.running
            if not s.memory.found:
                s.memory.find(caller)
            try:
                value = call(s.guest if of_guest else s, *unpack(space, at))
                if not isinstance(value, int) and hasattr(value, "__await__"):
                    value = at_once(value, host.label)
            except Exception as error:
                if catch is None:
                    raise
                value = catch(s, error)
            if pack is not None:
                try:
                    pack(space, at, value)
                except MISFITS as error:
                    raise _misfit(host, error) from error
        except BaseException as error:
            trap: int = s.trap_core(error)
            return trap
        return 0

    return abi.CORE_HOST_CALL_AT_ONCE(callback)


class _Linker:
    """What serves a module's imports: `at_once` those that never wait, for the instances it is for."""

    def __init__(
        self,
        runtime: Runtime,
        functions: Mapping[tuple[str, str], CoreHostFunction],
        at_once: frozenset[tuple[str, str]],
        name: str,
    ) -> None:
        """Define the functions, by the two names of each import.

        Raises:
            LinkError: wasmtime refuses a definition.
        """
        self._kept: list[object] = []
        self._delete = abi.core_linker_delete
        self.pointer: int = abi.core_linker_new(runtime.engine)
        for (module, label), host in functions.items():
            define, callback = (
                (abi.core_linker_define_at_once, _import_at_once(host))
                if (module, label) in at_once
                else (abi.core_linker_define, _import(host))
            )
            self._kept.append(callback)
            first, second = module.encode(), label.encode()
            type = wasmtime.FuncType(
                [_VALUE_TYPES[each]() for each in host.type.params],
                [_VALUE_TYPES[each]() for each in host.type.results],
            )
            error = define(
                self.pointer, first, len(first), second, len(second),
                ctypes.cast(type.ptr(), abi.P), callback, None, None,
            )  # fmt: skip
            if error:
                raise LinkError(f"{name}: cannot define {module}.{label}: {abi.take_error(error)}")

    def __del__(self) -> None:
        """Let the linker go. Whoever has called by it keeps it, and with it the callbacks."""
        self._delete(self.pointer)


class LinkedModule:
    """A core module whose every import is served. Instances that wait for the same share the callbacks."""

    def __init__(
        self,
        runtime: Runtime,
        compiled: Compiled,
        functions: Mapping[tuple[str, str], CoreHostFunction],
        name: str,
    ) -> None:
        """Link `compiled` to host functions, by the two names of each import.

        Raises:
            LinkError: the linker refuses a definition.
        """
        assert compiled.is_module
        self.name = name
        self._runtime = runtime
        self._compiled = compiled
        self._functions = functions
        self._linkers: dict[frozenset[tuple[str, str]], _Linker] = {}

    async def instantiate(self, store: Store) -> CoreInstance:
        """Instantiate the module in an empty store; its start function runs."""
        plan = _Instantiation(self._linker_for(store).pointer, self._compiled.pointer, self.name)
        return CoreInstance(self, store, await store.call(plan, ()))

    def _linker_for(self, store: Store) -> _Linker:
        at_once = frozenset(name for name, host in self._functions.items() if host.at_once(store))
        linker = self._linkers.get(at_once)
        if linker is None:
            linker = _Linker(self._runtime, self._functions, at_once, self.name)
            self._linkers[at_once] = linker
        return linker


class _Instantiation:
    """The first call in a store: its result is the raw instance."""

    on_heap = False

    def __init__(self, linker: int, module: int, label: str) -> None:
        self.label = label
        self.frame: Any = (ctypes.c_char * abi.CORE_INSTANCE_SIZE)()
        self._linker = linker
        self._module = module

    def start(self, store: Store, _: object, arguments: tuple[Any, ...]) -> int:
        at = ctypes.addressof(self.frame)
        future: int = abi.core_instantiate(
            self._linker, store.context, self._module, at, store.trap_at, store.error_at
        )
        return future

    def unpack(self, store: Store, _: object) -> Any:
        return self.frame

    def free(self, store: Store) -> None:
        """The raw instance holds nothing of its own."""


class _Export:
    """A function of one instance: its frame has the results, then the arguments."""

    on_heap = False

    def __init__(self, label: str, type: CoreFunction, func: bytes) -> None:
        self.label = label
        self.type = type
        self._func = ctypes.create_string_buffer(func, len(func))
        self.frame: Any = (ctypes.c_char * ((len(type.results) + len(type.params)) * abi.VAL_SIZE))()
        self._results = _packer(type.results)

    def start(self, store: Store, _: object, arguments: tuple[Any, ...]) -> int:
        params, at = self.type.params, ctypes.addressof(self.frame)
        first = len(self.type.results) * abi.VAL_SIZE
        if len(arguments) != len(params):
            raise ConversionError(f"{self.label}: takes {len(params)} arguments, got {len(arguments)}")
        for number, (type, argument) in enumerate(zip(params, arguments, strict=True)):
            try:
                value = struct.pack(f"<B7x{_CODES[type]}", abi.CORE_KIND[type.value], argument)
            except struct.error as error:
                raise ConversionError(f"{self.label}: argument {number + 1}: {type.value}: {error}") from None
            self.frame[first + number * abi.VAL_SIZE : first + number * abi.VAL_SIZE + len(value)] = value
        future: int = abi.core_call(
            store.context, ctypes.addressof(self._func), at + first, len(params),
            at, len(self.type.results), store.trap_at, store.error_at,
        )  # fmt: skip
        return future

    def unpack(self, store: Store, _: object) -> Any:
        values = self._results.unpack(self.frame.raw[: self._results.size])
        return values if len(values) > 1 else values[0] if values else None

    def free(self, store: Store) -> None:
        """The values are numbers."""


class CoreInstance:
    """An instance of a core module in its store: calls its exports."""

    def __init__(self, linked: LinkedModule, store: Store, raw: Any) -> None:
        """Own the raw instance."""
        self.linked = linked
        self.store = store
        self._raw = raw
        self._exports: dict[str, _Export] = {}

    def call(self, name: str, type: CoreFunction, *arguments: Any) -> Coroutine[Any, Any, Any]:
        """Call an exported function of a known type. Await its result: integers are unsigned."""
        return self.store.call(self._exports.get(name) or self._bind(name, type), arguments)

    def _bind(self, name: str, type: CoreFunction) -> _Export:
        extern = (ctypes.c_char * abi.EXTERN_SIZE)()
        if self.store.ended is None:  # else the call itself says why it is refused
            text = name.encode()
            raw, at = ctypes.addressof(self._raw), ctypes.addressof(extern)
            if not abi.core_export(self.store.context, raw, text, len(text), at):
                raise LinkError(f"{self.linked.name}: exports no {name}")
        export = _Export(name, type, extern.raw[abi.PAYLOAD : abi.PAYLOAD + abi.CORE_FUNC_SIZE])
        self._exports[name] = export
        return export
