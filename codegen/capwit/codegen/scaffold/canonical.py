"""The canonical ABI: what a type is to a core function, and how it lies in memory.

Source: https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from capwit.codegen.emit.read_back import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capwit.codegen.emit.read_back import Definition, Interface
    from capwit.codegen.scaffold.guest import Guest

MAX_PARAMS: Final = 16
"""How many core values a function takes; more go through memory."""

_SCALARS: Final = {
    "bool": (1, "i32"), "s8": (1, "i32"), "u8": (1, "i32"), "s16": (2, "i32"), "u16": (2, "i32"),
    "s32": (4, "i32"), "u32": (4, "i32"), "char": (4, "i32"), "s64": (8, "i64"), "u64": (8, "i64"),
    "f32": (4, "f32"), "f64": (8, "f64"),
}  # fmt: skip


class Shape(NamedTuple):
    """Bytes, alignment in bytes, and core types (one more than `MAX_PARAMS` of them mean: too many)."""

    size: int
    align: int
    flat: tuple[str, ...]


_HANDLE: Final = Shape(4, 4, ("i32",))
_POINTER: Final = Shape(8, 4, ("i32", "i32"))


@dataclass(slots=True)
class Shapes:
    """The shapes of types, as they are written in the interfaces of a guest's packages."""

    guest: Guest
    known: dict[tuple[str, str], Shape] = field(default_factory=dict)

    def shape(self, interface: Interface, type: str) -> Shape:
        """The shape of a type that stands in an interface."""
        key = (interface.id, type)
        if key not in self.known:
            self.known[key] = self._shape(interface, type)
        return self.known[key]

    def payload(self, interface: Interface, *types: str) -> int:
        """Where the payload of a variant lies whose cases have these types."""
        return max((self.shape(interface, type).align for type in types if type != "_"), default=1)

    def _shape(self, interface: Interface, type: str) -> Shape:
        if type in _SCALARS:
            size, core = _SCALARS[type]
            return Shape(size, size, (core,))
        if type == "string":
            return _POINTER
        head, bracket, rest = type.partition("<")
        if not bracket:
            return self._named(interface, type)
        inner = split(rest.removesuffix(">"))
        match head:
            case "list":
                return _POINTER
            case "own" | "borrow":
                return _HANDLE
            case "option":
                return self._variant(interface, ["_", *inner])
            case "result":
                return self._variant(interface, [*inner, "_"][:2])
            case _:
                return self._record(interface, inner)

    def _named(self, interface: Interface, name: str) -> Shape:
        found = self.guest.find(interface, name)
        assert found is not None, f"{name} is declared in {interface.id}"
        home, definition = found
        match definition.kind:
            case "resource":
                return _HANDLE
            case "type":
                return self.shape(home, definition.members[0])
            case "record":
                return self._record(
                    home, [line.partition(": ")[2].rstrip(",") for line in definition.members]
                )
            case "flags":
                size = 1 if len(definition.members) <= 8 else 2 if len(definition.members) <= 16 else 4
                return Shape(size, size, ("i32",))
            case _:
                return self._variant(home, list(_payloads(definition)))

    def _record(self, interface: Interface, types: Sequence[str]) -> Shape:
        size, align = 0, 1
        flat: tuple[str, ...] = ()
        for type in types:
            shape = self.shape(interface, type)
            size = aligned(size, shape.align) + shape.size
            align = max(align, shape.align)
            flat = (*flat, *shape.flat)[: MAX_PARAMS + 1]
        return Shape(aligned(size, align), align, flat)

    def _variant(self, interface: Interface, types: Sequence[str]) -> Shape:
        number = 1 if len(types) <= 1 << 8 else 2 if len(types) <= 1 << 16 else 4
        shapes = [self.shape(interface, type) for type in types if type != "_"]
        align = max([number, *(shape.align for shape in shapes)])
        payload = max((shape.align for shape in shapes), default=1)
        size = aligned(number, payload) + max((shape.size for shape in shapes), default=0)
        flat: list[str] = []
        for shape in shapes:
            for index, core in enumerate(shape.flat):
                if index == len(flat):
                    flat.append(core)
                else:
                    flat[index] = _joined(flat[index], core)
        return Shape(aligned(size, align), align, ("i32", *flat)[: MAX_PARAMS + 1])


def aligned(offset: int, align: int) -> int:
    """The first offset from `offset` on that is a multiple of `align`."""
    return -(-offset // align) * align


def _payloads(definition: Definition) -> Iterator[str]:
    for line in definition.members:
        _, bracket, rest = line.rstrip(",").partition("(")
        yield rest.removesuffix(")") if bracket else "_"


def _joined(one: str, other: str) -> str:
    if one == other:
        return one
    return "i32" if {one, other} == {"i32", "f32"} else "i64"
