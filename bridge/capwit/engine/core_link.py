"""A core module linked to what serves its imports, its instances, and their memory."""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass, replace
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
    from .limits import StoreLimits
    from .runtime import Runtime
    from .shim import Shim
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


def _import(host: CoreHostFunction, *, finds_memory: bool) -> Any:
    """Return the callback of an import that may have to wait.

    With `finds_memory`, it is called by the guest itself, whose memory its caller's is.
    """
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
            if s.marked is None:
                s.mark()
            if finds_memory and not s.memory.found:
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
                value, s.value = s.value, None
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
            if s.marked is None:
                s.mark()
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


class Linker:
    """What serves the imports of a module, by their two names."""

    def __init__(self, pointer: int, name: str, kept: list[object]) -> None:
        """Own wasmtime's linker; `name` is the module's, `kept` what the linker's definitions need."""
        self.name = name
        self._pointer = pointer
        self._kept = kept
        self._delete = abi.core_linker_delete

    @classmethod
    def new(cls, runtime: Runtime, name: str) -> Linker:
        """Return an empty one."""
        return cls(abi.core_linker_new(runtime.engine), name, [])

    def __del__(self) -> None:
        """Let the linker go, and with it the callbacks: an instance keeps it."""
        self._delete(self._pointer)

    def clone(self) -> Linker:
        """Return another one, which begins with what is defined in this one."""
        return Linker(abi.core_linker_clone(self._pointer), self.name, self._kept)

    def define(
        self,
        module: str,
        label: str,
        host: CoreHostFunction,
        *,
        at_once: bool = False,
        finds_memory: bool = True,
    ) -> None:
        """Serve an import by a function of the host, which `at_once` says never to wait.

        With `finds_memory`, it is called by the guest itself: its memory is its caller's.

        Raises:
            LinkError: wasmtime refuses it.
        """
        define, callback = (
            (abi.core_linker_define_at_once, _import_at_once(host))
            if at_once
            else (abi.core_linker_define, _import(host, finds_memory=finds_memory))
        )
        self._kept.append(callback)
        first, second = module.encode(), label.encode()
        type = wasmtime.FuncType(
            [_VALUE_TYPES[each]() for each in host.type.params],
            [_VALUE_TYPES[each]() for each in host.type.results],
        )
        self._check(
            define(
                self._pointer, first, len(first), second, len(second),
                ctypes.cast(type.ptr(), abi.P), callback, None, None,
            ),
            module,
            label,
        )  # fmt: skip

    def define_extern(self, store: Store, module: str, label: str, extern: Any) -> None:
        """Serve an import by what an instance in a store exports.

        Raises:
            LinkError: wasmtime refuses it.
        """
        first, second, at = module.encode(), label.encode(), ctypes.addressof(extern)
        self._check(
            abi.core_linker_define_extern(
                self._pointer, store.context, first, len(first), second, len(second), at
            ),
            module,
            label,
        )

    def _check(self, error: int | None, module: str, label: str) -> None:
        if error:
            raise LinkError(f"{self.name}: cannot define {module}.{label}: {abi.take_error(error)}")

    async def instantiate(self, store: Store, compiled: Compiled) -> Any:
        """Instantiate a module; returns the raw instance. Its start function runs."""
        assert compiled.is_module
        return await store.call(_Instantiation(self._pointer, compiled.pointer, self.name), ())


class LinkedModule:
    """A core module whose every import is served. Instances that wait for the same share the callbacks."""

    def __init__(
        self,
        runtime: Runtime,
        compiled: Compiled,
        functions: Mapping[tuple[str, str], CoreHostFunction],
        name: str,
        shim: Shim | None = None,
    ) -> None:
        """Link `compiled` to host functions, by the two names of each import; a `shim` serves others.

        Raises:
            LinkError: the linker refuses a definition.
        """
        self.name = name
        self._runtime = runtime
        self._compiled = compiled
        self._functions = functions
        self._linkers: dict[frozenset[tuple[str, str]], Linker] = {}
        self._shim = shim

    def limits(self, limits: StoreLimits) -> StoreLimits:
        """Return the limits of a store for which these are the guest's: a shim is not the guest's."""
        if self._shim is None:
            return limits
        return replace(limits, tables=limits.tables + 1, instances=limits.instances + 1)

    async def instantiate(self, store: Store) -> CoreInstance:
        """Instantiate the module in an empty store; its start function runs."""
        linker = self._linker_for(store)
        if self._shim is None:
            return CoreInstance(self, store, await linker.instantiate(store, self._compiled))
        own, connect = await self._shim.stand_before(store, linker)
        raw = await own.instantiate(store, self._compiled)
        connect(raw)
        return CoreInstance(self, store, raw)

    def _linker_for(self, store: Store) -> Linker:
        at_once = frozenset(name for name, host in self._functions.items() if host.at_once(store))
        linker = self._linkers.get(at_once)
        if linker is None:
            linker = self._linkers[at_once] = Linker.new(self._runtime, self.name)
            for (module, label), host in self._functions.items():
                linker.define(module, label, host, at_once=(module, label) in at_once)
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


def export_of(store: Store, raw: Any, name: str) -> Any:
    """Return what a raw instance exports by a name, as wasmtime has it, or None."""
    extern, text = (ctypes.c_char * abi.EXTERN_SIZE)(), name.encode()
    found = abi.core_export(store.context, ctypes.addressof(raw), text, len(text), ctypes.addressof(extern))
    return extern if found else None


def payload(extern: Any, size: int) -> bytes:
    """Return wasmtime's handle of what is exported."""
    handle: bytes = extern.raw[abi.PAYLOAD : abi.PAYLOAD + size]
    return handle


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
        extern: Any = None
        if self.store.ended is None:  # else the call itself says why it is refused
            extern = export_of(self.store, self._raw, name)
            if extern is None:
                raise LinkError(f"{self.linked.name}: exports no {name}")
        func = payload(extern, abi.CORE_FUNC_SIZE) if extern else bytes(abi.CORE_FUNC_SIZE)
        export = _Export(name, type, func)
        self._exports[name] = export
        return export
