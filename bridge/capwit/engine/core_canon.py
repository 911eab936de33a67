"""Functions of WIT as a core module imports them: lowered by the canonical ABI."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, assert_never

from .core import CoreFunction, ValueType
from .core_lift import Lifting, load, place_all
from .core_link import CoreHostFunction
from .core_lower import Lowering, core_state_of, put
from .errors import InstanceEnded, Trap
from .layout import (
    MOST_FLAT_PARAMS,
    MOST_FLAT_RESULTS,
    SCALARS,
    Scalar,
    allocates,
    discriminant,
    flag_words,
    flat_params,
    flat_result,
    layout,
    lowered,
    offsets,
    parts_of,
)
from .plan import MISFITS, Raised, misfit
from .types import (
    Borrow,
    Enum,
    Err,
    Flags,
    List,
    Ok,
    Option,
    Own,
    Prim,
    Record,
    Resource,
    Result,
    String,
    Tuple,
    Type,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .memory import GuestMemory
    from .plan import HostFunction
    from .store import Store

# A core value as eight bytes, its own first.
_WORD: Final = {ValueType.I32: "I4x", ValueType.I64: "Q", ValueType.F32: "f4x", ValueType.F64: "d"}
_MASK: Final = {ValueType.I32: 2**32 - 1, ValueType.I64: 2**64 - 1}


@dataclass(frozen=True, slots=True)
class LoweredFunction:
    """A function of WIT as core modules import it.

    Attributes:
        type: of the import.
        served: what serves it. Where it `allocates`, that returns what memory the guest has to find first
            (`Lowering.request`), and `go_on` takes it.
    """

    type: CoreFunction
    served: CoreHostFunction
    allocates: bool


def lower_function(host: HostFunction) -> LoweredFunction:
    """Return how a core module calls what serves an import."""
    type, asks = lowered(host.type), allocates(host.type.result)
    served_as = CoreFunction(type.params, (ValueType.I64,)) if asks else type
    call = _Call(host, asks=asks).begin
    return LoweredFunction(type, CoreHostFunction(host.label, served_as, call), asks)


def drop_function(label: str, resource: Resource) -> LoweredFunction:
    """Return what serves `[resource-drop]`."""

    def drop(store: Store, number: int) -> None:
        numbers = core_state_of(store).numbers
        slot = numbers.slot(number, resource)
        if slot is None:
            raise Trap(label, f"{number} is no handle of `{resource.name}`")
        numbers.forget(number)
        store.handles.dropped(slot)

    type = CoreFunction((ValueType.I32,), ())
    return LoweredFunction(type, CoreHostFunction(label, type, drop, at_once=lambda _: True), allocates=False)


def go_on(store: Store, at: int) -> int:
    """Take memory that a guest has found for the result of its call; returns what it has to find next."""
    crossing = core_state_of(store)
    lowering = crossing.lowering
    assert lowering is not None
    lowering.take(at)
    request = lowering.request()
    if not request:
        crossing.lowering = None
    return request


class _Call:
    """What a call of one function does."""

    def __init__(self, host: HostFunction, *, asks: bool) -> None:
        self._host = host
        self._label = host.label
        types = tuple(param.type for param in host.type.params)
        flat, result = flat_params(host.type), host.type.result
        self._params = layout(Tuple(types))
        self._loads = [(load(type), offset) for type, offset in zip(types, offsets(types), strict=True)]
        self._place = None if len(flat) > MOST_FLAT_PARAMS else place_all(types)
        self._pack = struct.Struct("<" + "".join(map(_WORD.__getitem__, flat))).pack
        # Where the bad end is served by `catch`, the good one is what the call returns.
        self._catch = host.catch if isinstance(result, Result) else None
        self._asks = asks
        self._put = None if result is None else put(result)
        self._result = layout(Tuple(() if result is None else (result,)))
        self._number: Callable[[bytearray], Any] | None = None
        self._in_memory = len(flat_result(host.type)) > MOST_FLAT_RESULTS
        if result is not None and not self._in_memory:
            self._number = _number(result)

    def begin(self, store: Store, *numbers: Any) -> Any:
        """Carry a call out of a guest; returns what its import does, or an awaitable of it."""
        memory, crossing = store.memory, core_state_of(store)
        if self._asks and not crossing.connected:
            raise Trap(self._label, "it is called before the module has been instantiated")
        if crossing.lowering is not None:
            raise Trap(self._label, "it is called while the guest finds memory for another result")
        at = 0
        if self._in_memory:
            *numbers, at = numbers  # type: ignore[assignment]
            self._check(memory, at)
        try:
            value = self._host.call(store, *self._arguments(store, memory, numbers))
        except InstanceEnded:
            raise
        except Exception as error:
            if self._catch is None:
                raise
            value = Raised(self._catch(store, error))
        return self._later(store, value, at) if hasattr(value, "__await__") else self._end(store, value, at)

    def _check(self, memory: GuestMemory, at: int) -> None:
        size, align, _ = self._result
        if at % align or not memory.has(at, size):
            raise Trap(
                self._label,
                f"its result, {size} bytes aligned to {align}, cannot be written at {at:#x} of its memory",
            )

    def _arguments(self, store: Store, memory: GuestMemory, numbers: tuple[Any, ...]) -> list[Any]:
        lifting = Lifting(store, memory, self._label)
        size, align, _ = self._params
        image: bytes | bytearray
        if self._place is None:
            image = lifting.read(numbers[0], size, align, "its parameters")
        else:
            packed, image = self._pack(*numbers), bytearray(size)
            words = (packed[at : at + 8] for at in range(0, len(packed), 8))
            self._place(lifting, words, image, 0)
        return [read(lifting, image, offset) for read, offset in self._loads]

    async def _later(self, store: Store, answer: Awaitable[Any], at: int) -> Any:
        try:
            value = await answer
        except Exception as error:
            if self._catch is None:
                raise
            value = Raised(self._catch(store, error))
        return self._end(store, value, at)

    def _end(self, store: Store, value: Any, at: int) -> Any:
        if self._put is None:
            return None
        lowering = Lowering(store, self._label, self._result.size)
        whole = value
        if self._catch is not None:
            whole = Err(value.value) if value.__class__ is Raised else Ok(value)
        try:
            self._put(lowering, whole, lowering.image, 0)
        except MISFITS as error:
            raise misfit(self._host, value, error) from error
        if self._number is not None:
            return self._number(lowering.image)
        request = lowering.begin(at)
        if request:
            core_state_of(store).lowering = lowering
        return request if self._asks else None


def _number(type: Type) -> Callable[[bytearray], Any]:
    """Return what reads the one core value that a result is from its image."""
    code, core = _scalar(type)
    unpack, mask = struct.Struct(f"<{code}").unpack_from, _MASK.get(core)
    if mask is None:
        return lambda image: unpack(image)[0]
    return lambda image: unpack(image)[0] & mask


def _scalar(type: Type) -> Scalar:
    match type:
        case Prim(name):
            return SCALARS[name]
        case Own() | Borrow():
            return Scalar("I", ValueType.I32)
        case Variant() | Enum() | Option() | Result():
            return Scalar(discriminant(type)[0], ValueType.I32)
        case Flags(labels):
            return Scalar(flag_words(len(labels))[0], ValueType.I32)
        case Record() | Tuple():
            return next(_scalar(part) for part in parts_of(type) if layout(part).flat)
        case String() | List():
            raise AssertionError(f"{type} is two core values")
        case _:
            assert_never(type)
