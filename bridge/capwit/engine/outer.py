"""Components written as text: their imports and exports, and the types in them by name."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, TypeAlias

from capwit.engine import types
from capwit.engine.component import Definition, Extern, Interface, Unsupported, Use
from capwit.engine.errors import LoadError
from capwit.engine.types import Function, Resource, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

# A type by its name and shape, or, under the name "", by its shape alone.
_Key: TypeAlias = Resource | tuple[str, Type]


def needed(functions: Iterable[Function], *types: Type | Resource) -> dict[_Key, Type | Resource]:
    """Return the types that must be known by a name where functions and types are, each after its parts."""
    found: dict[_Key, Type | Resource] = {}
    seen: dict[int, Type | Resource] = {}
    for type in types:
        _need(type, found, seen)
    for function in functions:
        for param in function.params:
            _need(param.type, found, seen)
        if function.result:
            _need(function.result, found, seen)
    return found


def _need(
    type: Type | Resource, found: dict[_Key, Type | Resource], seen: dict[int, Type | Resource]
) -> None:
    if id(type) in seen:  # functions have types in common
        return
    seen[id(type)] = type
    match type:
        case Resource():
            found.setdefault(type, type)
        case types.Own(resource) | types.Borrow(resource):
            found.setdefault(resource, resource)
        case _:
            for part in types.parts(type):
                _need(part, found, seen)
            if isinstance(type, types.Record | types.Variant | types.Enum | types.Flags):
                found.setdefault((type.name, type), type)


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
        self.exports: set[_Key] = set()  # which of them are exported by `export_type`
        self.origins: dict[Use, str] = {}  # the same for the types of imported interfaces, by their place

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

    def declarations(self, interface: Interface, own: Mapping[_Key, str] | None = None) -> list[str]:
        """The declarations of an interface's instance type; `own` are its types that are known already."""
        names: ChainMap[_Key, str] = ChainMap({}, dict(own or {}), self.names)
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
                self.lines += self.exported_interface(id, name, item)
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

    def exported_interface(self, id: str, name: str, item: Interface) -> list[str]:
        """Export an instance with its types by the names that they have out here.

        By itself it has them as the guest was given them, which may be by another instance than is imported.
        """
        inside = self.id()
        lines = [f'(alias export $guest "{name}" (instance {inside}))']
        own: dict[_Key, str] = {}
        for label, type in item.types.items():
            if isinstance(type, Resource) and type not in self.names and type not in own:
                own[type] = self.id()
                lines.append(f'(alias export {inside} "{label}" (type {own[type]}))')
        declared = " ".join(self.declarations(item, own))
        return [*lines, f'(export {id} "{name}" (instance {inside}) (instance {declared}))']

    def called(self, type: Type | Resource) -> str | None:
        """Return what a type is called, if it is one that has a name here."""
        match type:
            case Resource():
                return _name(type, self.names)
            case types.Record() | types.Variant() | types.Enum() | types.Flags():
                return self.names.get((type.name, type)) or self.names.get(("", type))
            case _:
                return None

    def export_type(self, label: str, type: Type | Resource) -> None:
        """Export a type, which is called by its new name from now on: one that is known, or defined here."""
        known, exported = self.called(type), self.id()
        if known is None:
            assert not isinstance(type, Resource)
            known = self.id()
            self.lines.append(f"(type {known} {_definition(type, self.names)})")
        self.lines.append(f'(export {exported} "{label}" (type {known}))')
        keys: set[_Key] = set()
        match type:
            case Resource():
                keys = {type}
            case types.Record() | types.Variant() | types.Enum() | types.Flags():
                keys = {(type.name, type), ("", type)}
        self.names.update(dict.fromkeys(keys - self.exports, exported))
        self.exports |= keys  # what is exported again under another name keeps its first


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


def regrouped(item: Interface) -> tuple[list[Type | Resource], list[str]]:
    """Write a component that exports, as one interface, types and functions that come from several.

    It imports the types that are returned, as `type0`, `type1`..., and the functions in their order, as
    `func0`, `func1`... Methods are named after a resource of the same instance, so that a mere list of
    exports is not one.
    """
    outer = Outer()
    given = needed(item.functions.values(), *item.types.values())
    for number, type in enumerate(given.values()):
        outer.lines += outer.named(f'import "type{number}"', outer.id(), type, None, outer.names)
    for number, function in enumerate(item.functions.values()):
        outer.lines.append(f'(import "func{number}" (func $func{number} {signature(function, outer.names)}))')
    outer.names = ChainMap({}, outer.names)
    for label, type in item.types.items():
        outer.export_type(label, type)
    for number, (label, function) in enumerate(item.functions.items()):
        outer.lines.append(
            f'(export "{label}" (func $func{number}) (func {signature(function, outer.names)}))'
        )
    return list(given.values()), outer.lines
