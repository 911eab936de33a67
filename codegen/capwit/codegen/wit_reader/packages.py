"""WIT packages whose names are resolved: what the reader gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from capwit.codegen.wit_reader.syntax import Alias, Named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capwit.codegen.errors import Location
    from capwit.codegen.wit_reader.syntax import Definition, Function, Head, PackageName, Type


class Origin(NamedTuple):
    """Where the type is declared that a name stands for: the scope's id, and its name there."""

    scope: str
    label: str


@dataclass(slots=True)
class Interface:
    """The names of one interface; a world is one, too, for the types that it has itself.

    `id` is how others call it: `demo:kv/store@0.1.0`. One that is written in a world is told by the world's.
    `definitions` stand behind those that they are made of.
    """

    id: str
    package: PackageName
    head: Head
    uses: dict[str, Origin] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its name in its package, or world."""
        return self.head.label


@dataclass(frozen=True, slots=True)
class ScopedFunction:
    """A function of a world; the names in it are those of the scope."""

    function: Function
    scope: str


@dataclass(frozen=True, slots=True)
class ScopedInterface:
    """An interface of a world, by its id; `place` is where the world names it."""

    id: str
    place: Location


@dataclass(frozen=True, slots=True)
class ScopedType:
    """A type that a world imports: what it is called, where it is declared."""

    origin: Origin


WorldItem: TypeAlias = ScopedFunction | ScopedInterface | ScopedType


@dataclass(slots=True)
class World:
    """A world: what it imports and exports, by the names that a component has for it.

    All that the interfaces need which it names is imported, too. `scope` has the types that it has itself.
    """

    id: str
    package: PackageName
    head: Head
    scope: Interface
    imports: dict[str, WorldItem] = field(default_factory=dict)
    exports: dict[str, WorldItem] = field(default_factory=dict)


@dataclass(slots=True)
class Package:
    """A package: its interfaces and worlds by their labels."""

    name: PackageName
    doc: str
    interfaces: dict[str, Interface] = field(default_factory=dict)
    worlds: dict[str, World] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wit:
    """All that was read: the package that was asked for, and those that it needs.

    `scopes` are all interfaces by their ids, those in worlds and the worlds themselves among them.
    """

    root: Package
    packages: Mapping[str, Package]
    scopes: Mapping[str, Interface]
    known: dict[tuple[str, str], tuple[Interface, Definition]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What names lead to, as far as it was asked for."""

    def find(self, scope: str, label: str) -> tuple[Interface, Definition]:
        """The definition that a type's name in a scope stands for, however often it is used on the way."""
        interface = self.scopes[scope]
        while label in interface.uses:
            origin = interface.uses[label]
            interface, label = self.scopes[origin.scope], origin.label
        return interface, interface.definitions[label]

    def declared(self, scope: str, label: str) -> tuple[Interface, Definition]:
        """The definition that a name leads to by way of all other names: an alias only of what has none."""
        passed = [(scope, label)]
        while passed[-1] not in self.known:
            interface, found = self.find(*passed[-1])
            if isinstance(found, Alias) and isinstance(found.type, Named):
                passed.append((interface.id, found.type.name.text))
            else:
                self.known[passed[-1]] = interface, found
        end = self.known[passed[-1]]
        self.known.update(dict.fromkeys(passed, end))
        return end

    def meant(self, scope: str, type: Type) -> tuple[Interface, Type | Definition]:
        """What a type is when its name, and the aliases behind it, are looked through."""
        if not isinstance(type, Named):
            return self.scopes[scope], type
        interface, found = self.declared(scope, type.name.text)
        return interface, found.type if isinstance(found, Alias) else found


def needed(interface: Interface) -> Iterator[str]:
    """The ids of the scopes whose types an interface uses."""
    yield from dict.fromkeys(origin.scope for origin in interface.uses.values())
