"""Packing: how bytes are written on their way to the host, and what finds them in a forwarder's memory.

Hexadecimal is ASCII, which both conversions on the way only copy; so is most text as it is. Behind the bytes
a mark says which of both they are. Wherever a type has bytes, core wasm looks for them there, and packs or
unpacks them in their place.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from .core import ValueType
from .lane import has_bytes
from .layout import cases_of, discriminant, layout, offsets, parts_of
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

    offset: int = 0

    def word(self, number: int) -> str:
        """Return what reads a pointer, or the length behind it."""
        return f"(i32.load offset={self.offset + 4 * number} (local.get $at))"

    def parts(self, types: Sequence[Type]) -> list[InMemory]:
        """Return where each part of a record or tuple is."""
        return [InMemory(self.offset + at) for at in offsets(types)]

    def tag(self, type: _Either) -> str:
        """Return what reads the case."""
        return f"({_LOADS[discriminant(type)[0]]} offset={self.offset} (local.get $at))"

    def payload(self, type: _Either) -> InMemory:
        """Return where the value of a case is."""
        return InMemory(self.offset + discriminant(type)[1])

    def bytes(self, what: str) -> list[str]:
        """Return what packs or unpacks bytes."""
        return [f"(call ${what}-at (i32.add (local.get $at) (i32.const {self.offset})))"]


class Flat(NamedTuple):
    """A value in the core parameters from `first` on; `cores` has the types of all."""

    first: int
    cores: Sequence[ValueType]

    def word(self, number: int) -> str:
        """Return what reads a pointer, or the length behind it."""
        get = f"(local.get {self.first + number})"
        return f"(i32.wrap_i64 {get})" if self._wide(number) else get

    def parts(self, types: Sequence[Type]) -> list[Flat]:
        """Return where each part of a record or tuple is."""
        firsts = accumulate((len(layout(type).flat) for type in types), initial=self.first)
        return [Flat(first, self.cores) for first, _ in zip(firsts, types, strict=False)]

    def tag(self, type: _Either) -> str:
        """Return what reads the case."""
        return self.word(0)

    def payload(self, type: _Either) -> Flat:
        """Return where the value of a case is."""
        return Flat(self.first + 1, self.cores)

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

    def __init__(self, what: str) -> None:
        """Begin with what does it to the bytes whose address and length lie somewhere."""
        self._what = what
        self._lists: dict[Type, str] = {}
        self.functions = [
            f"(func ${what}-at (param $slot i32) (local $at i32) (local $size i32)",
            f"(call ${what} (i32.load (local.get $slot)) (i32.load offset=4 (local.get $slot)))",
            "local.set $size local.set $at",
            "(i32.store (local.get $slot) (local.get $at))",
            "(i32.store offset=4 (local.get $slot) (local.get $size)))",
        ]

    def walk(self, type: Type, place: InMemory | Flat) -> Iterator[str]:
        """Yield the code for a value in its place."""
        if not has_bytes(type):
            return
        match type:
            case List():
                if type == BYTES:
                    yield from place.bytes(self._what)
                else:
                    yield f"(call {self._list(type.element)} {place.word(0)} {place.word(1)})"
            case Record() | Tuple():
                parts = parts_of(type)
                places: Sequence[InMemory | Flat] = place.parts(parts)
                for part, at in zip(parts, places, strict=True):
                    yield from self.walk(part, at)
            case Variant() | Option() | Result():
                tag, payload = place.tag(type), place.payload(type)
                for number, case in enumerate(cases_of(type)):
                    lines = [] if case is None else list(self.walk(case, payload))
                    if lines:
                        yield f"(i32.eq {tag} (i32.const {number})) if"
                        yield from lines
                        yield "end"
            case _:
                pass

    def _list(self, element: Type) -> str:
        """Return the name of what goes through a list that lies somewhere, and is of some length."""
        name = self._lists.get(element)
        if name is None:
            name = self._lists[element] = f"${self._what}-list{len(self._lists)}"
            self.functions += [
                f"(func {name} (param $at i32) (param $count i32)",
                "(block $done (loop $more (br_if $done (i32.eqz (local.get $count)))",
                *self.walk(element, InMemory()),
                f"(local.set $at (i32.add (local.get $at) (i32.const {layout(element).size})))",
                "(local.set $count (i32.sub (local.get $count) (i32.const 1)))",
                "(br $more))))",
            ]
        return name
