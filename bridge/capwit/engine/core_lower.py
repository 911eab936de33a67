"""Lowering into a core module's memory: a value as the canonical ABI lays it out.

Only the guest hands out its memory, so a value is first laid out here: the image of the value itself, and a
block for each string and list, for which the guest is asked one by one. Then all is written.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from . import types
from .errors import Trap
from .layout import SCALARS, SIZES, discriminant, flag_words, layout, offsets
from .lower import check_length
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
    from collections.abc import Callable

    from .handles import Numbers
    from .memory import GuestMemory
    from .store import Store

_MOST_TEXT = 2**31 - 1  # bytes of a string

# Writes a value into an image, which is zero where it goes.
Put: TypeAlias = "Callable[[Lowering, Any, bytearray, int], None]"

_pack_pair = struct.Struct("<II").pack_into
_pack_u32 = struct.Struct("<I").pack_into


@dataclass(slots=True)
class CoreState:
    """What a core instance keeps for the functions of WIT that it imports.

    Attributes:
        numbers: how it knows its handles.
        lowering: the result that it finds memory for, while it does.
        linker: what it was instantiated with, where that is its own.
        connected: whether it can be asked for memory.
    """

    numbers: Numbers
    lowering: Lowering | None = None
    linker: object = None
    connected: bool = False


def core_state_of(store: Store) -> CoreState:
    """Return what a core instance keeps for functions of WIT."""
    assert store.core is not None
    return store.core


class _Block:
    """What is to lie in memory of its own; its address goes into `holder`."""

    __slots__ = ("align", "at", "data", "holder", "holder_at")

    def __init__(self, data: bytes | bytearray, align: int, holder: bytearray, holder_at: int) -> None:
        self.data = data
        self.align = align
        self.holder = holder
        self.holder_at = holder_at
        self.at = 0


class Lowering:
    """One call's result on its way into a guest."""

    __slots__ = ("_asked", "_at", "_blocks", "_label", "image", "store")

    def __init__(self, store: Store, label: str, size: int) -> None:
        """Begin with the empty image of a result, of this size, of the function `label`."""
        self.store = store
        self._label = label
        self.image = bytearray(size)
        self._at = 0
        self._blocks: list[_Block] = []
        self._asked = 0

    def block(self, data: bytes | bytearray, align: int, length: int, image: bytearray, at: int) -> None:
        """Lay out a string or list: its address and its length go into an image."""
        _pack_pair(image, at, 0, length)
        self._blocks.append(_Block(data, align, image, at))

    def begin(self, at: int) -> int:
        """Write the result at an address, or begin to; returns what memory is needed first, see `request`."""
        self._at = at
        return self.request()

    def request(self) -> int:
        """Return how much memory the guest is to find next: the size, and above its 32 bits the alignment.

        0 says that all is there, and written.
        """
        if self._asked < len(self._blocks):
            block = self._blocks[self._asked]
            return block.align << 32 | len(block.data)
        memory = self._memory
        for block in self._blocks:
            memory.write(block.at, bytes(block.data))
        memory.write(self._at, bytes(self.image))
        return 0

    def take(self, at: int) -> None:
        """Take memory that the guest has found.

        Raises:
            Trap: it is none.
        """
        block = self._blocks[self._asked]
        if at % block.align or not self._memory.has(at, len(block.data)):
            raise Trap(
                self._label,
                f"its cabi_realloc returned {at:#x}, which is not an address of {len(block.data)} bytes "
                f"aligned to {block.align}",
            )
        block.at = at
        _pack_u32(block.holder, block.holder_at, at)
        self._asked += 1

    @property
    def _memory(self) -> GuestMemory:
        return self.store.memory


def put(type: Type) -> Put:
    """Return what writes a value of a type into an image; what does not fit raises one of `MISFITS`."""
    match type:
        case Prim("char"):
            return _put_char
        case Prim("bool"):
            return _put_bool
        case Prim(name):
            return _put_number(SCALARS[name].code)
        case String():
            return _put_string
        case List(types.U8):
            return _put_bytes
        case List(element):
            return _put_list(element)
        case Record(fields, make, spread=spread):
            return _put_record(fields, attributes=make is not None, spread=spread)
        case Tuple(items):
            return _put_tuple(items)
        case Variant(cases):
            return _put_variant(type, cases)
        case Enum(labels, make):
            numbers = {make(label) if make else label: i for i, label in enumerate(labels)}
            number = _put_number(discriminant(type)[0])
            return lambda c, value, image, at: number(c, numbers[value], image, at)
        case Option(some):
            return _put_option(type, some)
        case Result(ok, err):
            return _put_result(type, ok, err)
        case Flags(labels):
            return _put_flags(labels)
        case Own(resource):
            return _put_own(resource)
        case Borrow():
            raise AssertionError("no result is a borrow")
        case _:
            assert_never(type)


def _put_number(code: str) -> Put:
    pack = struct.Struct(f"<{code}").pack_into
    return lambda c, value, image, at: pack(image, at, value)


def _put_bool(_: Lowering, value: Any, image: bytearray, at: int) -> None:
    if value is not True and value is not False:
        raise TypeError("not a bool")
    image[at] = value


def _put_char(_: Lowering, value: Any, image: bytearray, at: int) -> None:
    point = ord(value)
    if 0xD800 <= point <= 0xDFFF:
        raise ValueError("not a char")
    _pack_u32(image, at, point)


def _put_string(c: Lowering, value: Any, image: bytearray, at: int) -> None:
    if not isinstance(value, str):
        raise TypeError("not a str")
    data = value.encode()
    if len(data) > _MOST_TEXT:
        raise ValueError("the text is longer than any string")
    c.block(data, 1, len(data), image, at)


def _put_bytes(c: Lowering, value: Any, image: bytearray, at: int) -> None:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("not bytes")
    data = bytes(value)
    check_length(len(data))
    c.block(data, 1, len(data), image, at)


def _put_list(element: Type) -> Put:
    inner = put(element)
    size, align, _ = layout(element)

    def put_list(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        if isinstance(value, (str, bytes)):
            raise TypeError("not a list")
        items = tuple(value)
        check_length(len(items))
        data = bytearray(len(items) * size)
        c.block(data, align, len(items), image, at)
        for number, item in enumerate(items):
            inner(c, item, data, number * size)

    return put_list


def _put_record(
    fields: tuple[types.Field, ...], *, attributes: bool, spread: Callable[[Any], Any] | None
) -> Put:
    where = offsets([field.type for field in fields])
    puts = [
        (put(field.type), field.attribute if attributes else field.label, offset)
        for field, offset in zip(fields, where, strict=True)
    ]
    read = getattr if attributes else dict.__getitem__

    def put_record(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        if spread is not None:
            value = spread(value)
        for inner, name, offset in puts:
            inner(c, read(value, name), image, at + offset)

    return put_record


def _put_tuple(items: tuple[Type, ...]) -> Put:
    puts = [(put(item), offset) for item, offset in zip(items, offsets(items), strict=True)]

    def put_tuple(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        if len(value) != len(puts):
            raise ValueError(f"not {len(puts)} items")
        for (inner, offset), item in zip(puts, value, strict=True):
            inner(c, item, image, at + offset)

    return put_tuple


def _put_case(type: Variant | Option | Result, number: int, payload: Type | None) -> Put:
    """Return what writes one case of several: its number, and its payload behind it."""
    code, offset = discriminant(type)
    pack = struct.Struct(f"<{code}").pack_into
    inner = None if payload is None else put(payload)

    def put_case(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        pack(image, at, number)
        if inner is not None:
            inner(c, value, image, at + offset)
        elif value is not None:
            raise TypeError("a case without payload")

    return put_case


def _put_variant(type: Variant, cases: tuple[Case, ...]) -> Put:
    arms = [_put_case(type, number, case.type) for number, case in enumerate(cases)]
    if cases[0].make is None:
        by_label = {case.label: arm for case, arm in zip(cases, arms, strict=True)}

        def put_pair(c: Lowering, value: Any, image: bytearray, at: int) -> None:
            label, payload = value
            by_label[label](c, payload, image, at)

        return put_pair
    by_class = {case.make: (arm, case.type is not None) for case, arm in zip(cases, arms, strict=True)}

    def put_variant(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        arm, full = by_class[value.__class__]
        arm(c, value.value if full else None, image, at)

    return put_variant


def _put_option(type: Option, some: Type) -> Put:
    full, nests = _put_case(type, 1, some), isinstance(some, Option)

    def put_option(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        if value is not None:
            full(c, value.value if nests else value, image, at)

    return put_option


def _put_result(type: Result, ok: Type | None, err: Type | None) -> Put:
    ends = {types.Ok: _put_case(type, 0, ok), types.Err: _put_case(type, 1, err)}

    def put_result(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        ends[value.__class__](c, value.value, image, at)

    return put_result


def _put_flags(labels: tuple[str, ...]) -> Put:
    code, words = flag_words(len(labels))
    size = SIZES[code] * words
    bits = {label: 1 << i for i, label in enumerate(labels)}

    def put_flags(_: Lowering, value: Any, image: bytearray, at: int) -> None:
        if isinstance(value, str):
            raise TypeError("not a set")
        image[at : at + size] = sum(bits[label] for label in frozenset(value)).to_bytes(size, "little")

    return put_flags


def _put_own(resource: types.Resource) -> Put:
    def put_own(c: Lowering, value: Any, image: bytearray, at: int) -> None:
        slot = c.store.handles.lower_own(value, resource)
        _pack_u32(image, at, core_state_of(c.store).numbers.add(slot, resource))

    return put_own
