"""The byte lane: which functions of a component carry bytes, and may pass them as strings.

Wasmtime's C API carries a `list<u8>` as one value of 32 bytes for each byte, and a string in one piece. In
the canonical ABI a string in `latin1+utf16` without the tag bit lies in memory exactly as a `list<u8>`
does, at any depth. So the bytes of a function's types leave the guest as they are, and reach the host as a
string of the characters 0 to 255: what stands between has nothing to convert (see `forwarder`). What is a
string for the guest lies there as UTF-8, and reaches the host as a string of those bytes. Bytes that are many
are written in a way that is read quickly (see `packing`).
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, assert_never

from . import types
from .component import Interface
from .types import Function, Param, Type, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .component import Component, Extern

# The imported instance whose functions serve a component's own imports, and the exported one whose functions
# are its exports.
LANE: Final = "capwit:bridge/lane@0.1.0"

# A function by its interface (of the world itself: "") and label.
Place: TypeAlias = "tuple[str, str]"


# What the types of all functions that carry bytes may be, in steps: to look, at each level of each, at all
# that is below. Parts that types have in common are few bytes in a component, and written out in its lane.
MOST_STEPS: Final = 20_000


class Side(IntFlag):
    """The sides of a lane."""

    IMPORTS = 1
    EXPORTS = 2


class Lane(NamedTuple):
    """What of a component takes the lane: each function's name in the instance `LANE`.

    `refused` tells why a function that carries bytes does not.
    """

    imports: Mapping[Place, str]
    exports: Mapping[Place, str]
    refused: Mapping[Place, str]

    @property
    def sides(self) -> int:
        """How many of its two sides it has: each has a forwarder of its own."""
        return bool(self.imports) + bool(self.exports)

    def without(self, why: str) -> Lane:
        """Return the lane of a component that has to do without it."""
        return Lane({}, {}, dict.fromkeys([*self.imports, *self.exports, *self.refused], why))


NO_LANE: Final = Lane({}, {}, {})


def find_lane(component: Component) -> Lane:
    """Return what of a component can take the lane."""
    refused: dict[Place, str] = {}
    shapes = _Shapes()
    # A function of the world itself that is imported is served by nothing, whatever it carries.
    interfaces = {name: item for name, item in component.imports.items() if isinstance(item, Interface)}
    imports = _numbered(_carriers(interfaces, shapes, refused))
    exports = _numbered(_carriers(component.exports, shapes, refused))
    lane = Lane(imports, exports, refused)
    if shapes.steps > MOST_STEPS:
        return lane.without("the types of all its functions that carry bytes are too large together")
    if LANE in component.imports or LANE in component.exports:
        return lane.without(f"the component has a {LANE} of its own")
    return lane


def _numbered(places: Iterable[Place]) -> dict[Place, str]:
    return {place: f"f{number}" for number, place in enumerate(places)}


def _carriers(externs: Mapping[str, Extern], shapes: _Shapes, refused: dict[Place, str]) -> Iterator[Place]:
    for name, item in externs.items():
        match item:
            case Interface():
                for label, function in item.functions.items():
                    if shapes.takes(function, (name, label), refused):
                        yield name, label
            case Function():
                if shapes.takes(item, ("", name), refused):
                    yield "", name
            case _:
                pass


class _Shape(NamedTuple):
    """What there is in a type.

    Attributes:
        size: how many types, each counted wherever it is.
        steps: what it takes to look, at each level, at all that is below.
        bytes: a `list<u8>`.
        lends: a lent handle.
    """

    size: int
    steps: int
    bytes: bool
    lends: bool


class _Shapes:
    """Looks through the functions' types, at each once.

    Attributes:
        steps: what those have that take the lane.
    """

    def __init__(self) -> None:
        """Know none yet."""
        self.steps = 0
        self._known: dict[int, tuple[Type, _Shape]] = {}  # by id, since to hash a type looks at all of it

    def takes(self, function: Function, place: Place, refused: dict[Place, str]) -> bool:
        """Return whether a function takes the lane, or is `refused` though it carries bytes."""
        shapes = [self._shape(type) for _, type in function.params]
        result = [self._shape(function.result)] if function.result else []
        if not any(shape.bytes for shape in shapes + result):
            return False
        for (label, type), shape in zip(function.params, shapes, strict=True):
            if shape.lends and not isinstance(type, types.Borrow):
                refused[place] = f"its parameter {label!r} lends handles inside of a value"
                return False
        self.steps += sum(shape.steps for shape in shapes + result)
        return True

    def _shape(self, type: Type) -> _Shape:
        known = self._known.get(id(type))
        if known is None:
            inner = [self._shape(part) for part in parts(type)]
            size = 1 + sum(part.size for part in inner)
            shape = _Shape(
                size,
                size + sum(part.steps for part in inner),
                type == types.BYTES or any(part.bytes for part in inner),
                isinstance(type, types.Borrow) or any(part.lends for part in inner),
            )
            known = self._known[id(type)] = (type, shape)
        return known[1]


def function_of_strings(function: Function) -> Function:
    """Return a function's type with a string for every `list<u8>`."""
    params = tuple(Param(label, of_strings(type)) for label, type in function.params)
    return Function(params, function.result and of_strings(function.result))


def of_strings(type: Type) -> Type:
    """Return a type with a string for every `list<u8>` in it."""
    match type:
        case types.BYTES:
            return types.STRING
        case types.List(element):
            return types.List(of_strings(element))
        case types.Option(some):
            return types.Option(of_strings(some))
        case types.Tuple(items):
            return types.Tuple(tuple(map(of_strings, items)))
        case types.Result(ok, err):
            return types.Result(ok and of_strings(ok), err and of_strings(err))
        case types.Record(fields, name=name):
            changed = (field._replace(type=of_strings(field.type)) for field in fields)
            return types.Record(tuple(changed), name=name)
        case types.Variant(cases, name=name):
            payloads = (case._replace(type=case.type and of_strings(case.type)) for case in cases)
            return types.Variant(tuple(payloads), name=name)
        case types.Prim() | types.String() | types.Enum() | types.Flags() | types.Own() | types.Borrow():
            return type
        case _:
            assert_never(type)
