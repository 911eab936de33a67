"""What is generated, decided before any text is made: WIT names, Python names, types, docs.

Pure data. A file of a schema becomes one `Package` with one WIT interface and one Python module. The
emitters (`wit`, `python`, `bridge_file`) only spell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, assert_never

from capwit.codegen.base.graph import components
from capwit.codegen.schema.nodes import Encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capwit.codegen.schema.nodes import Schema, SourceFile


class Key(NamedTuple):
    """Which definition a type refers to.

    `node` is the schema's declaration it comes from; `part` tells apart what one declaration gives rise
    to (`which`: the variant of a struct's unnamed union; `""`: the declaration itself).
    """

    node: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar by its WIT name: `bool`, `s8` to `u64`, `f32`, `f64`."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """`string`."""


@dataclass(frozen=True, slots=True)
class Data:
    """`list<u8>`: bytes."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list<element>`."""

    element: Type


@dataclass(frozen=True, slots=True)
class OptionOf:
    """`option<some>`."""

    some: Type


@dataclass(frozen=True, slots=True)
class Ref:
    """A record, variant or enum."""

    key: Key


@dataclass(frozen=True, slots=True)
class Own:
    """A capability that changes hands."""

    key: Key


@dataclass(frozen=True, slots=True)
class Borrow:
    """A capability that is lent for the time of a call."""

    key: Key


@dataclass(frozen=True, slots=True)
class Index:
    """A struct that contains itself, where its own arena refers to it: a `u32`.

    `key` is that of its arena, `case` its case in the variant over the arena's nodes, if there is one.
    """

    key: Key
    case: str


Type: TypeAlias = Scalar | Text | Data | ListOf | OptionOf | Ref | Own | Borrow | Index


@dataclass(frozen=True, slots=True)
class Names:
    """What a definition is called: its WIT label, and its Python class."""

    label: str
    cls: str


@dataclass(frozen=True, slots=True)
class Field:
    """A record's field, or a function's parameter."""

    label: str
    attribute: str
    type: Type
    doc: str


@dataclass(frozen=True, slots=True)
class Record:
    """A `record`: at least one field."""

    key: Key
    names: Names
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A variant's case: `cls` is its Python class, `type` its payload."""

    label: str
    cls: str
    type: Type | None
    doc: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A `variant`: at least one case."""

    key: Key
    names: Names
    doc: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Enumerant:
    """An enum's case: `attribute` is its Python name."""

    label: str
    attribute: str
    doc: str


@dataclass(frozen=True, slots=True)
class Enum:
    """An `enum`: at least one case."""

    key: Key
    names: Names
    doc: str
    cases: tuple[Enumerant, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A resource's method: `-> result<result, cap-error>`."""

    label: str
    attribute: str
    doc: str
    params: tuple[Field, ...]
    result: Type | None
    pipelined: bool = False  # whether its capability is had before the answer has come
    function: str = ""  # what it stands for in the WIT that the schema was exported from


@dataclass(frozen=True, slots=True)
class Cast:
    """A resource's method that makes a handle of an interface it extends, or of its own: `-> own<key>`."""

    label: str
    attribute: str
    key: Key


@dataclass(frozen=True, slots=True)
class Foreign:
    """A resource that WIT knows already: its `name`, and its interface with the package's version."""

    interface: str
    name: str

    @property
    def package(self) -> str:
        """The package of its interface: `wasi:io@0.2.0`."""
        path, at, version = self.interface.partition("@")
        return f"{path.partition('/')[0]}{at}{version}"


@dataclass(frozen=True, slots=True)
class Resource:
    """An interface; `type_id` is what Cap'n Proto knows it by.

    `methods` are its own and `inherited` those of all that it extends; WIT has them side by side.
    `bases` are what it extends itself, in an order that Python's classes can take; `casts` lead to
    all that it extends and, last, to itself. `untold` tells whether a handle can be had as one of which
    no interface is told (`any-cap`), and back. `declared` tells whether the package's interface declares
    the resource (one that is only exported is not, nor one that is `foreign`); `exports` are the labels of
    the interfaces through which a component exports it itself.
    """

    key: Key
    names: Names
    client: str
    doc: str
    type_id: int
    methods: tuple[Method, ...]
    inherited: tuple[Method, ...]
    bases: tuple[Key, ...]
    casts: tuple[Cast, ...]
    declared: bool
    exports: tuple[str, ...]
    untold: bool = False
    foreign: Foreign | None = None


@dataclass(frozen=True, slots=True)
class Nodes:
    """The variant over the nodes of an arena, where structs contain each other: case and type of each."""

    key: Key
    names: Names
    doc: str
    cases: tuple[tuple[str, Ref], ...]


@dataclass(frozen=True, slots=True)
class Arena:
    """A struct that contains itself: a record `{ nodes: list<nodes> }`, the root first.

    In Python it is what `node` is there. `case` is that of its nodes in the variant `nodes`, if that is one.
    """

    key: Key
    names: Names
    doc: str
    nodes: Ref
    case: str


Definition: TypeAlias = Record | Variant | Enum | Resource | Nodes | Arena


def named(type: Type) -> Key | None:
    """The definition that a type refers to, through lists and options."""
    while isinstance(type, ListOf | OptionOf):
        type = type.element if isinstance(type, ListOf) else type.some
    return type.key if isinstance(type, Ref | Own | Borrow) else None


def mentioned(definition: Definition) -> Iterator[Type]:
    """The types that a definition mentions."""
    match definition:
        case Record():
            yield from (field.type for field in definition.fields)
        case Variant():
            yield from (case.type for case in definition.cases if case.type)
        case Enum():
            pass
        case Nodes():
            yield from (type for _, type in definition.cases)
        case Arena():
            yield definition.nodes
        case Resource():
            yield from (Own(cast.key) for cast in definition.casts)
            for method in (*definition.inherited, *definition.methods):
                yield from (param.type for param in method.params)
                if method.result:
                    yield method.result
        case _:
            assert_never(definition)


def in_order(definitions: Sequence[Definition]) -> list[Definition]:
    """The definitions, each behind those that it is made of; a resource is made of none."""
    by_key = {each.key: each for each in definitions}
    edges = {
        each.key: [key for key in map(named, mentioned(each)) if key in by_key]
        if not isinstance(each, Resource)
        else []
        for each in definitions
    }
    return [by_key[key] for component in components(edges) for key in component]


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
