"""What a package declares: records, variants, enums and resources, by their names in WIT and in Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, assert_never

from capwit.codegen.base.graph import components
from capwit.codegen.model.types import Key, Own, Ref, Type, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


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
