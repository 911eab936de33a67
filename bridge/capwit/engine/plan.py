"""Plans: a function type compiled to the Python that carries one call across.

An import plan is the C callback that a guest's call lands in; an export plan packs a call's
arguments and reads its result. Both are made once, at the first call.
"""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass, field
from types import CoroutineType, FunctionType
from typing import TYPE_CHECKING, Any

from . import abi
from .emit import Source
from .errors import ConversionError, EngineError
from .fault import find_fault
from .lane import Side
from .lift import Lift, read_bytes, read_packed_bytes, read_string_of_string
from .lower import (
    Lower,
    check_length,
    lower_bytes,
    lower_char,
    lower_flags,
    lower_packed_bytes,
    lower_string,
    lower_string_as_string,
    read_pointer,
)
from .mappings import carry
from .types import Err, Function, Ok, Prim, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from .types import Resource

_NAMES: dict[str, object] = {
    "SPACE": abi.SPACE,
    "DONE": abi.DONE,
    "to_host": abi.to_host,
    "take_error": abi.take_error,
    "host_rep": abi.host_rep,
    "host_delete": abi.host_delete,
    "host_new": abi.host_new,
    "host_to_any": abi.host_to_any,
    "any_clone": abi.any_clone,
    "bytes_new": abi.bytes_new,
    "list_new": abi.list_new,
    "tuple_new": abi.tuple_new,
    "val_clone": abi.val_clone,
    "val_new": abi.val_new,
    "val_delete": abi.val_delete,
    "carry": carry,
    "check_length": check_length,
    "lower_bytes": lower_bytes,
    "lower_char": lower_char,
    "lower_flags": lower_flags,
    "lower_packed_bytes": lower_packed_bytes,
    "lower_string": lower_string,
    "lower_string_as_string": lower_string_as_string,
    "read_bytes": read_bytes,
    "read_packed_bytes": read_packed_bytes,
    "read_string_of_string": read_string_of_string,
    "read_pointer": read_pointer,
    "pack_q": struct.Struct("<Q").pack_into,
    "pack_box": struct.Struct("<B7xQ").pack_into,
    "pack_result": struct.Struct("<B7x?7xQ").pack_into,
    "Ok": Ok,
    "Err": Err,
    "Coroutine": CoroutineType,
}


@dataclass(frozen=True, slots=True)
class Raised:
    """The bad end of a host function's result, from the exception it raised."""

    value: Any


_NAMES["Raised"] = Raised
_BLANK = bytes(abi.VAL_SIZE)
MISFITS = (TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError, struct.error)


def _source(title: str, **names: object) -> Source:
    """Return an empty source with the names that plans use.

    `slot` is where wasmtime writes the pointer it hands out. One a plan is enough: nothing happens
    between the C call that fills it and the line that reads it.
    """
    slot = ctypes.c_void_p()
    return Source(title, **_NAMES, slot=slot, slot_at=ctypes.addressof(slot), **names)


@dataclass(frozen=True, slots=True)
class HostFunction:
    """What serves an import.

    `call(store, *arguments)` returns the result, or an awaitable of it. Where the function's type is
    a `result`, it returns the good end and `catch(store, exception)` turns an exception into the
    bad end's value, or raises: then the instance ends.
    """

    label: str
    type: Function
    call: Callable[..., Any]
    catch: Callable[[Any, Exception], Any] | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The callback of one import. It must live as long as any store that can call it."""

    callback: Any
    kept: list[object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """How one export is called; `bind` makes it callable in an instance.

    `start(store, bound, arguments)` raises `ConversionError` where an argument does not fit.
    """

    label: str
    type: Function
    start: Callable[[Any, Any, tuple[Any, ...]], int]
    unpack: Callable[[Any, Any], Any]
    kept: list[object] = field(repr=False)  # what must live as long as the functions do

    def bind(self, func: Any, store: Any) -> BoundExport:
        """Return the call of a function of the instance in a store, given as memory that holds it."""
        return BoundExport(self, func, store)


class BoundExport:
    """An export of one instance, with the frame of its calls: the result, then the arguments."""

    __slots__ = ("_heap", "_kept", "at", "call", "frame", "label", "on_heap", "start", "unpack")

    def __init__(self, plan: ExportPlan, func: Any, store: Any) -> None:
        """Bind a plan to a function."""
        self.label = plan.label
        self.start = plan.start
        self.unpack = plan.unpack
        self.frame: Any = (ctypes.c_char * ((len(plan.type.params) + 1) * abi.VAL_SIZE))()
        self.at = ctypes.addressof(self.frame)
        self._kept = func
        params = (self.at + abi.VAL_SIZE, len(plan.type.params))
        results = (self.at, 0 if plan.type.result is None else 1)
        given = (ctypes.addressof(func), store.context, *params, *results, store.error_at)
        self.call = tuple(map(abi.argument, given))
        values = [plan.type.result, *(param.type for param in plan.type.params)]
        self._heap = [
            self.at + i * abi.VAL_SIZE
            for i, type in enumerate(values)
            if type is not None and not isinstance(type, Prim)
        ]
        self.on_heap = bool(self._heap)

    def free(self, store: Any) -> None:
        """Free what the frame's values hold, and end what the call lent."""
        for at in self._heap:
            abi.val_delete(at)
            abi.SPACE[at : at + abi.VAL_SIZE] = _BLANK
        store.handles.end_call()


def _first_call(
    env: int,
    context: int,
    type_: int,
    args: int,
    nargs: int,
    at: int,
    nresults: int,
    error_at: int,
    next_at: int,
) -> None:
    """What an import's callback does until it has become its plan."""
    try:
        become()  # type: ignore[name-defined]  # noqa: F821 - this code runs with a plan's own names
    except BaseException as error:
        stores[context].fail(error, error_at, next_at)  # type: ignore[name-defined]  # noqa: F821
        return
    callback(env, context, type_, args, nargs, at, nresults, error_at, next_at)  # type: ignore[name-defined]  # noqa: F821


class PlanCompiler:
    """Compiles plans for one component.

    `stores` finds the store of a context; `host_types` numbers the host's resource types.
    """

    def __init__(self, stores: dict[int, Any], host_types: Callable[[Resource], int]) -> None:
        """Compile for one component."""
        self._stores = stores
        self._host_types = host_types

    def compile_import(self, host: HostFunction, *, lane: bool = False) -> ImportPlan:
        """Return the callback that serves calls of an import, maybe on the byte `lane`, with `host`.

        A guest links far more than it calls, so the plan is made at the first call: the function that
        wasmtime knows is given the plan's code then, and costs nothing more afterwards.
        """
        kept: list[object] = []

        def become() -> None:
            made = self._import_functions(host, kept, lane)
            names.update(made)
            function.__code__ = made["callback"].__code__

        names: dict[str, Any] = {"stores": self._stores, "become": become}
        function = FunctionType(_first_call.__code__, names, "callback")
        names["callback"] = function
        return ImportPlan(abi.HOST_CALL(function), kept)

    def _import_functions(self, host: HostFunction, kept: list[object], lane: bool) -> dict[str, Any]:
        source = _source(host.label, stores=self._stores, host=host.call, misfit=misfit)
        lift, lower = Lift(source, lane=lane), Lower(source, self._host_types, lane=lane)
        unpack, targets, values = lift.slots([p.type for p in host.type.params], abi.PAYLOAD)
        result = source.constant("type", host)
        read = [f"{targets}= {unpack}(SPACE, args)"] if host.type.params else []
        arguments = "".join(f", {value}" for value in values)
        caught: list[str] = []
        if isinstance(host.type.result, Result) and host.catch is not None:
            source.names["catch"] = host.catch
            caught = ["except Exception as error:", "    value = Raised(catch(s, error))"]
            finish = self._finish_result(host.type.result, lower)
        else:
            finish = [] if host.type.result is None else [lower.write(host.type.result, "value", "at")]
        source.function(
            "finish",
            "s, value, at",
            [
                "try:",
                *(f"    {line}" for line in finish or ["pass"]),
                "except misfits as error:",
                f"    raise misfit({result}, value, error) from error",
            ],
        )
        source.names["misfits"] = MISFITS
        body = ["s = stores[context]", "if s.marked is None: s.mark()", *_carried(Side.IMPORTS, lane), *read]
        if caught:
            body += ["try:", f"    value = host(s{arguments})", *caught]
        else:
            body += [f"value = host(s{arguments})"]
        source.function(
            "callback",
            "env, context, type_, args, nargs, at, nresults, error_at, next_at",
            [
                "try:",
                *(f"    {line}" for line in body),
                "    if value.__class__ is Coroutine or hasattr(value, '__await__'):",
                "        if s.suspend(value, serve, at, next_at): return",
                "        value, s.value = s.value, None",
                "    finish(s, value, at)",
                "    SPACE[next_at:next_at + 24] = DONE",
                "except BaseException as error:",
                "    s.fail(error, error_at, next_at)",
            ],
        )
        names = source.compile()
        names["serve"] = Served(names["finish"], host.catch if caught else None)
        kept += [*lower.keep(), names]
        return names

    def _finish_result(self, type: Result, lower: Lower) -> list[str]:
        return [
            "if value.__class__ is Raised:",
            *(f"    {line}" for line in lower.result_end(type.err, "value.value", good=False)),
            "else:",
            *(f"    {line}" for line in lower.result_end(type.ok, "value", good=True)),
        ]

    def compile_export(self, label: str, type: Function, *, lane: bool = False) -> ExportPlan:
        """Return how to call an export of this type, maybe on the byte `lane`."""
        source = _source(label, call_async=abi.call_async, misfits=MISFITS)
        lift, lower = Lift(source, lane=lane), Lower(source, self._host_types, lane=lane)
        source.names["fault"] = lambda arguments, error: _argument_fault(label, type, arguments, error)
        source.function(
            "start", "s, bound, arguments", [*_carried(Side.EXPORTS, lane), *self._start(type, lower)]
        )
        if type.result is None:
            source.function("unpack", "s, bound", ["return None"])
        else:
            unpack, targets, (value,) = lift.slots([type.result], abi.PAYLOAD)
            source.function("unpack", "s, bound", [f"{targets}= {unpack}(bound.frame)", f"return {value}"])
        names = source.compile()
        return ExportPlan(label, type, names["start"], names["unpack"], [*lower.keep(), names])

    def _start(self, type: Function, lower: Lower) -> list[str]:
        names = [f"a{i}" for i in range(len(type.params))]
        body = [f"{''.join(f'{name}, ' for name in names)}= arguments"] if names else []
        if not names:
            body = ['if arguments: raise ValueError("takes no arguments")']
        for i, (name, param) in enumerate(zip(names, type.params, strict=True), start=1):
            body.append(lower.write_to_frame(param.type, name, i * abi.VAL_SIZE))
        on_heap = any(not isinstance(param.type, Prim) for param in type.params)
        return [
            "at = bound.at",
            *(["frame = bound.frame"] if names else []),
            *(["s.handles.begin_call()"] if on_heap else []),
            "try:",
            *(f"    {line}" for line in body),
            "except misfits as error:",
            *(["    s.handles.abandon_call()"] if on_heap else []),
            "    raise fault(arguments, error) from error",
            *(["except BaseException:", "    s.handles.abandon_call()", "    raise"] if on_heap else []),
            "return call_async(*bound.call)",
        ]


def _carried(side: Side, lane: bool) -> list[str]:
    return [f"if not s.carried & {side:d}: carry(s, {side:d})"] if lane else []


@dataclass(frozen=True, slots=True)
class Served:
    """How a host function that had to wait is finished."""

    finish: Callable[[Any, Any, int], None]
    catch: Callable[[Any, Exception], Any] | None


def _argument_fault(label: str, type: Function, arguments: tuple[Any, ...], error: Exception) -> EngineError:
    if len(arguments) != len(type.params):
        return ConversionError(f"{label}: takes {len(type.params)} arguments, got {len(arguments)}")
    for param, argument in zip(type.params, arguments, strict=True):
        fault = find_fault(param.type, argument, param.label)
        if fault is not None:
            return ConversionError(f"{label}: {fault}")
    return ConversionError(f"{label}: an argument does not fit its type: {error}")


def misfit(host: HostFunction, value: object, error: Exception) -> EngineError:
    """Return the error of a host function whose result does not fit its type."""
    type = host.type.result
    path = "result"
    if isinstance(type, Result) and host.catch is not None:
        path, type, value = (
            ("error", type.err, value.value) if isinstance(value, Raised) else ("result", type.ok, value)
        )
    fault = None if type is None else find_fault(type, value, path)
    return ConversionError(f"{host.label}: {fault or f'{path} does not fit its type: {error}'}")
