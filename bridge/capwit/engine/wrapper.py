"""An outer component that can drop the resources which a component exports.

Wasmtime's C API cannot drop a guest's own resource in an async store. A component can: so the guest,
its bytes unchanged, is put inside an outer component that has the same imports and exports, and one
more exported instance with a function for each such resource, which takes the handle and drops it.
The guest's destructor runs, and may await.
"""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import wasmtime
from capwit.engine import types
from capwit.engine.binary import Reader, Source
from capwit.engine.component import Component, Definition, Extern, Interface, Unsupported, Use
from capwit.engine.errors import LoadError
from capwit.engine.scope import COMPONENT_SECTION, CUSTOM_SECTION, PREAMBLE
from capwit.engine.types import Function, Resource, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

DROPS: Final = "capwit:bridge/drops@0.1.0"


class Wrapped(NamedTuple):
    """A component to load, and how to drop the resources that it exports.

    `drops` has for each of them the name of a function in the exported instance `DROPS`: it takes
    an owned handle.
    """

    binary: bytes
    drops: Mapping[Resource, str]


def wrap(binary: bytes, component: Component) -> Wrapped:
    """Give a component the means to drop what it exports. `component` is what `binary` decodes to.

    One that exports no resources of its own is returned as it is. Raises `LoadError` for one that
    has imports or exports of a kind that no outer component can pass on.
    """
    resources = _exported_resources(component)
    if not resources:
        return Wrapped(binary, {})
    if DROPS in component.exports:
        raise LoadError(f"the component exports {DROPS} itself: load the one that is inside it")
    drops = {resource: f"drop{number}" for number, resource in enumerate(resources)}
    try:
        outer = wasmtime.wat2wasm(Outer().text(component, drops))
    except wasmtime.WasmtimeError as error:
        raise LoadError(f"the component's resources cannot be made droppable: {error}") from error
    return Wrapped(splice(bytes(outer), binary), drops)


def _exported_resources(component: Component) -> list[Resource]:
    found: dict[Resource, None] = {}
    for item in component.exports.values():
        for type in item.types.values() if isinstance(item, Interface) else [item]:
            if isinstance(type, Resource) and type.guest:
                found[type] = None
    return list(found)


# A type by its name and shape, or, under the name "", by its shape alone.
_Key: TypeAlias = Resource | tuple[str, Type]


class Outer:
    """Writes an outer component as text. Identifiers are numbered, so that no name of a guest can clash.

    Attributes:
        lines: what has been written.
        imports: what each import is called in it, by name: `(instance $_1)`.
    """

    def __init__(self) -> None:
        """Start an empty component."""
        self.lines: list[str] = []
        self.imports: dict[str, str] = {}
        self.ids = 0
        self.names: MutableMapping[_Key, str] = {}  # what a type is called in the outer component
        self.origins: dict[Use, str] = {}  # the same for the types of imported interfaces, by their place

    def text(self, component: Component, drops: Mapping[Resource, str]) -> str:
        """Return the outer component of one that exports resources, with a placeholder for that."""
        for name, item in component.imports.items():
            self.imported(name, item, component.uses)
        arguments = (f'(with "{name}" {imported})' for name, imported in self.imports.items())
        self.lines += ["(component $guest)", f"(instance $guest (instantiate $guest {' '.join(arguments)}))"]
        for name, item in component.exports.items():
            self.exported(name, item)
        self.lines += self.dropping(drops)
        return "\n".join(["(component", *self.lines, ")"])

    def id(self) -> str:
        """Return a new identifier."""
        self.ids += 1
        return f"$_{self.ids}"

    def imported(self, name: str, item: Extern, uses: Mapping[str, Use]) -> None:
        """Write an import."""
        id = self.id()
        match item:
            case Interface():
                self.lines.append(f'(import "{name}" (instance {id} {" ".join(self.declarations(item))}))')
                self.alias_types(id, item)
                self.imports[name] = f"(instance {id})"
            case Function():
                self.lines.append(f'(import "{name}" (func {id} {signature(item, self.names)}))')
                self.imports[name] = f"(func {id})"
            case Definition(type):
                self.lines += self.named(f'import "{name}"', id, type, uses.get(name), self.names)
                self.imports[name] = f"(type {id})"
            case Resource():
                self.lines += self.named(f'import "{name}"', id, item, uses.get(name), self.names)
                self.imports[name] = f"(type {id})"
            case Unsupported(what):
                raise LoadError(f"the component imports {name!r}, {what}, which nothing can satisfy")

    def declarations(self, interface: Interface) -> list[str]:
        """The declarations of an imported interface's instance type."""
        names: ChainMap[_Key, str] = ChainMap({}, self.names)
        lines: list[str] = []
        for label, type in interface.types.items():
            lines += self.named(f'export "{label}"', self.id(), type, interface.uses.get(label), names)
        for label, function in interface.functions.items():
            lines.append(f'(export "{label}" (func {signature(function, names)}))')
        return lines

    def named(
        self,
        statement: str,
        id: str,
        type: Type | Resource,
        use: Use | None,
        names: MutableMapping[_Key, str],
    ) -> list[str]:
        """Import or export a type under a name: another's, an abstract resource, or one defined here."""
        known = self.origins.get(use) if use else None
        if isinstance(type, Resource):
            known = known or names.get(type)
            bound = f"(eq {known})" if known else "(sub resource)"
            names[type] = id
            return [f"({statement} (type {id} {bound}))"]
        lines = []
        if known is None:
            known = self.id()
            lines.append(f"(type {known} {_definition(type, names)})")
        if isinstance(type, types.Record | types.Variant | types.Enum | types.Flags):
            names[type.name, type] = id
            names.setdefault(("", type), id)
        return [*lines, f"({statement} (type {id} (eq {known})))"]

    def alias_types(self, instance: str, interface: Interface) -> None:
        """Make the types of an instance known in the outer component."""
        for label, type in interface.types.items():
            id = self.id()
            self.lines.append(f'(alias export {instance} "{label}" (type {id}))')
            self.remember(type, id)
            self.origins.setdefault(Use(interface.name, label), id)

    def remember(self, type: Type | Resource, id: str) -> None:
        """Call a type by a name, if it has none yet."""
        match type:
            case Resource():
                self.names.setdefault(type, id)
            case types.Record() | types.Variant() | types.Enum() | types.Flags():
                self.names.setdefault((type.name, type), id)
                self.names.setdefault(("", type), id)
            case _:
                pass

    def exported(self, name: str, item: Extern) -> None:
        """Write an export, passed on from inside."""
        id = self.id()
        match item:
            case Interface():
                self.lines.append(f'(export {id} "{name}" (instance $guest "{name}"))')
                self.alias_types(id, item)
            case Function():
                type = signature(item, self.names)
                self.lines.append(f'(export "{name}" (func $guest "{name}") (func {type}))')
            case Resource():
                self.lines.append(f'(export {id} "{name}" (type $guest "{name}"))')
                self.remember(item, id)
            case Definition(type):
                self.lines.append(f'(export {id} "{name}" (type $guest "{name}"))')
                self.remember(type, id)
            case Unsupported(what):
                raise LoadError(f"the component exports resources and {name!r}, {what}: build it without")

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


def rename(type: Type | Resource, id: str, names: MutableMapping[_Key, str]) -> None:
    """Call a type by another name from now on, if it is one that must have a name."""
    match type:
        case Resource():
            names[type] = id
        case types.Record() | types.Variant() | types.Enum() | types.Flags():
            names[type.name, type] = names["", type] = id
        case _:
            pass


def signature(function: Function, names: Mapping[_Key, str]) -> str:
    """Write parameters and result, the types by their names."""
    params = [f'(param "{label}" {_reference(type, names)})' for label, type in function.params]
    result = [f"(result {_reference(function.result, names)})"] if function.result else []
    return " ".join(params + result)


def _reference(type: Type, names: Mapping[_Key, str]) -> str:
    """A type where it is used: by name if it has one."""
    match type:
        case types.Record() | types.Variant() | types.Enum() | types.Flags():
            return names.get((type.name, type)) or names.get(("", type)) or _definition(type, names)
        case _:
            return _definition(type, names)


def _definition(type: Type, names: Mapping[_Key, str]) -> str:
    """A type written out."""
    match type:
        case types.Prim(name):
            return name
        case types.String():
            return "string"
        case types.List(element):
            return f"(list {_reference(element, names)})"
        case types.Option(some):
            return f"(option {_reference(some, names)})"
        case types.Tuple(items):
            return _form("tuple", (_reference(item, names) for item in items))
        case types.Result(ok, err):
            error = [f"(error {_reference(err, names)})"] if err else []
            return _form("result", [*([_reference(ok, names)] if ok else []), *error])
        case types.Record(fields):
            return _form("record", (f'(field "{f.label}" {_reference(f.type, names)})' for f in fields))
        case types.Variant(cases):
            return _form(
                "variant",
                (f'(case "{c.label}" {_reference(c.type, names) if c.type else ""})' for c in cases),
            )
        case types.Enum(labels):
            return _form("enum", (f'"{label}"' for label in labels))
        case types.Flags(labels):
            return _form("flags", (f'"{label}"' for label in labels))
        case types.Own(resource):
            return f"(own {_name(resource, names)})"
        case types.Borrow(resource):
            return f"(borrow {_name(resource, names)})"


def _name(resource: Resource, names: Mapping[_Key, str]) -> str:
    if resource not in names:
        raise LoadError(
            f"the component uses the resource {resource.name!r} before it names it: it is not valid"
        )
    return names[resource]


def _form(word: str, parts: Iterable[str]) -> str:
    return f"({' '.join([word, *parts])})"


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
