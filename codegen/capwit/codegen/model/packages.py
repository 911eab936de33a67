"""Packages, their worlds and grants, their constants, and all of them together: the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from capwit.codegen.model.definitions import Resource
from capwit.codegen.schema.nodes import Encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.codegen.model.definitions import Definition, Field, Names
    from capwit.codegen.model.types import Key
    from capwit.codegen.schema.nodes import Schema, SourceFile


@dataclass(frozen=True, slots=True)
class Grants:
    """A grants struct: the interface `label` hands out its fields to the components of `world`."""

    key: Key
    names: Names
    world: str
    label: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class GuestInterface:
    """An interface that components implement with objects of their own, which they know by numbers.

    Through the interface `label` they make handles of them; `calls` is where these are called and released.
    """

    key: Key
    label: str
    calls: str


@dataclass(frozen=True, slots=True)
class World:
    """A world: the interfaces that its components import besides the package's own, and those they export."""

    label: str
    imports: tuple[str, ...]
    exports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enumerated:
    """The value of a constant that is an enumerant, by its label: `Durability.DISK`."""

    key: Key
    label: str


@dataclass(frozen=True, slots=True)
class Made:
    """The value of a constant that is a record: its fields' values by attribute."""

    key: Key
    fields: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value of a constant that is a variant: the case by its label, and its payload, if it has one."""

    key: Key
    label: str
    payload: tuple[Value, ...]


Value: TypeAlias = (
    bool | int | float | str | bytes | Encoded | Enumerated | Made | Chosen | tuple["Value", ...] | None
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant: in Python a name, in WIT a line of the interface's doc comment.

    `written` is its value as the schema writes it. One of a type of which nothing is left is `None`.
    """

    label: str
    written: str
    doc: str
    value: Value


@dataclass(frozen=True, slots=True)
class Package:
    """One file of a schema, or several that use each other in a loop: `source` gives the package its name.

    `module` is the Python module that holds its bindings, as other modules import it; `generated` tells
    whether this run writes that module. `definitions` stand in the order of the schema's text.
    """

    source: SourceFile
    stem: str
    module: str
    generated: bool
    name: str
    version: str
    interface: str
    doc: str
    definitions: tuple[Definition, ...]
    grants: tuple[Grants, ...]
    worlds: tuple[World, ...]
    constants: tuple[Constant, ...]
    others: tuple[SourceFile, ...] = ()
    guests: tuple[GuestInterface, ...] = ()

    @property
    def id(self) -> str:
        """The package as WIT names it: `demo:kv@0.1.0`."""
        return f"{self.name}{self.at}"

    @property
    def at(self) -> str:
        """The version as WIT names it, behind the name: `@0.1.0`, or nothing."""
        return f"@{self.version}" if self.version else ""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The package's interfaces."""
        return tuple(each for each in self.definitions if isinstance(each, Resource))

    @property
    def declared(self) -> tuple[Definition, ...]:
        """What the package's WIT interface declares."""
        return tuple(each for each in self.definitions if not isinstance(each, Resource) or each.declared)

    def qualified(self, label: str) -> str:
        """An interface or world of the package, from outside: `demo:kv/app-grants@0.1.0`."""
        return f"{self.name}/{label}{self.at}"


@dataclass(frozen=True, slots=True)
class Model:
    """Everything one run generates: `root` is the schema that was asked for, `packages` what it uses too.

    `schema` is the one whose nodes the definitions' keys name: a generic's brands have nodes of their own.
    """

    root: Package
    packages: tuple[Package, ...]
    definitions: Mapping[Key, Definition]
    homes: Mapping[Key, Package]
    schema: Schema
