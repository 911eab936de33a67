"""Packing: how bytes are written on their way to the host, and what finds them in a forwarder's memory.

Hexadecimal is ASCII, which both conversions on the way only copy; so is most text as it is. Behind the bytes
a mark says which of both they are. Wherever a type has bytes, core wasm looks for them there, and packs or
unpacks them in their place.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from .core import ValueType
from .layout import Layouter, cases_of, discriminant, offsets, parts_of
from .types import BYTES, List, Option, Record, Result, Tuple, Type, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RAW: Final = b"r"
HEX: Final = b"h"
WORTH: Final = 512  # bytes: to write fewer in another way takes longer than it saves

_Either: TypeAlias = Variant | Option | Result
_LOADS: Final = {"B": "i32.load8_u", "H": "i32.load16_u", "I": "i32.load"}


class InMemory(NamedTuple):
    """A value `offset` bytes after the address in `$at`."""

    layout: Layouter
    offset: int = 0

    def address(self) -> str:
        """Return what computes where it is."""
        return f"(i32.add (local.get $at) (i32.const {self.offset}))"

    def word(self, number: int) -> str:
        """Return what reads a pointer, or the length behind it."""
        return f"(i32.load offset={self.offset + 4 * number} (local.get $at))"

    def parts(self, types: Sequence[Type]) -> list[InMemory]:
        """Return where each part of a record or tuple is."""
        return [InMemory(self.layout, self.offset + at) for at in offsets(types, self.layout)]

    def tag(self, type: _Either) -> str:
        """Return what reads the case."""
        load = _LOADS[discriminant(type, self.layout)[0]]
        return f"({load} offset={self.offset} (local.get $at))"

    def payload(self, type: _Either) -> InMemory:
        """Return where the value of a case is."""
        return InMemory(self.layout, self.offset + discriminant(type, self.layout)[1])

    def bytes(self, what: str) -> list[str]:
        """Return what packs or unpacks bytes."""
        return [f"(call ${what}-at {self.address()})"]


class Flat(NamedTuple):
    """A value in the core parameters from `first` on; `cores` has the types of all."""

    layout: Layouter
    first: int
    cores: Sequence[ValueType]

    def word(self, number: int) -> str:
        """Return what reads a pointer, or the length behind it."""
        get = f"(local.get {self.first + number})"
        return f"(i32.wrap_i64 {get})" if self._wide(number) else get

    def parts(self, types: Sequence[Type]) -> list[Flat]:
        """Return where each part of a record or tuple is."""
        firsts = accumulate((len(self.layout(type).flat) for type in types), initial=self.first)
        return [self._replace(first=first) for first, _ in zip(firsts, types, strict=False)]

    def tag(self, type: _Either) -> str:
        """Return what reads the case."""
        return self.word(0)

    def payload(self, type: _Either) -> Flat:
        """Return where the value of a case is."""
        return self._replace(first=self.first + 1)

    def bytes(self, what: str) -> list[str]:
        """Return what packs or unpacks bytes."""
        return [f"(call ${what} {self.word(0)} {self.word(1)})", *self._set(1), *self._set(0)]

    def _set(self, number: int) -> list[str]:
        widened = ["i64.extend_i32_u"] if self._wide(number) else []
        return [*widened, f"local.set {self.first + number}"]

    def _wide(self, number: int) -> bool:
        """A number that another case of the same value has as one of 64 bits."""
        return self.cores[self.first + number] is ValueType.I64


class Packing:
    """Writes core code that does `what`, "pack" or "unpack", to all bytes of a value.

    Attributes:
        functions: what that code calls.
    """

    def __init__(self, what: str, layout: Layouter) -> None:
        """Begin with what does it to the bytes whose address and length lie somewhere."""
        self._what = what
        self._layout = layout
        # What is called for each type, if anything, by its id: functions have types in common.
        self._values: dict[int, tuple[Type, str | None]] = {}
        self._lists: dict[int, tuple[Type, str | None]] = {}
        self.functions = [
            f"(func ${what}-at (param $slot i32) (local $at i32) (local $size i32)",
            f"(call ${what} (i32.load (local.get $slot)) (i32.load offset=4 (local.get $slot)))",
            "local.set $size local.set $at",
            "(i32.store (local.get $slot) (local.get $at))",
            "(i32.store offset=4 (local.get $slot) (local.get $size)))",
        ]

    def in_memory(self, type: Type) -> Iterator[str]:
        """Yield the code for a value whose address is in `$at`."""
        return self._walk(type, InMemory(self._layout))

    def flat(self, type: Type, cores: Sequence[ValueType]) -> Iterator[str]:
        """Yield the code for a value that is passed as core parameters."""
        return self._walk(type, Flat(self._layout, 0, cores))

    def _walk(self, type: Type, place: InMemory | Flat) -> Iterator[str]:
        match type:
            case List():
                if type == BYTES:
                    yield from place.bytes(self._what)
                elif name := self._list(type.element):
                    yield f"(call {name} {place.word(0)} {place.word(1)})"
            case Record() | Tuple():
                parts = parts_of(type)
                places: Sequence[InMemory | Flat] = place.parts(parts)
                for part, at in zip(parts, places, strict=True):
                    yield from self._part(part, at)
            case Variant() | Option() | Result():
                tag, payload = place.tag(type), place.payload(type)
                for number, case in enumerate(cases_of(type)):
                    lines = [] if case is None else list(self._part(case, payload))
                    if lines:
                        yield f"(i32.eq {tag} (i32.const {number})) if"
                        yield from lines
                        yield "end"
            case _:
                pass

    def _part(self, type: Type, place: InMemory | Flat) -> Iterator[str]:
        """Yield the code for a part of a value: what lies in memory has a function of its own."""
        if isinstance(place, Flat) or isinstance(type, List):
            yield from self._walk(type, place)
        elif name := self._value(type):
            yield f"(call {name} {place.address()})"

    def _value(self, type: Type) -> str | None:
        """Return the name of what goes through a value that lies somewhere, if there are bytes in it."""
        if id(type) not in self._values:
            lines = list(self.in_memory(type))
            name = f"${self._what}-value{len(self._values)}"
            self._values[id(type)] = type, name if lines else None
            if lines:
                self.functions += [f"(func {name} (param $at i32)", *lines, ")"]
        return self._values[id(type)][1]

    def _list(self, element: Type) -> str | None:
        """Return the name of what goes through a list that lies somewhere, and is of some length."""
        if id(element) not in self._lists:
            lines = list(self.in_memory(element))
            name = f"${self._what}-list{len(self._lists)}"
            self._lists[id(element)] = element, name if lines else None
            if lines:
                self.functions += [
                    f"(func {name} (param $at i32) (param $count i32)",
                    "(block $done (loop $more (br_if $done (i32.eqz (local.get $count)))",
                    *lines,
                    f"(local.set $at (i32.add (local.get $at) (i32.const {self._layout(element).size})))",
                    "(local.set $count (i32.sub (local.get $count) (i32.const 1)))",
                    "(br $more))))",
                ]
        return self._lists[id(element)][1]
