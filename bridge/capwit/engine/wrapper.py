"""The outer component that each guest is put into, its bytes unchanged.

It has the same imports and exports, and gives two things that wasmtime's C API has not. It can drop what the
guest exports: the API cannot drop a guest's own resource in an async store, a component can, so that the
outer one exports one more instance with a function for each such resource, which takes the handle and drops
it. The guest's destructor runs, and may await. And it lets bytes pass as strings (see `lane`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import wasmtime

from .binary import Reader, Source
from .component import Component, Interface
from .errors import LoadError
from .forwarder import Forwarded, Forwarder
from .lane import LANE, NO_LANE, Lane, find_lane, function_of_strings
from .outer import Outer, needed, regrouped
from .scope import COMPONENT_SECTION, CUSTOM_SECTION, PREAMBLE
from .types import Function, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .component import Extern
    from .lane import Place

DROPS: Final = "capwit:bridge/drops@0.1.0"


class Wrapped(NamedTuple):
    """A component to load, how to drop the resources that it exports, and what of it takes the byte lane.

    `drops` has for each resource the name of a function in the exported instance `DROPS`: it takes an owned
    handle.
    """

    outer: bytes
    guest: bytes
    drops: Mapping[Resource, str]
    lane: Lane

    @property
    def binary(self) -> bytes:
        """The whole component: the guest itself where it needs no outer one."""
        return splice(self.outer, self.guest) if self.outer else self.guest


def wrap(binary: bytes, component: Component, *, lane: bool = False) -> Wrapped:
    """Put a component into its outer one. `component` is what `binary` decodes to.

    One that exports no resources of its own, and that no byte `lane` is wanted for or would help, is left as
    it is. Raises `LoadError` for one that has imports or exports of a kind that no outer one can pass on.
    """
    found = find_lane(component) if lane else NO_LANE
    if found.sides:
        try:
            return _wrap(binary, component, found)
        except LoadError as error:  # without it, there may be no need of an outer component
            found = found.without(str(error))
    return _wrap(binary, component, found)


def _wrap(binary: bytes, component: Component, lane: Lane) -> Wrapped:
    resources = _exported_resources(component)
    if not resources and not lane.sides:
        return Wrapped(b"", binary, {}, lane)
    if DROPS in component.exports:
        raise LoadError(f"the component exports {DROPS} itself: load the one that is inside it")
    drops = {resource: f"drop{number}" for number, resource in enumerate(resources)}
    try:
        outer = wasmtime.wat2wasm(_Wrapper(component, lane).text(drops))
    except wasmtime.WasmtimeError as error:
        raise LoadError(f"the component cannot be put into another one: {error}") from error
    return Wrapped(bytes(outer), binary, drops, lane)


def _exported_resources(component: Component) -> list[Resource]:
    found: dict[Resource, None] = {}
    for item in component.exports.values():
        for type in item.types.values() if isinstance(item, Interface) else [item]:
            if isinstance(type, Resource) and type.guest:
                found[type] = None
    return list(found)


class _Wrapper(Outer):
    """Writes the outer component as text."""

    def __init__(self, component: Component, lane: Lane) -> None:
        """Put a component inside, with functions that take the lane."""
        super().__init__()
        self.component = component
        self.lane = lane

    def text(self, drops: Mapping[Resource, str]) -> str:
        """Return the outer component, with a placeholder for the one inside."""
        self.lines.append("(component $guest)")
        for name, item in self.component.imports.items():
            self.imported(name, self.without_lane(name, item), self.component.uses)
        if self.lane.imports:
            self.carry_imports()
        arguments = (f'(with "{name}" {imported})' for name, imported in self.imports.items())
        self.lines.append(f"(instance $guest (instantiate $guest {' '.join(arguments)}))")
        for name, item in self.component.exports.items():
            self.exported(name, item)
        if self.lane.exports:
            self.carry_exports()
        if drops:
            self.lines += self.dropping(drops)
        return "\n".join(["(component", *self.lines, ")"])

    def without_lane(self, name: str, item: Extern) -> Extern:
        """An import without the functions that take the lane."""
        if not isinstance(item, Interface):
            return item
        rest = {
            label: each for label, each in item.functions.items() if (name, label) not in self.lane.imports
        }
        return Interface(name, item.types, rest, item.uses)

    def carry_imports(self) -> None:
        """Import the functions that take the lane as the host serves them; give the guest its own."""
        inside = [_function(self.component.imports, place) for place in self.lane.imports]
        outside = [function_of_strings(function) for function in inside]
        self.import_lane(outside)
        forwarder = Forwarder(list(map(Forwarded, outside, inside)), to_host=True)
        self.forward("$in", forwarder, [f'(func $host "{label}")' for label in self.lane.imports.values()])
        carriers = {interface for interface, _ in self.lane.imports}
        for name, item in self.component.imports.items():
            if isinstance(item, Interface) and name in carriers:
                self.regroup(name, item)

    def import_lane(self, functions: list[Function]) -> None:
        """Import `LANE`: the functions, and the types that they are made of and nothing else has."""
        interface = Interface(
            LANE,
            {
                f"type{n}": type
                for n, type in enumerate(needed(functions).values())
                if self.called(type) is None
            },
            {f"f{number}": function for number, function in enumerate(functions)},
        )
        self.lines.append(f'(import "{LANE}" (instance $host {" ".join(self.declarations(interface))}))')
        self.alias_types("$host", interface)

    def forward(self, id: str, forwarder: Forwarder, functions: list[str]) -> None:
        """Define and instantiate a forwarder to functions."""
        given = [f'(with "type{n}" (type {self.called(each)}))' for n, each in enumerate(forwarder.given)]
        given += [f'(with "func{n}" {function})' for n, function in enumerate(functions)]
        self.lines += [*forwarder.component(id), f"(instance {id} (instantiate {id} {' '.join(given)}))"]

    def regroup(self, name: str, item: Interface) -> None:
        """Put an interface together again: what the host serves as it is, and what takes the lane."""
        types, lines = regrouped(item)
        outside = self.imports[name].removeprefix("(instance ").removesuffix(")")
        given = [f'(with "type{n}" (type {self.called(type)}))' for n, type in enumerate(types)]
        for number, label in enumerate(item.functions):
            lane = self.lane.imports.get((name, label))
            function = f'(func $in "{lane}")' if lane else f'(func {outside} "{label}")'
            given.append(f'(with "func{number}" {function})')
        id = self.id()
        self.lines += [
            f"(component {id}",
            *lines,
            ")",
            f"(instance {id} (instantiate {id} {' '.join(given)}))",
        ]
        self.imports[name] = f"(instance {id})"

    def carry_exports(self) -> None:
        """Export the functions that take the lane once more, as the host calls them."""
        inside = [_function(self.component.exports, place) for place in self.lane.exports]
        outside = [function_of_strings(function) for function in inside]
        forwarder = Forwarder(list(map(Forwarded, inside, outside)), to_host=False)
        exported = [
            f'"{interface}" "{label}"' if interface else f'"{label}"'
            for interface, label in self.lane.exports
        ]
        self.forward("$out", forwarder, [f"(func $guest {each})" for each in exported])
        # By the names that resources have out here: those that the forwarder has for them say nothing.
        interface = Interface(
            LANE, forwarder.made, {f"f{number}": function for number, function in enumerate(outside)}
        )
        declared = " ".join(self.declarations(interface))
        self.lines.append(f'(export "{LANE}" (instance $out) (instance {declared}))')

    def dropping(self, drops: Mapping[Resource, str]) -> list[str]:
        """The exported instance `DROPS`: what drops a handle inside is lifted as it is."""
        lines = []
        for resource, name in drops.items():
            own = self.names[resource]
            lines += [
                f"(core func ${name} (canon resource.drop {own}))",
                f'(func ${name} (param "handle" (own {own})) (canon lift (core func ${name})))',
            ]
        exports = (f'(export "{name}" (func ${name}))' for name in drops.values())
        return [*lines, f'(instance $drops {" ".join(exports)}) (export "{DROPS}" (instance $drops))']


def _function(externs: Mapping[str, Extern], place: Place) -> Function:
    interface, label = place
    item = externs[interface or label]
    function = item.functions[label] if isinstance(item, Interface) else item
    assert isinstance(function, Function)
    return function


def splice(outer: bytes, *guests: bytes) -> bytes:
    """Return the outer component with guests for its first inner components, and without debug names."""
    reader = Reader(Source(outer, "outer", 0), len(PREAMBLE), len(outer))
    parts: list[bytes | memoryview] = [PREAMBLE]
    left = list(reversed(guests))
    while reader:
        section = reader.byte()
        body = reader.window()
        if section != CUSTOM_SECTION:
            placeholder = section == COMPONENT_SECTION and left
            content = left.pop() if placeholder else outer[body.position : body.end]
            parts += [bytes([section]), _leb128(len(content)), content]
    return b"".join(parts)


def _leb128(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
