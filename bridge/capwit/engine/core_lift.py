"""Loading: values that a core module passes, from its memory to Python's.

A value is read from an image, bytes in which it lies as in memory. What is passed flat, as numbers, is first
put into such an image; so each type is checked and converted in one place.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from . import types
from .core_lower import core_state_of
from .errors import Limit, LimitExceeded, Trap
from .layout import SCALARS, SIZES, cases_of, discriminant, flag_words, layout, offsets, parts_of
from .types import (
    Borrow,
    Case,
    Enum,
    Flags,
    List,
    Option,
    Own,
    Prim,
    Record,
    Result,
    String,
    Tuple,
    Type,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .memory import GuestMemory
    from .store import Store

_MOST_BYTES: Final = 128 * 1024 * 1024  # of one call, as wasmtime has it for components
# Bytes that each value in a list is counted as, at least: nothing else runs while they are read, and a
# million of them, as many as there may be then, take half a second.
_VALUE: Final = 128
_PAIR: Final = struct.Struct("<II")

Load: TypeAlias = "Callable[[Lifting, bytes | bytearray, int], Any]"
# Takes flat values, eight bytes each, and puts what they are into an image.
Place: TypeAlias = "Callable[[Lifting, Iterator[bytes], bytearray, int], None]"


class Lifting:
    """One call's parameters on their way out of a guest."""

    __slots__ = ("_label", "_left", "_lent", "_memory", "_numbers", "_store")

    def __init__(self, store: Store, memory: GuestMemory, label: str) -> None:
        """Begin a call of the function `label`."""
        self._store = store
        self._memory = memory
        self._numbers = core_state_of(store).numbers
        self._label = label
        self._left = _MOST_BYTES
        self._lent: set[int] = set()

    def broken(self, why: str) -> Trap:
        """Return the end of a guest that breaks the ABI."""
        return Trap(self._label, why)

    def read(self, at: int, size: int, align: int, what: str, cost: int = 0) -> bytes:
        """Return a copy of memory."""
        if at % align:
            raise self.broken(f"the address {at:#x} of {what} is not a multiple of {align}")
        if not self._memory.has(at, size):
            raise self.broken(f"{what} at {at:#x}, of {size} bytes, is not in its memory")
        self._left -= max(size, cost)
        if self._left < 0:
            raise LimitExceeded(
                Limit.ARGUMENTS,
                f"{self._label}: one call carried more than {_MOST_BYTES >> 20} MiB. Mend: pass it in parts",
            )
        return self._memory.read(at, size)

    def own(self, number: int, resource: types.Resource) -> Any:
        """Take a handle that the guest gives away."""
        if number in self._lent:
            raise self.broken(f"it gives handle {number} away that it lends to the same call")
        slot = self._slot(number, resource)
        self._numbers.forget(number)
        return self._store.handles.lift_own(slot, resource)

    def borrow(self, number: int, resource: types.Resource) -> Any:
        """Take a handle that the guest lends."""
        slot = self._slot(number, resource)
        self._lent.add(number)
        return self._store.handles.lift_borrow(slot, resource)

    def _slot(self, number: int, resource: types.Resource) -> int:
        slot = self._numbers.slot(number, resource)
        if slot is None:
            raise self.broken(f"{number} is no handle of `{resource.name}`")
        return slot


def load(type: Type) -> Load:
    """Return what reads a value of a type from an image."""
    match type:
        case Prim("bool"):
            return lambda _, image, at: image[at] != 0
        case Prim("char"):
            return _load_char
        case Prim(name):
            return _number(SCALARS[name].code)
        case String():
            return _load_string
        case List(types.U8):
            return _load_bytes
        case List(element):
            return _load_list(element)
        case Record(fields, make):
            labels = [field.label for field in fields]
            whole = _load_all(parts_of(type))
            if make is None:
                return lambda c, image, at: dict(zip(labels, whole(c, image, at), strict=True))
            return _spread(make, whole)
        case Tuple(items):
            return _load_all(items)
        case Variant(cases):
            return _load_case(type, [_case(case) for case in cases])
        case Enum(labels, make):
            return _load_case(type, [_constant(make(label) if make else label) for label in labels])
        case Option(some):
            inner = load(some)
            return _load_case(type, [_constant(None), _wrap(types.Some, inner) if _nests(some) else inner])
        case Result(ok, err):
            ends = [
                _constant(wrap(None)) if end is None else _wrap(wrap, load(end))
                for wrap, end in ((types.Ok, ok), (types.Err, err))
            ]
            return _load_case(type, ends)
        case Flags(labels):
            return _load_flags(labels)
        case Own(resource):
            handle = _number("I")
            return lambda c, image, at: c.own(handle(c, image, at), resource)
        case Borrow(resource):
            handle = _number("I")
            return lambda c, image, at: c.borrow(handle(c, image, at), resource)
        case _:
            assert_never(type)


def _spread(make: Callable[..., Any], whole: Load) -> Load:
    return lambda c, image, at: make(*whole(c, image, at))


def _nests(type: Type) -> bool:
    return isinstance(type, Option)


def _number(code: str) -> Load:
    unpack = struct.Struct(f"<{code}").unpack_from
    return lambda _, image, at: unpack(image, at)[0]


def _load_char(c: Lifting, image: bytes | bytearray, at: int) -> str:
    point = int.from_bytes(image[at : at + 4], "little")
    if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
        raise c.broken(f"{point:#x} is no char")
    return chr(point)


def _load_string(c: Lifting, image: bytes | bytearray, at: int) -> str:
    start, size = _PAIR.unpack_from(image, at)
    try:
        return c.read(start, size, 1, "a string").decode()
    except UnicodeDecodeError as error:
        raise c.broken(f"a string at {start:#x} is no UTF-8: {error.reason}") from None


def _load_bytes(c: Lifting, image: bytes | bytearray, at: int) -> bytes:
    start, size = _PAIR.unpack_from(image, at)
    return c.read(start, size, 1, "a list")


def _load_list(element: Type) -> Load:
    inner = load(element)
    size, align, _ = layout(element)
    cost = _VALUE * types.breadth(element)

    def load_list(c: Lifting, image: bytes | bytearray, at: int) -> list[Any]:
        start, length = _PAIR.unpack_from(image, at)
        items = c.read(start, length * size, align, "a list", length * cost)
        return [inner(c, items, at) for at in range(0, length * size, size)]

    return load_list


def _load_all(parts: Sequence[Type]) -> Load:
    """Return what reads several values that lie one after the other, as a tuple."""
    loads = [(load(part), offset) for part, offset in zip(parts, offsets(parts), strict=True)]
    return lambda c, image, at: tuple([inner(c, image, at + offset) for inner, offset in loads])


def _load_case(type: Variant | Enum | Option | Result, cases: list[Load]) -> Load:
    code, offset = discriminant(type)
    unpack = struct.Struct(f"<{code}").unpack_from

    def load_case(c: Lifting, image: bytes | bytearray, at: int) -> Any:
        [number] = unpack(image, at)
        if number >= len(cases):
            raise c.broken(f"there is no case {number} of {len(cases)}")
        return cases[number](c, image, at + offset)

    return load_case


def _case(case: Case) -> Load:
    if case.type is None:
        # A case without payload is always the same value.
        return _constant((case.label, None) if case.make is None else case.make())
    inner, make, label = load(case.type), case.make, case.label
    if make is None:
        return lambda c, image, at: (label, inner(c, image, at))
    return _wrap(make, inner)


def _constant(value: Any) -> Load:
    return lambda c, image, at: value


def _wrap(make: Callable[[Any], Any], inner: Load) -> Load:
    return lambda c, image, at: make(inner(c, image, at))


def _load_flags(labels: tuple[str, ...]) -> Load:
    code, words = flag_words(len(labels))
    size = SIZES[code] * words

    def load_flags(c: Lifting, image: bytes | bytearray, at: int) -> frozenset[str]:
        bits = int.from_bytes(image[at : at + size], "little")
        return frozenset(label for i, label in enumerate(labels) if bits >> i & 1)

    return load_flags


def place(type: Type) -> Place:
    """Return what puts a value that is passed flat into an image.

    A flat value is eight bytes, of which its own come first: so a payload that shares its place with wider
    ones is just the first bytes of it.
    """
    match type:
        case Prim("bool"):
            return _place_bool
        case Prim() | Own() | Borrow():
            return _place(layout(type).size)
        case String() | List():
            return _place_pair
        case Record() | Tuple():
            return place_all(parts_of(type))
        case Variant() | Enum() | Option() | Result():
            return _place_case(type)
        case Flags(labels):
            code, words = flag_words(len(labels))
            return place_all([types.U32] * words) if words > 1 else _place(SIZES[code])
        case _:
            assert_never(type)


def place_all(parts: Sequence[Type]) -> Place:
    """Return what puts several flat values into an image, one after the other."""
    places = [(place(part), offset) for part, offset in zip(parts, offsets(parts), strict=True)]

    def place_each(c: Lifting, flat: Iterator[bytes], image: bytearray, at: int) -> None:
        for inner, offset in places:
            inner(c, flat, image, at + offset)

    return place_each


def _place(size: int) -> Place:
    def place_scalar(_: Lifting, flat: Iterator[bytes], image: bytearray, at: int) -> None:
        image[at : at + size] = next(flat)[:size]

    return place_scalar


def _place_bool(_: Lifting, flat: Iterator[bytes], image: bytearray, at: int) -> None:
    image[at] = any(next(flat)[:4])


def _place_pair(_: Lifting, flat: Iterator[bytes], image: bytearray, at: int) -> None:
    image[at : at + 4] = next(flat)[:4]
    image[at + 4 : at + 8] = next(flat)[:4]


def _place_case(type: Variant | Enum | Option | Result) -> Place:
    code, offset = discriminant(type)
    cases = [None if case is None else place(case) for case in cases_of(type)]
    pack = struct.Struct(f"<{code}").pack_into
    payload = len(layout(type).flat) - 1

    def place_case(c: Lifting, flat: Iterator[bytes], image: bytearray, at: int) -> None:
        number = int.from_bytes(next(flat)[:4], "little")
        if number >= len(cases):
            raise c.broken(f"there is no case {number} of {len(cases)}")
        pack(image, at, number)
        words = [next(flat) for _ in range(payload)]
        chosen = cases[number]
        if chosen is not None:
            chosen(c, iter(words), image, at + offset)

    return place_case
